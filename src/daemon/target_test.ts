import { assertEquals } from "@std/assert";
import type { Processes } from "../host/processes.ts";
import type { Proof } from "../process/terminate.ts";
import type { Candidate } from "./candidate.ts";
import { FAMILIES, familyOf } from "./family.ts";
import { isPortClosed, proveTarget, type Target, targetOf } from "./target.ts";
import {
  type FakeProcess,
  type FakeProcessSpec,
  FakeWorld,
  healthReply,
} from "#support/fake_host.ts";

const SCOPE = "/home/ada/.reeve";
const OURS = ["/opt/reeve", "daemon", "run"];
const MARKED = [...OURS, `--reeve-daemon-root=${SCOPE}`];
const PORT = 9401;
const family = familyOf(FAMILIES, "reeve", "sync");

function open(spec: FakeProcessSpec = {}) {
  const world = new FakeWorld();
  const process = world.addProcess({
    pid: 5001,
    argv: MARKED,
    ports: [PORT],
    ...spec,
  });
  const operations: string[] = [];
  const host = world.host({
    pid: 900,
    gate: (operation) => Promise.resolve(operations.push(operation)),
  });
  const { startStamp } = process;
  const target: Target = {
    port: PORT,
    pid: 5001,
    startStamp,
    family,
    scope: SCOPE,
  };
  return { world, process, host, target, operations };
}

type Change = (world: FakeWorld, process: FakeProcess) => void;

/** Both proofs of a target in a world that has changed. */
async function prove(
  change: Change,
): Promise<readonly [strict: string, eased: string]> {
  const { world, process, host, target } = open();
  change(world, process);
  const strict = await proveTarget(host, target);
  const eased = await proveTarget(host, target, { mayHaveClosed: true });
  assertEquals([world.signals, world.requests, world.writes], [[], [], []]);
  return [textOf(strict), textOf(eased)];
}

function textOf(proof: Proof): string {
  return proof.kind === "refused" ? proof.reason : proof.kind;
}

const NOT_OWNER = "it no longer owns the listener";
const CHANGED = "its command line has changed";

function takePort(world: FakeWorld, address = "127.0.0.1"): void {
  world.addProcess({ pid: 6001, ports: [{ port: PORT, address }] });
}

/** What changed since the scan, and what the proof says to it. */
const changes: Readonly<Record<string, readonly [Change, string]>> = {
  "the same process": [() => {}, "proved"],
  "a stopped process": [(_, it) => it.state = "stopped", "proved"],
  "a process that has ended": [(world) => world.endProcess(5001), "gone"],
  "a zombie": [(world) => world.endProcess(5001, { zombie: true }), "gone"],
  "another start of the same program": [
    (world) => world.reusePid(5001, { argv: MARKED, ports: [PORT] }),
    "gone",
  ],
  "a process that cannot be read": [
    (world) => world.hideProcess(5001),
    "its process cannot be read",
  ],
  "a listener of another process": [(world, it) => {
    it.unlisten(PORT);
    takePort(world);
  }, NOT_OWNER],
  "a more specific listener of another process": [(world, it) => {
    it.sockets = [{ port: PORT, address: "0.0.0.0" }];
    takePort(world);
  }, NOT_OWNER],
  "a less specific listener of another process": [
    (world) => takePort(world, "0.0.0.0"),
    "proved",
  ],
  "a mapped listener before that of another": [(world, it) => {
    it.sockets = [{ port: PORT, address: "::ffff:127.0.0.1" }];
    takePort(world, "0.0.0.0");
  }, "proved"],
  "a listener whose owner is unseen": [
    (world) => world.table.hideOwner(5001),
    NOT_OWNER,
  ],
  "an unknown listener table": [
    (world) => world.hideListeners("no right"),
    NOT_OWNER,
  ],
  "another program": [(_, it) => it.argv = ["/opt/other"], CHANGED],
  "another scope": [
    (_, it) => it.argv = [...OURS, "--reeve-daemon-root=/home/ada/other"],
    CHANGED,
  ],
  "no marker": [(_, it) => it.argv = OURS, CHANGED],
  "another family": [(_, it) => it.argv = MARKED.with(1, "dashboard"), CHANGED],
  "another product": [(_, it) => {
    const marker = `--spec-kitty-daemon-root=${SCOPE}`;
    it.argv = ["python", "-c", "run_sync_daemon(9401, 'x')", marker];
  }, CHANGED],
  "an argument vector that cannot be read": [
    (_, it) => it.argv = undefined,
    "its command line cannot be read",
  ],
  "a scope that cannot be resolved": [
    (world) => void world.failFiles(SCOPE, "io", { operation: "realPath" }),
    CHANGED,
  ],
  "a symbolic link to its scope": [(world, it) => {
    world.disk.putDirectory(SCOPE);
    world.disk.putLink("/home/ada/link", SCOPE);
    it.argv = [...OURS, "--reeve-daemon-root=/home/ada/link"];
  }, "proved"],
  "a slash behind its scope": [
    (_, it) => it.argv = [...OURS, `--reeve-daemon-root=${SCOPE}/`],
    "proved",
  ],
};

Deno.test.each(
  Object.entries(changes).map(([name, [change, says]]) => ({
    name,
    change,
    says,
  })),
)("proveTarget() of $name says $says", async ({ change, says }) => {
  assertEquals(await prove(change), [says, says]);
});

Deno.test("proveTarget() takes a closed port only when it may be closed", async () => {
  const close: Change = (_, process) => process.unlisten(PORT);
  assertEquals(await prove(close), [NOT_OWNER, "proved"]);
  const closeAndExec: Change = (_, process) => {
    process.unlisten(PORT);
    process.argv = ["/opt/other"];
  };
  assertEquals(await prove(closeAndExec), [NOT_OWNER, CHANGED]);
});

Deno.test.each([
  { name: "an unseen twin", owners: [[5001], []] },
  { name: "another owner too", owners: [[5001, 6001]] },
  { name: "another owner", owners: [[6001]] },
])("proveTarget() refuses a listener with $name", async ({ owners }) => {
  const { host, target } = open();
  const address = "127.0.0.1";
  const listeners = owners.map((pids) => ({
    port: PORT,
    address,
    pids,
    uid: 1,
  }));
  const table = { kind: "table", listeners, isComplete: true } as const;
  const processes: Processes = {
    ...host.processes,
    listeners: () => Promise.resolve(table),
  };
  const proof = await proveTarget({ files: host.files, processes }, target);
  assertEquals(textOf(proof), NOT_OWNER);
});

Deno.test.each([
  { port: 9399, proof: "its port is outside the range" },
  { port: 9400, proof: "proved" },
  { port: 9449, proof: "proved" },
  { port: 9450, proof: "its port is outside the range" },
])("proveTarget() on port $port says $proof", async ({ port, proof }) => {
  const { host, target, operations } = open({ ports: [port] });
  assertEquals(textOf(await proveTarget(host, { ...target, port })), proof);
  const looked = ["inspect 5001", `listeners ${port}-${port}`];
  assertEquals(operations.slice(0, 2), proof === "proved" ? looked : []);
});

const candidate: Candidate = {
  port: PORT,
  pid: 5001,
  process: { startStamp: "77", state: "running" },
  spawn: {
    shape: "marked",
    product: "reeve",
    family: "sync",
    isProofWithoutMarker: false,
    scope: SCOPE,
    argv: [],
  },
  health: {
    responded: true,
    outcome: "ok",
    hasOwner: true,
    isDashboardShaped: false,
  },
  credentials: { ownerBlock: "absent" },
  ownerPresent: true,
};
const { pid: _, ...withoutPid } = candidate;
const { process: __, ...withoutProcess } = candidate;
const { scope: ___, ...unmarked } = candidate.spawn;
const { product: ____, ...nobodys } = candidate.spawn;
const full = { port: PORT, pid: 5001, startStamp: "77", family };

Deno.test.each([
  { name: "a proved one", of: candidate, target: { ...full, scope: SCOPE } },
  {
    name: "an unmarked one",
    of: { ...candidate, spawn: unmarked },
    target: full,
  },
  { name: "one without a pid", of: withoutPid, target: undefined },
  { name: "an unreadable one", of: withoutProcess, target: undefined },
  {
    name: "one without a product",
    of: { ...candidate, spawn: nobodys },
    target: undefined,
  },
  {
    name: "a dashboard",
    of: { ...candidate, spawn: { ...unmarked, family: "dashboard" } as const },
    target: { ...full, family: familyOf(FAMILIES, "reeve", "dashboard") },
  },
])("targetOf() $name", ({ of, target }) => {
  assertEquals<unknown>(targetOf(of, FAMILIES), target);
});

Deno.test("targetOf() knows no target of a family that it is not given", () => {
  assertEquals(targetOf(candidate, []), undefined);
});

const hide: Change = (world) => world.hideListeners("no right");
const omit: Change = (world) => {
  world.table.isComplete = false;
  world.table.hideOwner(5001);
};
const closing: Readonly<
  Record<string, readonly [FakeProcessSpec, Change, boolean, number]>
> = {
  "nothing": [{ ports: [] }, () => {}, true, 1],
  "a listener": [{}, () => {}, false, 0],
  "a full accept queue": [{ acceptQueueFull: true }, () => {}, false, 0],
  "a listener on ::1 only": [
    { ports: [{ port: PORT, address: "::1" }] },
    () => {},
    true,
    1,
  ],
  "nothing and no table": [{ ports: [] }, hide, true, 1],
  "an answer, no table": [{ respond: () => healthReply({}) }, hide, false, 1],
  "a full accept queue and no table": [
    { acceptQueueFull: true },
    hide,
    false,
    1,
  ],
  "a silent listener that no table shows": [{}, omit, false, 1],
};

Deno.test.each(
  Object.entries(closing).map(([name, [spec, change, isClosed, asked]]) => ({
    name,
    spec,
    change,
    isClosed,
    asked,
  })),
)(
  "isPortClosed() with $name is $isClosed",
  async ({ spec, change, isClosed, asked }) => {
    const { world, process, host, operations } = open(spec);
    change(world, process);
    assertEquals(await isPortClosed(host, PORT), isClosed);
    assertEquals(operations[0], `listeners ${PORT}-${PORT}`);
    const request = {
      port: PORT,
      method: "GET",
      path: "/api/health",
      timeoutMs: 200,
    } as const;
    assertEquals(world.requests, asked === 0 ? [] : [request]);
  },
);
