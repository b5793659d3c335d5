import { assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import {
  LAST_PORT,
  planPorts,
  type PortWish,
  type UnitBase,
} from "./port_plan.ts";

const UNITS = [{ unit: "api", base: 8000 }];
const API = { project: "Main", unit: "api" };

function plan(
  wish: PortWish,
  taken: readonly number[],
  units: readonly UnitBase[] = UNITS,
) {
  const slots = { slotOf: () => 0, last: 0 };
  return planPorts({ units, wishes: [wish] }, slots, {
    whoHas: (port) =>
      Promise.resolve(taken.includes(port) ? { by: undefined } : undefined),
    whoListens: () => Promise.resolve(undefined),
    kept: () => undefined,
  });
}

Deno.test.each([
  {
    wish: { ...API, fixed: 9000 },
    taken: [9000],
    units: UNITS,
    is: "no_free_port: Cannot give port 9000 to Main api: another program " +
      "has it. Free it, or set another port, or none to get the next free one.",
  },
  {
    wish: API,
    taken: [LAST_PORT],
    units: [{ unit: "api", base: LAST_PORT }],
    is: "no_free_port: Cannot find a port for Main api: none from 65000 to " +
      "65000 is free. Set a lower base port for it, or stop what you do not " +
      "need.",
  },
  {
    wish: { project: "Main", unit: "job" },
    taken: [],
    units: UNITS,
    is: "usage: Cannot plan a port for job: it has none. Give it a port in " +
      "the settings of the repository.",
  },
])("what cannot be planned: $is", async ({ wish, taken, units, is }) => {
  const error = await assertRejects(
    () => plan(wish, taken, units),
    KnownError,
  );
  assertEquals(`${error.code}: ${error.message}. ${error.hint}`, is);
});

Deno.test("the last port of all is given too", async () => {
  const units = [{ unit: "api", base: LAST_PORT - 1 }];
  const [api] = await plan(API, [LAST_PORT - 1], units);
  assertEquals([api?.assigned, api?.retries], [LAST_PORT, 1]);
});

Deno.test("a moved unit keeps its name, and its old port counts for nothing", async () => {
  const previous = { port: 8004, source: "resume" as const, requested: 7000 };
  const [api] = await plan({ ...API, previous }, []);
  assertEquals(api, {
    ...API,
    requested: 8000,
    assigned: 8000,
    final: 8000,
    source: "planner",
    retries: 0,
  });
});

Deno.test("a port that is both wished and had before is asked for once", async () => {
  const previous = { port: 8000, source: "restart" as const };
  const [api] = await plan({ ...API, previous }, [8000]);
  assertEquals([api?.assigned, api?.retries], [8001, 1]);
});
