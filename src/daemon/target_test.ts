import { assertEquals } from "@std/assert";
import type { Listener } from "../host/processes.ts";
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

/** Both proofs of a target in a world that has changed. */
async function prove(
  change: (world: FakeWorld, process: FakeProcess) => void,
  spec: FakeProcessSpec = {},
): Promise<readonly [strict: string, eased: string]> {
  const { world, process, host, target } = open(spec);
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
type Change = (world: FakeWorld, process: FakeProcess) => void;

function takePort(world: FakeWorld, address = "127.0.0.1"): void {
  world.addProcess({ pid: 6001, ports: [{ port: PORT, address }] });
}

const listeners: readonly { name: string; change: Change; proof: string }[] = [
  { name: "the same process", change: () => {}, proof: "proved" },
  {
    name: "a stopped process",
    change: (_, process) => process.state = "stopped",
    proof: "proved",
  },
  {
    name: "a process that has ended",
    change: (world) => world.endProcess(5001),
    proof: "gone",
  },
  {
    name: "a zombie",
    change: (world) => world.endProcess(5001, { zombie: true }),
    proof: "gone",
  },
  {
    name: "another start of the same program",
    change: (world) => world.reusePid(5001, { argv: MARKED, ports: [PORT] }),
    proof: "gone",
  },
  {
    name: "a process that cannot be read",
    change: (world) => world.hideProcess(5001),
    proof: "its process cannot be read",
  },
  {
    name: "a listener of another process",
    change: (world, process) => {
      process.unlisten(PORT);
      takePort(world);
    },
    proof: NOT_OWNER,
  },
  {
    name: "a more specific listener of another process",
    change: (world, process) => {
      process.sockets = [{ port: PORT, address: "0.0.0.0" }];
      takePort(world);
    },
    proof: NOT_OWNER,
  },
  {
    name: "a less specific listener of another process",
    change: (world) => takePort(world, "0.0.0.0"),
    proof: "proved",
  },
  {
    name: "a listener whose owner is unseen",
    change: (world) => world.table.hideOwner(5001),
    proof: NOT_OWNER,
  },
  {
    name: "an unknown listener table",
    change: (world) => world.hideListeners("no right"),
    proof: NOT_OWNER,
  },
  {
    name: "an argument vector without our shape",
    change: (_, process) => process.argv = ["/opt/other"],
    proof: CHANGED,
  },
  {
    name: "an argument vector of another scope",
    change: (_, process) =>
      process.argv = [...OURS, "--reeve-daemon-root=/home/ada/other"],
    proof: CHANGED,
  },
  {
    name: "an argument vector without a marker",
    change: (_, process) => process.argv = OURS,
    proof: CHANGED,
  },
  {
    name: "an argument vector of another family",
    change: (_, process) => process.argv = MARKED.with(1, "dashboard"),
    proof: CHANGED,
  },
  {
    name: "an argument vector of another product",
    change: (_, process) => {
      const marker = `--spec-kitty-daemon-root=${SCOPE}`;
      process.argv = ["python", "-c", "run_sync_daemon(9401, 'x')", marker];
    },
    proof: CHANGED,
  },
  {
    name: "an argument vector that cannot be read",
    change: (_, process) => process.argv = undefined,
    proof: "its command line cannot be read",
  },
  {
    name: "a scope that cannot be resolved",
    change: (world) =>
      void world.failFiles(SCOPE, "permission_denied", {
        operation: "realPath",
      }),
    proof: CHANGED,
  },
  {
    name: "a symbolic link to its scope",
    change: (world, process) => {
      world.disk.putDirectory(SCOPE);
      world.disk.putLink("/home/ada/link", SCOPE);
      process.argv = [...OURS, "--reeve-daemon-root=/home/ada/link"];
    },
    proof: "proved",
  },
  {
    name: "a slash behind its scope",
    change: (_, process) =>
      process.argv = [...OURS, `--reeve-daemon-root=${SCOPE}/`],
    proof: "proved",
  },
];

Deno.test.each([...listeners])(
  "proveTarget() of $name says $proof",
  async ({ change, proof }) => {
    assertEquals(await prove(change), [proof, proof]);
  },
);

Deno.test("proveTarget() takes a closed port only when it may be closed", async () => {
  const close: Change = (_, process) => process.unlisten(PORT);
  assertEquals(await prove(close), [NOT_OWNER, "proved"]);
  const closeAndExec: Change = (_, process) => {
    process.unlisten(PORT);
    process.argv = ["/opt/other"];
  };
  assertEquals(await prove(closeAndExec), [NOT_OWNER, CHANGED]);
});

Deno.test("proveTarget() refuses a listener with an unseen twin", async () => {
  const { host, target } = open();
  const row: Listener = {
    port: PORT,
    address: "127.0.0.1",
    pids: [5001],
    uid: 1000,
  };
  const table = {
    kind: "table",
    listeners: [row, { ...row, pids: [] }],
    isComplete: true,
  } as const;
  const processes = {
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

const closing: readonly {
  name: string;
  spec: FakeProcessSpec;
  change?: (world: FakeWorld) => void;
  isClosed: boolean;
  asked: number;
}[] = [
  { name: "nothing", spec: { ports: [] }, isClosed: true, asked: 1 },
  { name: "a listener", spec: {}, isClosed: false, asked: 0 },
  {
    name: "a listener that accepts nothing",
    spec: { acceptQueueFull: true },
    isClosed: false,
    asked: 0,
  },
  {
    name: "a listener on ::1 only",
    spec: { ports: [{ port: PORT, address: "::1" }] },
    isClosed: true,
    asked: 1,
  },
  {
    name: "nothing that the table could tell of",
    spec: { ports: [] },
    change: (world) => world.hideListeners("no right"),
    isClosed: true,
    asked: 1,
  },
  {
    name: "an answer but no table",
    spec: { respond: () => healthReply({}) },
    change: (world) => world.hideListeners("no right"),
    isClosed: false,
    asked: 1,
  },
  {
    name: "a full accept queue and no table",
    spec: { acceptQueueFull: true },
    change: (world) => world.hideListeners("no right"),
    isClosed: false,
    asked: 1,
  },
  {
    name: "a silent listener that the table does not show",
    spec: {},
    change: (world) => {
      world.table.isComplete = false;
      world.table.hideOwner(5001);
    },
    isClosed: false,
    asked: 1,
  },
];

Deno.test.each([...closing])(
  "isPortClosed() with $name is $isClosed",
  async ({ spec, change, isClosed, asked }) => {
    const { world, host } = open(spec);
    change?.(world);
    assertEquals(await isPortClosed(host, PORT), isClosed);
    const request = {
      port: PORT,
      method: "GET",
      path: "/api/health",
      timeoutMs: 200,
    } as const;
    assertEquals(world.requests, asked === 0 ? [] : [request]);
  },
);
