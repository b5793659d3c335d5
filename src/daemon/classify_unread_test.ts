import { assertEquals } from "@std/assert";
import type { Candidate, Viewpoint } from "./candidate.ts";
import { matchSingleton, singletonOf } from "./classify.ts";
import { SYNC_PORTS } from "./family.ts";

const stale: Candidate = {
  port: 9401,
  pid: 5001,
  spawn: { shape: "unknown", isProofWithoutMarker: false, argv: [] },
  health: {
    responded: false,
    outcome: "no_answer",
    hasOwner: false,
    isDashboardShaped: false,
  },
  credentials: { ownerBlock: "not_read" },
  ownerPresent: false,
};

Deno.test.each([
  { name: "no file", reeve: {}, kitty: {}, is: "no" },
  {
    name: "one in part",
    reeve: {},
    kitty: { singleton: { port: 9401, pid: 6002 } },
    is: "in_part",
  },
  {
    name: "one in part and one in full",
    reeve: { singleton: { port: 9401, pid: 6002 } },
    kitty: { singleton: { port: 9401, pid: 5001 } },
    is: "same",
  },
  {
    name: "one that cannot be read",
    reeve: { stateProblem: "permission denied" },
    kitty: {},
    is: "in_part",
  },
  {
    name: "another one",
    reeve: { singleton: { port: 9402, pid: 6002 } },
    kitty: {},
    is: "no",
  },
])("singletonOf() unread argv with $name: $is", ({ reeve, kitty, is }) => {
  const from: Viewpoint = {
    takenAt: 0,
    family: "sync",
    ports: SYNC_PORTS,
    scopes: { reeve, "spec-kitty": kitty },
  };
  assertEquals(singletonOf(stale, from), is);
});

Deno.test("singletonOf() a readable stranger looks at no state file", () => {
  const stranger: Candidate = {
    ...stale,
    spawn: { shape: "none", isProofWithoutMarker: false, argv: [] },
  };
  const named = { singleton: { port: 9401, pid: 5001 } };
  const from: Viewpoint = {
    takenAt: 0,
    family: "sync",
    ports: SYNC_PORTS,
    scopes: { reeve: named, "spec-kitty": named },
  };
  assertEquals(singletonOf(stranger, from), "no");
});

Deno.test("matchSingleton() without a state file is no", () => {
  assertEquals(matchSingleton(stale, {}), "no");
});
