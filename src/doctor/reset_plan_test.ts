import {
  assert,
  assertEquals,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import type { Candidate } from "../daemon/candidate.ts";
import { FAMILIES, SYNC_PORTS } from "../daemon/family.ts";
import type { Scan } from "../daemon/scan.ts";
import { planSweep } from "../daemon/sweep_plan.ts";
import { KnownError } from "../errors.ts";
import { type Files, HostError } from "../host/host.ts";
import {
  findDrift,
  hashFacts,
  readResetPlan,
  type ResetPlan,
  toResetPlan,
} from "./reset_plan.ts";

const stale: Candidate = {
  port: 9401,
  pid: 5001,
  process: { startStamp: "77", startedAt: 1, state: "running" },
  spawn: {
    shape: "marked",
    product: "reeve",
    family: "sync",
    isProofWithoutMarker: false,
    scope: "/r",
    argv: ["reeve", "daemon", "run"],
  },
  health: {
    responded: true,
    outcome: "ok",
    packageVersion: "0.1.0",
    ownerPid: 5001,
    ownerPort: 9401,
    hasOwner: true,
    isDashboardShaped: false,
  },
  credentials: { ownerBlock: "not_read" },
  ownerPresent: true,
};
const second: Candidate = {
  ...stale,
  port: 9402,
  pid: 5002,
  health: { ...stale.health, ownerPid: 5002, ownerPort: 9402 },
};
const found: Scan = {
  machine: { host: "moon", bootId: "b1", pidNamespace: "n1" },
  viewpoint: {
    takenAt: Date.UTC(2026, 0, 1),
    family: "sync",
    ports: SYNC_PORTS,
    scopes: { reeve: { scope: "/r" }, "spec-kitty": {} },
  },
  candidates: [stale, second],
};
const options = { scope: "/r", isForced: false };

function planOf(candidates: readonly Candidate[] = [stale, second]) {
  const plan = planSweep(candidates, found.viewpoint, {
    agreesTo: () => false,
    families: FAMILIES,
  });
  return toResetPlan(plan, found, options);
}

const plan = await planOf();
const [first] = plan.targets;

Deno.test("toResetPlan() writes down what, where and why", () => {
  assertEquals(plan.targets.map(({ port }) => port), [9401, 9402]);
  assertEquals<unknown>(first, {
    "pid": 5001,
    "port": 9401,
    "start_stamp": "77",
    "product": "reeve",
    "singleton_scope_id": "/r",
    "cleanup_class": "safe_auto",
    "row": "9",
    "reason":
      "It is a stale daemon of this state root and proves it in every way.",
  });
  assertEquals(plan.machine, {
    "host": "moon",
    "boot_id": "b1",
    "pid_namespace": "n1",
  });
  assertEquals(plan.created_at, "2026-01-01T00:00:00.000Z");
  assertEquals([plan.daemon_family, plan.force], ["sync", false]);
});

function machine(change: Partial<ResetPlan["machine"]>): Partial<ResetPlan> {
  return { "machine": { ...plan.machine, ...change } };
}

function target(change: Partial<ResetPlan["targets"][number]>) {
  return {
    "targets": plan.targets.map((row, at) =>
      at === 0 ? { ...row, ...change } : row
    ),
  };
}

const ELSEWHERE = "the plan was made on another machine or before a restart";
const CHANGED = "port 9401: process 5001 is not what it was";

const rows: readonly {
  readonly name: string;
  readonly plan?: Partial<ResetPlan>;
  readonly now?: Partial<ResetPlan>;
  readonly is: readonly string[];
}[] = [
  { name: "nothing", is: [] },
  { name: "the host name", now: machine({ "host": "sun" }), is: [] },
  { name: "the time", now: { "created_at": "later" }, is: [] },
  { name: "the boot", now: machine({ "boot_id": "b2" }), is: [ELSEWHERE] },
  {
    name: "the namespace",
    now: machine({ "pid_namespace": "n2" }),
    is: [ELSEWHERE],
  },
  {
    name: "the boot to unknown",
    now: machine({ "boot_id": null }),
    is: [ELSEWHERE],
  },
  {
    name: "nothing between two unknown boots",
    plan: machine({ "boot_id": null }),
    now: machine({ "boot_id": null }),
    is: [ELSEWHERE],
  },
  {
    name: "nothing where there are no namespaces",
    plan: machine({ "pid_namespace": null }),
    now: machine({ "pid_namespace": null }),
    is: [],
  },
  {
    name: "the state root",
    now: { "singleton_scope_id": "/x" },
    is: ["the plan is for the state root /r"],
  },
  {
    name: "a target that is gone",
    now: { "targets": plan.targets.slice(1) },
    is: ["port 9401: process 5001 may no longer be stopped"],
  },
  {
    name: "a target that is new",
    plan: { "targets": plan.targets.slice(1) },
    is: ["port 9401: 5001 is new"],
  },
  { name: "a pid", now: target({ "pid": 6002 }), is: [CHANGED] },
  { name: "a start", now: target({ "start_stamp": "78" }), is: [CHANGED] },
  {
    name: "a scope",
    now: target({ "singleton_scope_id": "/x" }),
    is: [CHANGED],
  },
  {
    name: "a class",
    now: target({ "cleanup_class": "operator_required" }),
    is: [CHANGED],
  },
  { name: "a product", now: target({ "product": "x" }), is: [CHANGED] },
  {
    name: "only the hash",
    now: { "facts_hash": "0" },
    is: ["a fact about a target has changed"],
  },
  {
    name: "the hash and a pid",
    now: { ...target({ "pid": 6002 }), "facts_hash": "0" },
    is: [CHANGED],
  },
];

Deno.test.each(rows)("findDrift() when $name changed: $is", (row) => {
  const drift = findDrift({ ...plan, ...row.plan }, { ...plan, ...row.now });
  assertEquals([...drift], [...row.is]);
});

Deno.test("hashFacts() does not depend on any order", async () => {
  const hash = await hashFacts([stale, second]);
  assert(/^[0-9a-f]{64}$/.test(hash));
  assertEquals(await hashFacts([second, stale]), hash);
  const { port, spawn, ...rest } = stale;
  assertEquals(await hashFacts([second, { ...rest, spawn, port }]), hash);
});

Deno.test.each(
  [
    { name: "the port", change: { port: 9403 } },
    { name: "the pid", change: { pid: 6002 } },
    {
      name: "the process",
      change: { process: { startStamp: "78", startedAt: 1, state: "running" } },
    },
    { name: "the scope", change: { spawn: { ...stale.spawn, scope: "/x" } } },
    {
      name: "the order of argv",
      change: { spawn: { ...stale.spawn, argv: ["daemon", "reeve", "run"] } },
    },
    {
      name: "the version",
      change: { health: { ...stale.health, packageVersion: "0.1.1" } },
    },
    { name: "the tokens", change: { credentials: { ownerBlock: "absent" } } },
    { name: "the owner record", change: { ownerPresent: false } },
  ] as const,
)("hashFacts() changes with $name", async ({ change }) => {
  const changed = await hashFacts([{ ...stale, ...change }]);
  assertNotEquals(changed, await hashFacts([stale]));
});

function hostOf(readText: Files["readText"]) {
  const unused = (): never => {
    throw new TypeError("Cannot be used here");
  };
  const files: Files = {
    readText,
    writeAtomic: unused,
    append: unused,
    remove: unused,
    list: unused,
    stat: unused,
    realPath: unused,
    tryLock: unused,
  };
  return { files };
}

function reread(value: unknown): Promise<ResetPlan> {
  const text = JSON.stringify(value);
  return readResetPlan(hostOf(() => Promise.resolve(text)), "/p.json");
}

Deno.test("readResetPlan() reads what toResetPlan() made", async () => {
  assertEquals(await reread(plan), plan);
});

Deno.test("readResetPlan() of a reordered file shows no drift", async () => {
  const targets = plan.targets.map((row) =>
    Object.fromEntries(Object.entries(row).toReversed())
  );
  assertEquals(findDrift(await reread({ ...plan, targets }), plan), []);
});

Deno.test.each([
  {
    name: "a wrong pid",
    change: { "targets": [{ "pid": "1" }] },
    code: "damaged_file",
  },
  { name: "another document", change: { "schema": "x" }, code: "damaged_file" },
  { name: "a newer one", change: { "schema_version": 2 }, code: "newer_file" },
])("readResetPlan() of $name: $code", async ({ change, code }) => {
  const error = await assertRejects(
    () => reread({ ...plan, ...change }),
    KnownError,
    "/p.json",
  );
  assertEquals<string>(error.code, code);
});

Deno.test.each(
  [
    { code: "not_found", is: "not_found" },
    { code: "permission_denied", is: "unreadable" },
  ] as const,
)("readResetPlan() of a file that is $code", async ({ code, is }) => {
  const refuse = () => Promise.reject(new HostError(code, "/p.json"));
  const error = await assertRejects(
    () => readResetPlan(hostOf(refuse), "/p.json"),
    KnownError,
  );
  assertEquals<string>(error.code, is);
  assert(error.hint?.includes("reeve auth doctor --plan"));
});
