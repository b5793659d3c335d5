import { assert, assertEquals } from "@std/assert";
import type { Candidate, Viewpoint } from "./candidate.ts";
import { classify } from "./classify.ts";
import { SYNC_PORTS } from "./family.ts";
import { findFlips } from "./flip.ts";

const silence = {
  responded: false,
  outcome: "no_answer",
  hasOwner: false,
  isDashboardShaped: false,
};
const stale: Candidate = {
  port: 9401,
  pid: 5001,
  spawn: {
    shape: "marked",
    product: "reeve",
    family: "sync",
    isProofWithoutMarker: false,
    scope: "/own",
    argv: [],
  },
  health: {
    ...silence,
    responded: true,
    outcome: "ok",
    status: "ok",
    product: "reeve",
    daemonFamily: "sync",
    protocolVersion: 1,
    ownerPid: 5001,
    ownerPort: 9401,
    hasOwner: true,
  },
  credentials: { ownerBlock: "not_read" },
  ownerPresent: true,
};
const { spawn, health } = stale;
const { scope: _, ...unmarked } = spawn;
const { pid: __, ...noPid } = stale;
const { daemonFamily: ___, ...oldHealth } = health;
/** Its report is another daemon's, and the shared record explains it. */
const legacy: Candidate = {
  ...stale,
  spawn: { ...spawn, isProofWithoutMarker: true, port: 9401 },
  health: { ...oldHealth, ownerPid: 6002 },
  credentials: { argvTokenIsHealthToken: true, ownerBlock: "is_on_disk" },
};
const HERE: Viewpoint = {
  takenAt: 0,
  family: "sync",
  ports: SYNC_PORTS,
  scopes: { reeve: { scope: "/own" }, "spec-kitty": { scope: "/kitty" } },
};

function named(singleton: Viewpoint["scopes"]["reeve"]["singleton"] = {}) {
  const reeve = { scope: "/own", singleton };
  return { ...HERE, scopes: { ...HERE.scopes, reeve } };
}

const rows: readonly {
  readonly name: string;
  readonly candidate: Candidate;
  readonly from?: Viewpoint;
}[] = [
  { name: "safe_auto", candidate: stale },
  { name: "safe_auto of an old daemon", candidate: legacy },
  { name: "pre_marker", candidate: { ...stale, spawn: unmarked } },
  {
    name: "cross_root",
    candidate: { ...stale, spawn: { ...spawn, scope: "/other" } },
  },
  { name: "unresponsive", candidate: { ...stale, health: silence } },
  {
    name: "unresponsive by its status",
    candidate: { ...stale, health: { ...health, status: "bad" } },
  },
  {
    name: "pid_port_mismatch",
    candidate: { ...stale, health: { ...health, ownerPid: 6002 } },
  },
  {
    name: "pid_port_mismatch by its scope",
    candidate: { ...stale, health: { ...health, scope: "/other" } },
  },
  {
    name: "pid_port_mismatch by the state file",
    candidate: stale,
    from: named({ port: 9401, pid: 6002 }),
  },
  {
    name: "is_recorded_singleton",
    candidate: stale,
    from: named({ port: 9401, pid: 5001 }),
  },
  { name: "third_party", candidate: { ...stale, spawn: shape("none") } },
  {
    name: "not_spec_kitty",
    candidate: { ...stale, spawn: shape("none"), health: silence },
  },
  { name: "missing_pid", candidate: noPid },
  {
    name: "missing_pid by its argv",
    candidate: { ...stale, spawn: shape("unknown") },
  },
  { name: "out_of_range", candidate: { ...stale, port: 9450 } },
  {
    name: "dashboard_family",
    candidate: { ...stale, health: { ...health, isDashboardShaped: true } },
  },
];

function shape(shape: "none" | "unknown"): Candidate["spawn"] {
  return { shape, isProofWithoutMarker: false, argv: [] };
}

type Change = (c: Candidate, from: Viewpoint) => [Candidate, Viewpoint];

/** What each sentence means, written down a second time. */
const MEANINGS: Readonly<Record<string, Change>> = {
  "its argv were not a daemon's": (c, from) => [
    { ...c, spawn: { ...c.spawn, shape: "none" } },
    from,
  ],
  "its argv were a daemon's with our marker": (c, from) => [
    { ...c, spawn: { ...spawn, ...c.spawn, shape: "marked", scope: "/own" } },
    from,
  ],
  "its marker named our scope": (c, from) => [
    { ...c, spawn: { ...c.spawn, scope: "/own" } },
    from,
  ],
  "its marker named another scope": (c, from) => [
    { ...c, spawn: { ...c.spawn, scope: "/elsewhere" } },
    from,
  ],
  "it did not answer": (c, from) => [{ ...c, health: silence }, from],
  "it answered with its own pid and port": (c, from) => {
    const { product: _, daemonFamily: __, ...plain } = health;
    const { pid, port } = c;
    const answered = { ...plain, ...c.health, responded: true, status: "ok" };
    return [{
      ...c,
      health: {
        ...answered,
        ...(pid === undefined ? {} : { ownerPid: pid }),
        ownerPort: port,
      },
    }, from];
  },
  "its report named another process": (c, from) => [{
    ...c,
    health: { ...c.health, ownerPid: 1, ownerPort: c.port },
    credentials: { ...c.credentials, ownerBlock: "not_on_disk" },
  }, from],
  "its process could not be found": ({ pid: _, ...rest }, from) => [rest, from],
  "the state file named it": (c) => [c, named({ port: c.port })],
  "the state file did not name it": (c) => [c, named()],
};

Deno.test.each(rows)(
  "findFlips() of $name tells what the table says",
  ({ candidate, from = HERE }) => {
    const now = classify(candidate, from);
    const expected = Object.entries(MEANINGS).flatMap(([words, change]) => {
      const then = classify(...change(candidate, from));
      return then.skipReason === now.skipReason
        ? []
        : [`${words}: ${then.cleanupClass} ${then.skipReason}`];
    });
    assertEquals(
      findFlips(candidate, from).map((flip) =>
        `${flip.change}: ${flip.cleanupClass} ${flip.skipReason}`
      ),
      expected,
    );
  },
);

Deno.test.each(
  rows.filter(({ name }) =>
    !name.startsWith("missing_pid") && name !== "out_of_range" &&
    name !== "dashboard_family"
  ),
)(
  "findFlips() of $name is not empty",
  ({ candidate, from = HERE }) => assert(findFlips(candidate, from).length > 0),
);

Deno.test("findFlips() of safe_auto leads to both other classes", () => {
  const classes = findFlips(stale, HERE).map((flip) => flip.cleanupClass);
  assertEquals([...new Set(classes)].toSorted(), [
    "never_touch",
    "operator_required",
  ]);
});

Deno.test.each([
  { name: "cross_root", fact: "scope_marker" },
  { name: "pre_marker", fact: "scope_marker" },
  { name: "unresponsive", fact: "health_answer" },
  { name: "pid_port_mismatch", fact: "health_answer" },
  { name: "is_recorded_singleton", fact: "named_by_state_file" },
  { name: "third_party", fact: "spawn_shape" },
])("findFlips() of $name leads to safe_auto by $fact", ({ name, fact }) => {
  const row = rows.find((row) => row.name === name);
  assert(row);
  const { candidate, from = HERE } = row;
  const flips = findFlips(candidate, from);
  const safe = flips.filter((flip) => flip.cleanupClass === "safe_auto");
  assert(safe.some((flip) => flip.fact === fact), JSON.stringify(flips));
});

Deno.test("findFlips() knows the scope of the candidate's product", () => {
  const kitty: Candidate = {
    ...stale,
    spawn: { ...spawn, product: "spec-kitty", scope: "/other" },
  };
  const flips = findFlips(kitty, HERE);
  assert(flips.some((flip) => flip.cleanupClass === "safe_auto"));
});
