import { assert, assertEquals, assertRejects } from "@std/assert";
import { daemonContext } from "../daemon/context.ts";
import { KnownError } from "../errors.ts";
import { reset, type ResetOptions } from "./reset.ts";
import {
  type FakeHostOptions,
  type FakeProcessSpec,
  FakeWorld,
  healthReply,
} from "#support/fake_host.ts";

const SCOPE = "/home/ada/.reeve";
const STATE = `${SCOPE}/sync-daemon`;
const KITTY = "/home/ada/.spec-kitty";
const KITTY_LOCK = `${KITTY}/sync-daemon.lock`;
const TOKEN = "36aeeaca1c580397e4a535a311ab974f";
const OURS = ["/opt/reeve", "daemon", "run"];
const MARKED = [...OURS, `--reeve-daemon-root=${SCOPE}`];
const OTHER = [...OURS, "--reeve-daemon-root=/other"];
const NO_CREATE = { create: false };

/** A stale daemon; the arguments decide whether that needs consent. */
function addStale(world: FakeWorld, port: number, spec: FakeProcessSpec = {}) {
  const { pid = port - 4400, argv = MARKED } = spec;
  const isOurs = argv[0] === OURS[0];
  const payload = {
    status: "ok",
    "daemon_family": "sync",
    "protocol_version": 1,
    "package_version": "3.2.2",
    owner: { pid, port },
    ...(isOurs ? { product: "reeve" } : {}),
  };
  return world.addProcess({
    argv,
    ports: [port],
    respond: ({ method }) => healthReply(payload, method === "GET" ? 200 : 403),
    ...spec,
    pid,
  });
}

function addKitty(world: FakeWorld, port: number, startedAt: number) {
  const script = `run_sync_daemon(${port}, 'x')`;
  const argv = ["python", "-c", script, `--spec-kitty-daemon-root=${KITTY}`];
  return addStale(world, port, { argv, startedAt });
}

async function run(
  world: FakeWorld,
  options: Partial<ResetOptions> = {},
  more: FakeHostOptions = {},
) {
  const host = world.host({ env: { REEVE_HOME: SCOPE }, ...more });
  const outcome = await reset(host, await daemonContext(host), {
    family: "sync",
    command: "auth doctor --reset",
    isForced: false,
    repairsState: false,
    ...options,
  });
  const { swept, skipped, failed } = outcome.result;
  return {
    swept: swept.map(({ port }) => port),
    skipped: skipped.map(({ port, skip_reason: why }) => `${port} ${why}`),
    failed: failed.map(({ port, failure_reason: why }) => `${port} ${why}`),
    messages: outcome.messages,
    signalled: world.signals.map(({ pid }) => pid),
  };
}

const NOTHING = {
  swept: [],
  skipped: [],
  failed: [],
  messages: [],
  signalled: [],
};
const YES = true;
const NO = false;
const yes = () => Promise.resolve(YES);
const no = () => Promise.resolve(NO);

Deno.test("reset() with nobody there does nothing", async () => {
  const world = new FakeWorld();
  assertEquals(await run(world), NOTHING);
});

Deno.test.each<{ name: string; options: Partial<ResetOptions>; all: boolean }>([
  { name: "nobody can be asked", options: {}, all: false },
  { name: "the answer is no", options: { ask: no }, all: false },
  { name: "the answer is yes", options: { ask: yes }, all: true },
  { name: "it is forced", options: { isForced: true, ask: no }, all: true },
])("reset() when $name", async ({ options, all }) => {
  const world = new FakeWorld();
  addStale(world, 9401);
  addStale(world, 9402, { argv: OTHER });
  addStale(world, 9403, { argv: ["/opt/other"] });
  const started: number[] = [];
  let done = 0;
  const outcome = await run(world, {
    onStart: (amount) => started.push(amount),
    onDone: () => done++,
    ...options,
  });
  assertEquals<unknown>(outcome, {
    swept: all ? [9401, 9402] : [9401],
    skipped: all ? [] : ["9402 cross_root"],
    failed: [],
    messages: [],
    signalled: all ? [5001, 5002] : [5001],
  });
  assertEquals([started, done], all ? [[2], 2] : [[1], 1]);
});

Deno.test("reset() shows only those that need consent, and asks nobody without", async () => {
  const world = new FakeWorld();
  const shown: number[][] = [];
  const ask: ResetOptions["ask"] = (candidates) => {
    shown.push(candidates.map(({ port }) => port));
    return no();
  };
  addStale(world, 9401);
  await run(world, { ask });
  assertEquals(shown, []);
  addStale(world, 9402, { argv: OTHER });
  addStale(world, 9404, { argv: OURS });
  await run(world, { ask });
  await run(world, { ask, isForced: true });
  assertEquals(shown, [[9402, 9404]]);
});

Deno.test("reset() stops only those that were shown at the prompt", async () => {
  const world = new FakeWorld();
  addStale(world, 9402, { argv: OTHER });
  addStale(world, 9403, { argv: OTHER });
  const ask = () => {
    addStale(world, 9404, { argv: OTHER });
    world.endProcess(5003);
    addStale(world, 9403, { argv: OTHER });
    return yes();
  };
  const outcome = await run(world, { ask });
  assertEquals(outcome, {
    ...NOTHING,
    swept: [9402],
    skipped: ["9403 cross_root", "9404 cross_root"],
    signalled: [5002],
  });
});

const YOUNG = 20_999;
const OLD = 21_000;

Deno.test.each([
  { name: "is held", lock: "held", skipped: ["9401 starting"] },
  { name: "cannot be read", lock: "denied", skipped: ["9401 starting"] },
  { name: "is free", lock: "free", skipped: [] },
  { name: "is missing", lock: "missing", skipped: [] },
])("reset() when the other product's start lock $name", async (row) => {
  const world = new FakeWorld();
  const now = world.clock.now();
  addKitty(world, 9401, now - YOUNG);
  addKitty(world, 9402, now - OLD);
  addStale(world, 9403, { startedAt: now });
  if (row.lock !== "missing") world.disk.put(KITTY_LOCK, "77\n");
  if (row.lock === "denied") world.failFiles(KITTY_LOCK, "permission_denied");
  const other = world.host({ pid: 901 });
  const tryLock = () => other.files.tryLock(KITTY_LOCK, NO_CREATE);
  const held = row.lock === "held" ? await tryLock() : undefined;
  const during: unknown[] = [];
  const check = async () => void during.push(await tryLock().catch(() => "?"));
  const { swept, skipped } = await run(world, { check });
  const isSpared = row.skipped.length > 0;
  assertEquals(swept, isSpared ? [9402, 9403] : [9401, 9402, 9403]);
  assertEquals<readonly string[]>(skipped, row.skipped);
  assertEquals(during, [
    row.lock.replace("denied", "?").replace("free", "held"),
  ]);
  assertEquals(world.writes.filter((path) => path.startsWith(KITTY)), []);
  if (typeof held === "object") held[Symbol.dispose]();
  if (row.lock === "free") assert(typeof await tryLock() === "object");
});

Deno.test("reset() that its check refuses stops nobody and frees its locks", async () => {
  const world = new FakeWorld();
  addStale(world, 9401);
  world.disk.put(KITTY_LOCK, "");
  const seen: number[] = [];
  const refused = run(world, {
    check: (plan) => {
      seen.push(...plan.stops.map(({ target }) => target.port));
      return Promise.reject(new KnownError("drift", "it has changed"));
    },
  });
  await assertRejects(() => refused, KnownError, "it has changed");
  assertEquals([seen, world.signals], [[9401], []]);
  const other = world.host();
  for (const path of [KITTY_LOCK, `${STATE}.lock`]) {
    assert(typeof await other.files.tryLock(path, NO_CREATE) === "object");
  }
});

Deno.test("reset() gives up when another command holds the lock", async () => {
  const world = new FakeWorld();
  addStale(world, 9401);
  const other = world.host({ pid: 901 });
  const lock = await other.files.tryLock(`${STATE}.lock`, { create: true });
  assert(typeof lock === "object");
  await lock.write("901\n");
  const error = await assertRejects(() => run(world), KnownError);
  assertEquals(error.code, "lock_busy");
  assert(error.message.includes("within 3000 ms: process 901 holds it"));
  assertEquals([world.signals, world.requests], [[], []]);
  lock[Symbol.dispose]();
});

Deno.test("reset() that is interrupted stops and repairs nothing more", async () => {
  const world = new FakeWorld();
  addStale(world, 9401);
  putState(world, 7001);
  const outcome = await run(world, {
    interrupt: AbortSignal.abort(),
    repairsState: true,
  });
  assertEquals(outcome, { ...NOTHING, failed: ["9401 interrupted"] });
  assert(world.disk.textOf(STATE) !== undefined);
});

function putState(world: FakeWorld, pid: number, port = 9420): void {
  const lines = [`http://127.0.0.1:${port}`, port, TOKEN, pid];
  world.disk.put(STATE, lines.join("\n") + "\n");
}

const CLEARED = "The state file was cleared: nothing listens on its port. " +
  "Process 7001 was not touched.";
const SILENT = "The recorded daemon does not answer and was left alone. " +
  "Replace it with: reeve daemon restart";
const repairing = { repairsState: true };

Deno.test("reset() clears a state file that names no daemon", async () => {
  const world = new FakeWorld();
  world.addProcess({ pid: 7001, argv: ["/bin/innocent"] });
  putState(world, 7001);
  assertEquals(await run(world), NOTHING);
  assert(world.disk.textOf(STATE) !== undefined);
  const dashboards = { ...repairing, family: "dashboard" } as const;
  assertEquals(await run(world, dashboards), NOTHING);
  assert(world.disk.textOf(STATE) !== undefined);
  const outcome = await run(world, repairing);
  assertEquals(outcome, { ...NOTHING, messages: [CLEARED] });
  assertEquals(world.disk.textOf(STATE), undefined);
  assertEquals(await run(world, repairing), NOTHING);
});

Deno.test("reset() clears a state file that is damaged", async () => {
  const world = new FakeWorld();
  world.disk.put(STATE, "nonsense");
  const { messages } = await run(world, repairing);
  assertEquals(messages.length, 1);
  assert(messages[0]?.startsWith("The state file was cleared: "));
  assertEquals(world.disk.textOf(STATE), undefined);
});

Deno.test("reset() keeps a recorded daemon that is silent", async () => {
  const world = new FakeWorld();
  world.addProcess({ pid: 7001, argv: MARKED, ports: [9420] });
  putState(world, 7001);
  assertEquals(await run(world, repairing), { ...NOTHING, messages: [SILENT] });
  assert(world.disk.textOf(STATE) !== undefined);
});

Deno.test("reset() says that its journal could not be written", async () => {
  const world = new FakeWorld();
  addStale(world, 9401);
  world.failFiles(`${SCOPE}/signals.jsonl`, "no_space");
  const { swept, messages } = await run(world);
  assertEquals(swept, [9401]);
  assertEquals(messages, [
    `The journal could not be written: ${SCOPE}/signals.jsonl: no space.`,
  ]);
});
