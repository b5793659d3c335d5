import { assertEquals } from "@std/assert";
import type { CurrentDaemon } from "./current.ts";
import { judgePlacement } from "./placement.ts";

const TOKEN = "36aeeaca1c580397e4a535a311ab974f";
const STATE = { url: "", port: 9401, pid: 5002, token: TOKEN };
const HEALTH = {
  responded: true,
  outcome: "ok",
  hasOwner: true,
  isDashboardShaped: false,
};

function unhealthy(
  change: Partial<Extract<CurrentDaemon, { kind: "unhealthy" }>>,
): CurrentDaemon {
  return {
    kind: "unhealthy",
    read: { kind: "found", state: STATE },
    state: STATE,
    reason: "it is odd",
    isSilent: false,
    isStopping: false,
    ...change,
  };
}

function healthy(change: Partial<typeof STATE> = {}): CurrentDaemon {
  const state = { ...STATE, ...change };
  const read = { kind: "found", state } as const;
  return { kind: "healthy", read, state, health: HEALTH };
}

Deno.test.each([
  { name: "that proves itself", now: healthy(), kind: "in_place" },
  {
    name: "that says that it is stopping",
    now: unhealthy({ isStopping: true }),
    kind: "undecided",
    reason: "it is odd",
  },
  {
    name: "that is silent",
    now: unhealthy({ isSilent: true }),
    kind: "lost",
    reason: "it is odd",
  },
  {
    name: "that has gone",
    now: unhealthy({}),
    kind: "lost",
    reason: "it is odd",
  },
  {
    name: "while another pid is named",
    now: healthy({ pid: 5003 }),
    kind: "lost",
    reason: "the state file names another one",
  },
  {
    name: "while another token is named",
    now: healthy({ token: "0".repeat(32) }),
    kind: "lost",
    reason: "the state file names another one",
  },
  {
    name: "that stops while another one is named",
    now: unhealthy({ isStopping: true, state: { ...STATE, pid: 5003 } }),
    kind: "lost",
    reason: "the state file names another one",
  },
  {
    name: "while the state file is gone",
    now: { kind: "none", read: { kind: "missing" } } as const,
    kind: "lost",
    reason: "the state file is gone",
  },
])("judgePlacement() of a daemon $name says $kind", (row) => {
  const { now, kind, reason } = row;
  const placement = judgePlacement(now, STATE);
  assertEquals<unknown>(
    placement,
    reason === undefined ? { kind } : { kind, reason },
  );
});
