/** A daemon delivers what short programs leave behind, and knows its work. */

import { assert, assertEquals } from "@std/assert";
import { type LiveProject, liveProject } from "#support/live_project.ts";
import { findDaemonsBelow } from "#support/sandbox.ts";
import { waitUntil } from "#support/wait_until.ts";

const PROGRAM = "tests/programs/emits_then_ends.ts";
const START = ["daemon", "start", "--json"];
const NOBODY = { REEVE_TOKEN: "" };
const TICK = { REEVE_SYNC_DAEMON_TICK_SECONDS: "0.05" };
// Longer than a start may take on a busy machine: it looks at it to the end.
const IDLE = { ...TICK, REEVE_SYNC_DAEMON_IDLE_RETIREMENT_SECONDS: "1.5" };

interface Daemon {
  readonly pid: number;
  readonly port: number;
}

async function startDaemon(
  project: LiveProject,
  env: Readonly<Record<string, string>> = {},
): Promise<Daemon> {
  const { code, json, stderr } = await project.reeve(START, env);
  assertEquals(code, 0, stderr);
  return { pid: json.pid, port: json.port };
}

/** Stops the daemon as a person does, so that nothing outlives its test. */
async function stopDaemon(project: LiveProject): Promise<void> {
  const { code, stderr } = await project.reeve(["daemon", "stop"]);
  assertEquals(code, 0, stderr);
}

async function tokenOf({ sandbox }: LiveProject, { port }: Daemon) {
  const path = `${sandbox.root}/sync/daemon/owner-${port}.json`;
  return JSON.parse(await Deno.readTextFile(path)).token;
}

async function post(
  { port }: Daemon,
  path: string,
  body: Readonly<Record<string, unknown>>,
) {
  const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  return { status: reply.status, json: await reply.json() };
}

async function health({ port }: Daemon) {
  const reply = await fetch(`http://127.0.0.1:${port}/api/health`);
  return await reply.json();
}

function isRunning(project: LiveProject): Promise<boolean> {
  return findDaemonsBelow(project.sandbox.directory)
    .then((pids) => pids.length > 0);
}

Deno.test("what a short program emits is delivered without anybody asking", async () => {
  await using project = await liveProject();
  const daemon = await startDaemon(project);
  const before = performance.now();
  // The program itself has no sign-in: only the daemon can have delivered.
  const { code } = await project.start(PROGRAM, ["ends", "short"], NOBODY)
    .ended;
  assertEquals(code, 0);
  await waitUntil("it is delivered", () => project.stored.length === 1, 5000);
  assert(performance.now() - before < 5000);
  await waitUntil("the queue knows", () => project.counts().delivered === 1);
  assertEquals((await project.reeve(["sync", "now"])).code, 0);
  assertEquals(project.stored.length, 1);
  const { sync } = await health(daemon);
  assertEquals([sync.running, sync["consecutive_failures"]], [true, 0]);
  assert(Date.parse(sync["last_sync"]) > Date.now() - 60_000);
  await stopDaemon(project);
});

Deno.test("a daemon finds what was left behind before it began", async () => {
  await using project = await liveProject();
  const ids = project.fill(2500);
  project.queue.sink.close();
  await startDaemon(project);
  await waitUntil(
    "all is delivered",
    () => project.counts().delivered === 2500,
  );
  assertEquals(project.stored, ids);
  await stopDaemon(project);
});

Deno.test("trigger and publish answer what they did", async () => {
  await using project = await liveProject();
  const { projectId } = project.queue.store;
  const daemon = await startDaemon(project);
  const token = await tokenOf(project, daemon);
  const trigger = "/api/sync/trigger";
  const publish = "/api/sync/publish";
  assertEquals((await post(daemon, trigger, {})).status, 403);
  assertEquals(
    (await post(daemon, trigger, { token, project: 5 })).status,
    400,
  );
  assertEquals((await post(daemon, publish, { token })).status, 400);
  const asked = await post(daemon, trigger, { token, project: projectId });
  assertEquals([asked.status, asked.json], [202, { status: "accepted" }]);
  const [id = ""] = project.fill(1);
  const event = { "project_uuid": projectId, "event_id": id };
  await waitUntil("it is published", async () => {
    const { status, json } = await post(daemon, publish, { token, event });
    assertEquals(json.status, status === 200 ? "published" : "queued");
    return status === 200;
  });
  assertEquals(project.stored, [id]);
  project.server.receiver.faults.set("slow=3000");
  const [slow = ""] = project.fill(1);
  const queued = await post(daemon, publish, {
    token,
    event: { ...event, "event_id": slow },
  });
  assertEquals([queued.status, queued.json.status], [202, "queued"]);
  project.server.receiver.faults.set();
  await stopDaemon(project);
});

Deno.test("a daemon that is told not to deliver says so", async () => {
  await using project = await liveProject();
  const daemon = await startDaemon(project, { REEVE_SYNC_DISABLE: "1" });
  const token = await tokenOf(project, daemon);
  const { status } = await post(daemon, "/api/sync/trigger", { token });
  assertEquals(status, 503);
  assert(!(await health(daemon)).sync.running);
  // A program does not rely on such a daemon.
  const ended = await project.start(PROGRAM, ["ends", "short"]).ended;
  assertEquals([ended.code, project.stored.length], [0, 1]);
  await stopDaemon(project);
});

Deno.test("a server that is away keeps a daemon with work alive", async () => {
  await using project = await liveProject();
  const { faults } = project.server.receiver;
  faults.set("error=503");
  project.fill(3);
  project.queue.sink.close();
  const daemon = await startDaemon(project, IDLE);
  await waitUntil(
    "it has tried",
    () => project.server.receiver.log.batches().length > 0,
  );
  // Another one without work shows that the time is over.
  await using idle = await liveProject();
  await startDaemon(idle, IDLE);
  await waitUntil("the other has ended", async () => !await isRunning(idle));
  assert(await isRunning(project));
  assert((await health(daemon)).sync["consecutive_failures"] > 0);
  faults.set();
  await waitUntil(
    "all is delivered",
    () => project.counts().delivered === 3,
    30_000,
  );
  await waitUntil("it has ended", async () => !await isRunning(project));
});

Deno.test("a daemon of somebody who is not signed in ends when it is idle", async () => {
  await using project = await liveProject();
  project.fill(3);
  project.queue.sink.close();
  await startDaemon(project, { ...IDLE, ...NOBODY });
  await waitUntil("it has ended", async () => !await isRunning(project));
  assertEquals(project.counts().ready, 3);
  assertEquals(project.server.receiver.log.all(), []);
});

Deno.test("daemon stop in the middle of a delivery loses nothing", async () => {
  await using project = await liveProject({
    sync: { batch: { "max_events": 10 } },
  });
  const { receiver } = project.server;
  receiver.faults.set("slow=100");
  const ids = project.fill(200);
  project.queue.sink.close();
  await startDaemon(project);
  await waitUntil("it delivers", () => receiver.log.batches().length > 2);
  await stopDaemon(project);
  assert(!await isRunning(project));
  const { inflight, ready } = project.counts();
  assert(ready > 0 && inflight === 0, `${ready} ${inflight}`);
  receiver.faults.set();
  assertEquals((await project.reeve(["sync", "now"])).code, 0);
  assertEquals(project.stored.toSorted(), [...ids].toSorted());
});

Deno.test("a daemon that is killed in the middle loses nothing", async () => {
  await using project = await liveProject({
    sync: { batch: { "max_events": 10 } },
  });
  const { receiver } = project.server;
  receiver.faults.set("slow=100");
  const ids = project.fill(100);
  project.queue.sink.close();
  const { pid } = await startDaemon(project);
  await waitUntil("it delivers", () => receiver.log.batches().length > 2);
  Deno.kill(pid, "SIGKILL");
  await waitUntil("it has ended", async () => !await isRunning(project));
  receiver.faults.set();
  await startDaemon(project);
  await waitUntil("all is delivered", () => project.counts().delivered === 100);
  assertEquals(project.stored.toSorted(), [...ids].toSorted());
  await stopDaemon(project);
});

Deno.test("what stays here by the person's settings stays here", async () => {
  await using project = await liveProject({ sync: { mode: "local" } });
  project.fill(3);
  project.queue.sink.close();
  await startDaemon(project, IDLE);
  await waitUntil("it has ended", async () => !await isRunning(project));
  const { code } = await project.start(PROGRAM, ["ends", "short"]).ended;
  assertEquals(code, 0);
  assertEquals(project.server.receiver.log.all(), []);
  assertEquals(project.counts().ready, 4);
});
