import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { KnownError } from "../errors.ts";
import {
  LAST_PORT,
  layoutPorts,
  planPorts,
  type PortWish,
  SLOT_SPACING,
} from "./port_plan.ts";

const UNITS = [{ unit: "api", base: 8000 }, { unit: "web", base: 3000 }];
const SLOTS: Readonly<Record<string, number>> = { Main: 0, a: 1, b: 2 };

interface World {
  readonly taken?: readonly number[];
  readonly by?: string;
  readonly listener?: string;
  readonly kept?: number;
  readonly units?: typeof UNITS;
}

function plan(wishes: readonly PortWish[], world: World = {}) {
  const { taken = [], by, kept, listener, units = UNITS } = world;
  const slots = { slotOf: (name: string) => SLOTS[name] ?? 0, last: 2 };
  return planPorts({ units, wishes }, slots, {
    whoHas: (port) =>
      Promise.resolve(taken.includes(port) ? { by } : undefined),
    whoListens: () => Promise.resolve(listener),
    kept: () => kept,
  });
}

async function assigned(wishes: readonly PortWish[], world: World = {}) {
  return (await plan(wishes, world)).map(({ assigned }) => assigned);
}

const API = { project: "Main", unit: "api" };
const WEB = { project: "Main", unit: "web" };

Deno.test("a free base port is given as it is", async () => {
  assertEquals(await plan([API]), [{
    project: "Main",
    unit: "api",
    requested: 8000,
    assigned: 8000,
    final: 8000,
    source: "planner",
    retries: 0,
  }]);
});

Deno.test("a busy base port leads to the next one, and says so", async () => {
  const [api] = await plan([API], { taken: [8000] });
  assertEquals(
    [api?.requested, api?.assigned, api?.source, api?.retries],
    [8000, 8001, "retry", 1],
  );
  assertEquals(await assigned([API], { taken: [8000, 8001, 8002] }), [8003]);
});

Deno.test("each project has its slot", async () => {
  const wishes = ["Main", "a", "b"].flatMap((project) => [
    { project, unit: "api" },
    { project, unit: "web" },
  ]);
  assertEquals(await assigned(wishes), [8000, 3000, 8020, 3020, 8040, 3040]);
});

Deno.test("who moves on never takes what another one asks for", async () => {
  const units = [{ unit: "api", base: 8000 }, { unit: "web", base: 8001 }];
  const world = { taken: [8000], units };
  assertEquals(await assigned([API, WEB], world), [8002, 8001]);
  // Not even if that one does not start now, or is of another slot.
  assertEquals(await assigned([API], world), [8002]);
  const far = {
    taken: [8000, 8002],
    units: [UNITS[0], { unit: "web", base: 7983 }],
  };
  assertEquals(
    await assigned([API], {
      taken: far.taken,
      units: far.units.flatMap((u) => u ?? []),
    }),
    [8001],
  );
});

Deno.test("a port that a person sets is taken or refused", async () => {
  const [api] = await plan([{ ...API, fixed: 9000 }]);
  assertEquals(
    [api?.requested, api?.assigned, api?.source, api?.retries],
    [9000, 9000, "env", 0],
  );
  const refused = [
    [{ by: "Main web of repo" }, "Main web of repo has it"],
    [{ listener: "process 7 (nc)" }, "process 7 (nc) has it"],
    [{}, "another program has it"],
  ] as const;
  for (const [who, text] of refused) {
    const error = await assertRejects(
      () => plan([{ ...API, fixed: 9000 }], { taken: [9000], ...who }),
      KnownError,
      `Cannot give port 9000 to Main api: ${text}`,
    );
    assertEquals(error.code, "no_free_port");
  }
  await assertRejects(
    () => plan([{ ...API, fixed: 9000 }, { ...WEB, fixed: 9000 }]),
    KnownError,
    "another service of this start has it",
  );
});

Deno.test("the port before counts while the settings ask for the same", async () => {
  const before = (requested?: number) => ({
    ...API,
    previous: { port: 8004, source: "resume" as const, requested },
  });
  assertEquals(await assigned([before(8000)]), [8004]);
  assertEquals(await assigned([before(7000)]), [8000]);
  const [moved] = await plan([before(7000)], { taken: [8000] });
  assertEquals([moved?.assigned, moved?.retries], [8001, 1]);
});

Deno.test("the port that a unit had before comes first", async () => {
  const before = {
    ...API,
    previous: { port: 8004, source: "restart" as const },
  };
  const [same] = await plan([before]);
  assertEquals(
    [same?.requested, same?.assigned, same?.source, same?.retries],
    [8000, 8004, "restart", 0],
  );
  const [other] = await plan([before], { taken: [8004] });
  assertEquals(
    [other?.assigned, other?.source, other?.retries],
    [8000, "retry", 1],
  );
  const [third] = await plan([before], { taken: [8004, 8000] });
  assertEquals([third?.assigned, third?.retries], [8001, 2]);
});

Deno.test("a port that a unit holds already is kept without asking", async () => {
  const world = { kept: 8007, taken: [8007] };
  assertEquals(await assigned([API], world), [8007]);
  const previous = { port: 8004, source: "resume" as const };
  assertEquals(await assigned([{ ...API, previous }], world), [8007]);
});

Deno.test("a range without a free port is named", async () => {
  const units = [{ unit: "api", base: LAST_PORT - 1 }];
  const error = await assertRejects(
    () => plan([API], { taken: [LAST_PORT - 1, LAST_PORT], units }),
    KnownError,
    `none from ${LAST_PORT - 1} to ${LAST_PORT} is free`,
  );
  assertEquals(error.code, "no_free_port");
});

Deno.test("a unit without a port cannot be planned", async () => {
  await assertRejects(
    () => plan([{ project: "Main", unit: "job" }]),
    KnownError,
  );
});

Deno.test("a layout gives every unit of every slot a port of its own", () => {
  const bases = fc.array(fc.integer({ min: 3000, max: 3100 }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(fc.property(bases, fc.nat(10), (numbers, last) => {
    const units = numbers.map((base, index) => ({ unit: `u${index}`, base }));
    const layout = layoutPorts(units, last);
    const ports = new Set<number>();
    for (let slot = 0; slot <= last; slot++) {
      for (const { unit, base } of units) {
        const port = layout.portOf(slot, unit);
        assert(port !== undefined && port >= base + slot * SLOT_SPACING);
        assert(layout.has(port));
        ports.add(port);
        // What comes later changes nothing.
        assertEquals(layoutPorts(units, last + 3).portOf(slot, unit), port);
      }
    }
    assertEquals(ports.size, units.length * (last + 1));
  }));
});

Deno.test("no two wishes get one port, and none gets a taken one", async () => {
  const port = fc.integer({ min: 8000, max: 8060 });
  const wish = fc.record({
    project: fc.constantFrom("Main", "a", "b"),
    unit: fc.constantFrom("api", "web"),
  });
  const units = [{ unit: "api", base: 8000 }, { unit: "web", base: 8005 }];
  const wishes = fc.uniqueArray(wish, {
    selector: ({ project, unit }) => `${project} ${unit}`,
  });
  await fc.assert(
    fc.asyncProperty(wishes, fc.array(port), async (wanted, taken) => {
      const plans = await plan(wanted, { taken, units });
      assertEquals(
        plans.map(({ unit }) => unit),
        wanted.map(({ unit }) => unit),
      );
      const ports = plans.map(({ assigned }) => assigned);
      assertEquals(new Set(ports).size, ports.length);
      assert(ports.every((one) => !taken.includes(one)));
      for (const { requested, assigned, retries } of plans) {
        assertEquals(retries, assigned - requested);
      }
    }),
  );
});
