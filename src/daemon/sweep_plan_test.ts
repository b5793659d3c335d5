import { assert, assertEquals } from "@std/assert";
import type { Candidate, Viewpoint } from "./candidate.ts";
import { FAMILIES, SYNC_PORTS } from "./family.ts";
import { planSweep, START_WINDOW_MS, type SweepConsent } from "./sweep_plan.ts";

const NOW = 10_000_000;
const stale: Candidate = {
  port: 9401,
  pid: 5001,
  process: { startStamp: "77", startedAt: 0, state: "running" },
  spawn: {
    shape: "marked",
    product: "reeve",
    family: "sync",
    isProofWithoutMarker: false,
    scope: "/own",
    argv: [],
  },
  health: {
    responded: true,
    outcome: "ok",
    status: "ok",
    daemonFamily: "sync",
    protocolVersion: 1,
    ownerPid: 5001,
    ownerPort: 9401,
    hasOwner: true,
    isDashboardShaped: false,
  },
  credentials: { ownerBlock: "not_read" },
  ownerPresent: true,
};
const { spawn, health } = stale;
const { pid: _, process: __, ...noProcess } = stale;
const { scope: ___, ...unmarked } = spawn;
const silent = {
  responded: false,
  outcome: "no_answer",
  hasOwner: false,
  isDashboardShaped: false,
};
const unread: Candidate = {
  ...stale,
  spawn: { shape: "unknown", isProofWithoutMarker: false, argv: [] },
};
const from: Viewpoint = {
  takenAt: NOW,
  family: "sync",
  ports: SYNC_PORTS,
  scopes: { reeve: { scope: "/own" }, "spec-kitty": {} },
};
const agreed: SweepConsent = { agreesTo: () => true, families: FAMILIES };
const asked: SweepConsent = { agreesTo: () => false, families: FAMILIES };

function plan(candidate: Candidate, consent: SweepConsent): string {
  const { stops, skipped } = planSweep([candidate], from, consent);
  return [
    ...stops.map(({ verdict }) => `stop ${verdict.cleanupClass}`),
    ...skipped.map((entry) =>
      `skip ${entry.cleanup_class} ${entry.skip_reason}`
    ),
  ].join();
}

Deno.test.each([
  {
    name: "safe_auto",
    candidate: stale,
    without: "stop safe_auto",
    with: "stop safe_auto",
  },
  {
    name: "cross_root",
    candidate: { ...stale, spawn: { ...spawn, scope: "/other" } },
    without: "skip operator_required cross_root",
    with: "stop operator_required",
  },
  {
    name: "unresponsive",
    candidate: { ...stale, health: silent },
    without: "skip operator_required unresponsive",
    with: "stop operator_required",
  },
  {
    name: "pid_port_mismatch",
    candidate: { ...stale, health: { ...health, ownerPid: 6002 } },
    without: "skip operator_required pid_port_mismatch",
    with: "stop operator_required",
  },
  {
    name: "pre_marker",
    candidate: { ...stale, spawn: { ...unmarked, isProofWithoutMarker: true } },
    without: "skip operator_required pre_marker",
    with: "stop operator_required",
  },
  {
    name: "missing_pid",
    candidate: noProcess,
    without: "skip operator_required missing_pid",
    with: "skip operator_required missing_pid",
  },
  {
    name: "missing_pid by its argv",
    candidate: unread,
    without: "skip operator_required missing_pid",
    with: "skip operator_required missing_pid",
  },
  {
    name: "out_of_range",
    candidate: { ...stale, port: 9450 },
    without: "",
    with: "",
  },
  {
    name: "third_party",
    candidate: {
      ...unread,
      spawn: { ...unread.spawn, shape: "none" as const },
    },
    without: "",
    with: "",
  },
  {
    name: "dashboard_family",
    candidate: { ...stale, health: { ...health, isDashboardShaped: true } },
    without: "",
    with: "",
  },
])("planSweep() of $name: $without, with consent: $with", (row) => {
  assertEquals(plan(row.candidate, asked), row.without);
  assertEquals(plan(row.candidate, agreed), row.with);
});

Deno.test("planSweep() leaves the recorded daemon even with consent", () => {
  const singleton = { port: 9401, pid: 5001 };
  const scopes = { ...from.scopes, reeve: { scope: "/own", singleton } };
  const planned = planSweep([stale], { ...from, scopes }, agreed);
  assertEquals(planned, { stops: [], skipped: [] });
});

Deno.test("planSweep() asks about each unclear daemon on its own", () => {
  const other = { ...stale, spawn: { ...spawn, scope: "/other" } };
  const second = { ...other, port: 9402, pid: 5002 };
  const seen: number[] = [];
  const { stops, skipped } = planSweep([stale, other, second], from, {
    families: FAMILIES,
    agreesTo: ({ port, pid }) => {
      seen.push(port);
      return pid === 5002;
    },
  });
  assertEquals(seen, [9401, 9402]);
  assertEquals(stops.map(({ target }) => target.pid), [5001, 5002]);
  assertEquals(skipped.map(({ pid }) => pid), [5001]);
});

Deno.test("planSweep() writes down what must still hold", () => {
  const [stop] = planSweep([stale], from, asked).stops;
  assert(stop);
  const { target, reason } = stop;
  assertEquals(
    [target.pid, target.port, target.startStamp, target.scope],
    [5001, 9401, "77", "/own"],
  );
  assertEquals([target.family.product, target.family.name], ["reeve", "sync"]);
  assert(reason.endsWith("."));
});

Deno.test("planSweep() says in a sentence why it leaves one", () => {
  const [entry] = planSweep([noProcess], from, agreed).skipped;
  assertEquals(entry, {
    "pid": null,
    "port": 9401,
    "cleanup_class": "operator_required",
    "skip_reason": "missing_pid",
    "detail":
      "Nobody can prove which process it is, so nothing can be sent to it.",
    "command": null,
  });
  const other = { ...stale, spawn: { ...spawn, scope: "/other" } };
  assertEquals(
    planSweep([other], from, asked).skipped[0]?.detail,
    "It serves another state root.",
  );
});

Deno.test("planSweep() touches no family that it was not given", () => {
  const families = FAMILIES.filter((row) => row.product === "spec-kitty");
  const { stops, skipped } = planSweep([stale], from, { ...agreed, families });
  assertEquals([stops.length, skipped.length], [0, 1]);
});

const held = { ...agreed, lockHeldByOthers: ["reeve"] };
const STARTING = "skip safe_auto starting";

Deno.test.each([
  { name: "new", age: 0, consent: held, is: STARTING },
  { name: "young", age: START_WINDOW_MS - 1, consent: held, is: STARTING },
  { name: "old", age: START_WINDOW_MS, consent: held, is: "stop safe_auto" },
  { name: "from the future", age: -5000, consent: held, is: STARTING },
  { name: "of unknown age", age: undefined, consent: held, is: STARTING },
  { name: "young and free", age: 0, consent: agreed, is: "stop safe_auto" },
  {
    name: "young beside another lock",
    age: 0,
    consent: { ...agreed, lockHeldByOthers: ["spec-kitty"] },
    is: "stop safe_auto",
  },
  {
    name: "past a shorter window",
    age: 100,
    consent: { ...held, startWindowMs: 100 },
    is: "stop safe_auto",
  },
  {
    name: "within a longer window",
    age: START_WINDOW_MS,
    consent: { ...held, startWindowMs: START_WINDOW_MS + 1 },
    is: STARTING,
  },
])("planSweep() of a daemon that is $name: $is", ({ age, consent, is }) => {
  const process = { startStamp: "77", state: "running" };
  const candidate = {
    ...stale,
    process: age === undefined ? process : { ...process, startedAt: NOW - age },
  };
  assertEquals(plan(candidate, consent), is);
});

Deno.test("planSweep() spares an unclear daemon that starts", () => {
  const young = {
    ...stale,
    process: { startStamp: "77", startedAt: NOW, state: "running" },
    health: silent,
  };
  assertEquals(plan(young, held), "skip operator_required starting");
});

Deno.test("START_WINDOW_MS is as long as the readiness window", () => {
  assertEquals(START_WINDOW_MS, 21_000);
});

Deno.test("planSweep() puts every other candidate in exactly one list", () => {
  const shapes = ["marked", "unmarked", "none", "unknown"] as const;
  const candidates = shapes.flatMap((shape, at) =>
    [health, silent].flatMap((health, offset) =>
      ["/own", "/other"].map((scope, step) => ({
        ...stale,
        port: 9400 + at * 4 + offset * 2 + step,
        spawn: { ...spawn, shape, scope, isProofWithoutMarker: true },
        health,
      }))
    )
  );
  for (const consent of [asked, agreed, held]) {
    const { stops, skipped } = planSweep(candidates, from, consent);
    const ports = [
      ...stops.map(({ target }) => target.port),
      ...skipped.map((entry) => entry.port),
    ].toSorted((a, b) => a - b);
    // Eight have the shape of a daemon; two more answer with unread argv.
    assertEquals(
      ports,
      [9400, 9401, 9402, 9403, 9404, 9405, 9406, 9407, 9412, 9413],
    );
  }
});

Deno.test("planSweep() says why a young daemon is spared", () => {
  const process = { startStamp: "77", state: "running" };
  const [entry] = planSweep([{ ...stale, process }], from, held).skipped;
  assertEquals(entry?.detail, "Another command may be starting it right now.");
  assertEquals(entry?.command, null);
});
