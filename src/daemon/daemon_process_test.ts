import { assert, assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../errors.ts";
import { type Host, HostError, type Log } from "../host/host.ts";
import { daemonContext } from "./context.ts";
import { type DaemonOptions, runDaemon } from "./daemon_process.ts";
import {
  type FakeHostOptions,
  FakeWorld,
  healthReply,
} from "#support/fake_host.ts";

const SCOPE = "/home/ada/.reeve";
const STATE = `${SCOPE}/sync-daemon`;
const OWNER = `${SCOPE}/sync/daemon/owner-9400.json`;
const TOKEN = "36aeeaca1c580397e4a535a311ab974f";
const MINUTE = 60_000;

type Handler = (request: Request) => Promise<Response>;

/** Runs a daemon as a process of its own, with what it logs. */
async function run(
  world = new FakeWorld(),
  options: DaemonOptions = {},
  more: FakeHostOptions = {},
) {
  const env = { REEVE_HOME: SCOPE, REEVE_CLI_VERSION: "3.2.4" };
  const host = world.host({ pid: 5001, env, ...more });
  const lines: string[] = [];
  const info = (message: string) => void lines.push(message);
  const close = () => Promise.resolve();
  const log: Log = { info, warn: info, error: info, close };
  const { promise, resolve } = Promise.withResolvers<number>();
  const context = await daemonContext(host);
  const handlers: Handler[] = [];
  const serve = (port: number, handler: Handler) => {
    handlers.push(handler);
    return host.network.serve(port, handler);
  };
  const seen: Host = { ...host, network: { ...host.network, serve } };
  const onReady = (port: number) => resolve(port);
  const ended = runDaemon(seen, context, log, { ...options, onReady });
  const failed = ended.then(() => undefined, () => undefined);
  const ready = Promise.race([promise, failed]);
  return { world, host, lines, ended, ready, handlers };
}

function ask(
  world: FakeWorld,
  method: "GET" | "POST",
  path: string,
  body = "",
) {
  const client = world.host();
  const request = { port: 9400, method, path, body, timeoutMs: 1000 } as const;
  return client.network.request(request);
}

function ownerIn(world: FakeWorld) {
  return JSON.parse(world.disk.textOf(OWNER) ?? "{}");
}

const bodyOf = () => JSON.stringify({ token: TOKEN });
const stateOf = (pid: number, port: number) =>
  `http://127.0.0.1:${port}\n${port}\n${TOKEN}\n${pid}\n`;

Deno.test("runDaemon() records itself before its first answer", async () => {
  const world = new FakeWorld();
  const early: (string | undefined)[] = [];
  let asked: Promise<unknown> | undefined;
  const { ready, ended, host, lines } = await run(world, {}, {
    gate: async (operation) => {
      if (operation !== `writeAtomic ${OWNER}`) return;
      early.push(world.disk.textOf(OWNER));
      asked = ask(world, "GET", "/api/health").then((reply) => {
        early.push(world.disk.textOf(OWNER));
        assert(reply.kind === "reply" && reply.status === 200);
        assertEquals(JSON.parse(reply.body).owner.pid, 5001);
      });
      await world.clock.sleep(300);
    },
  });
  assertEquals(await ready, 9400);
  await asked;
  assertEquals(early.map((text) => text === undefined), [true, false]);
  host.terminateSelf();
  assertEquals(await ended, "signal");
  assertEquals(lines.slice(1), [
    "rights dropped: run ffi sys import",
    "stopping on SIGTERM",
    "ended: signal",
  ]);
});

Deno.test("runDaemon() records who and where it is, and shows no token", async () => {
  const { world, ready, host, ended } = await run();
  await ready;
  const { token, ...record } = ownerIn(world);
  assert(/^[0-9a-f]{32}$/.test(token));
  assertEquals(record, {
    "schema_version": 1,
    "product": "reeve",
    "daemon_family": "sync",
    "auth_principal": null,
    "auth_scope": null,
    "auth_team": null,
    "executable_path": "/opt/reeve",
    "package_version": "3.2.4",
    "protocol_version": 1,
    "pid": 5001,
    "port": 9400,
    "queue_db_path": null,
    "server_url": null,
    "source_checkout_path": "/opt",
    "singleton_scope_id": SCOPE,
    "started_at": new Date(world.clock.now()).toISOString(),
    "start_stamp": host.process.startStamp,
    "host": "ada",
    "boot_id": "boot-1",
    "pid_namespace": "pid:[1]",
  });
  const reply = await ask(world, "GET", "/api/health");
  assert(reply.kind === "reply" && !reply.body.includes(token));
  assertEquals(world.disk.textOf(STATE), undefined);
  host.terminateSelf("SIGINT");
  await ended;
});

Deno.test.each([
  { name: "SIGTERM", end: "signal" },
  { name: "a shutdown request", end: "shutdown" },
])("runDaemon() on $name stops and removes its record", async ({ end }) => {
  const { world, ready, host, ended } = await run();
  await ready;
  world.disk.put(STATE, stateOf(5001, 9400));
  if (end === "signal") host.terminateSelf();
  else {
    const body = JSON.stringify({ token: ownerIn(world).token });
    const reply = await ask(world, "POST", "/api/shutdown", body);
    assert(reply.kind === "reply" && reply.status === 200);
  }
  assertEquals<string>(await ended, end);
  assertEquals(world.disk.textOf(OWNER), undefined);
  assertEquals(host.process.sockets, []);
  assertEquals(host.process.terminationListeners.size, 0);
  assertEquals(world.disk.textOf(STATE), stateOf(5001, 9400));
});

Deno.test("runDaemon() does not end on a request without its token", async () => {
  const { world, ready, host, ended } = await run();
  await ready;
  const reply = await ask(world, "POST", "/api/shutdown", bodyOf());
  assert(reply.kind === "reply" && reply.status === 403);
  assertEquals(host.process.sockets.length, 1);
  host.terminateSelf();
  assertEquals(await ended, "signal");
});

Deno.test.each([{ fields: { pid: 6001 } }, { fields: { token: TOKEN } }])(
  "runDaemon() leaves a record that has become another's: $fields",
  async ({ fields }) => {
    const { world, ready, host, ended } = await run();
    await ready;
    const text = JSON.stringify({ ...ownerIn(world), ...fields });
    world.disk.put(OWNER, text);
    host.terminateSelf();
    await ended;
    assertEquals(world.disk.textOf(OWNER), text);
  },
);

Deno.test("runDaemon() ends after 15 idle minutes, at its next look", async () => {
  const { world, ended } = await run();
  assertEquals(await ended, "idle");
  assertEquals(world.clock.elapsed(), 15 * MINUTE);
});

Deno.test("runDaemon() counts its idle time from the last command", async () => {
  const { world, ready, ended } = await run();
  await ready;
  const { token } = ownerIn(world);
  await world.clock.sleep(5 * MINUTE + 10_000);
  await ask(world, "GET", "/api/health");
  await ask(world, "POST", "/api/sync/trigger", JSON.stringify({ token }));
  await world.clock.sleep(5 * MINUTE);
  await ask(world, "POST", "/api/sync/trigger", bodyOf());
  assertEquals(await ended, "idle");
  assertEquals(world.clock.elapsed(), 20 * MINUTE + 30_000);
});

Deno.test("runDaemon() keeps to the limits that it is given", async () => {
  const { world, ended } = await run(undefined, {
    idleLimitMs: 2500,
    tickMs: 1000,
  });
  assertEquals(await ended, "idle");
  assertEquals(world.clock.elapsed(), 3000);
  const short = await run(undefined, { idleLimitMs: 700 });
  assertEquals(await short.ended, "idle");
  assertEquals(short.world.clock.elapsed(), 700);
});

const successor = (change: object = {}) => ({
  status: "ok",
  "singleton_scope_id": SCOPE,
  owner: { pid: 6001, port: 9401 },
  ...change,
});

Deno.test.each([
  { name: "a successor", text: stateOf(6001, 9401), end: "superseded" },
  { name: "itself", text: stateOf(5001, 9400), end: "idle" },
  { name: "no daemon", text: "nonsense", end: "idle" },
  { name: "no pid", text: "http://127.0.0.1:9401\n9401\n", end: "idle" },
  {
    name: "a silent successor",
    text: stateOf(6001, 9401),
    health: undefined,
    end: "idle",
  },
  {
    name: "another pid than answers",
    text: stateOf(6002, 9401),
    end: "idle",
  },
  {
    name: "a daemon of another root",
    text: stateOf(6001, 9401),
    health: successor({ "singleton_scope_id": "/other" }),
    end: "idle",
  },
  {
    name: "a daemon that names another port",
    text: stateOf(6001, 9401),
    health: successor({ owner: { pid: 6001, port: 9402 } }),
    end: "idle",
  },
])("runDaemon() whose state file names $name ends as $end", async (row) => {
  const { world, ready, ended } = await run();
  await ready;
  const health = "health" in row ? row.health : successor();
  world.addProcess({
    pid: 6001,
    ports: [9401],
    ...(health === undefined ? {} : { respond: () => healthReply(health) }),
  });
  world.disk.put(STATE, row.text);
  assertEquals<string>(await ended, row.end);
  const isEarly = world.clock.elapsed() < MINUTE;
  assertEquals(isEarly, row.end === "superseded");
  assertEquals(world.disk.textOf(STATE), row.text);
});

Deno.test("runDaemon() that is busy stays although it is superseded", async () => {
  const { world, ready, handlers, ended } = await run();
  await ready;
  const [handle] = handlers;
  const respond = () => healthReply(successor());
  world.addProcess({ pid: 6001, ports: [9401], respond });
  world.disk.put(STATE, stateOf(6001, 9401));
  await world.clock.sleep(29_000);
  // A body that never comes keeps a command in flight until its deadline.
  const request = new Request("http://127.0.0.1:9400/api/sync/trigger", {
    method: "POST",
    headers: { "Host": "127.0.0.1:9400" },
    body: new ReadableStream(),
  });
  assertEquals((await handle?.(request))?.status, 408);
  assertEquals(world.clock.elapsed(), 34_000);
  assertEquals(await ended, "superseded");
  assertEquals(world.clock.elapsed(), MINUTE);
});

Deno.test("runDaemon() takes the first free port", async () => {
  const world = new FakeWorld();
  world.addProcess({ ports: [9400, 9401, { port: 9402, address: "0.0.0.0" }] });
  const { ready, host, ended } = await run(world);
  assertEquals(await ready, 9403);
  host.terminateSelf();
  await ended;
});

Deno.test("runDaemon() without a free port ends with no_free_port", async () => {
  const world = new FakeWorld();
  const ports = Array.from({ length: 50 }, (_, at) => 9400 + at);
  world.addProcess({ ports });
  const { ended, host } = await run(world);
  const error = await assertRejects(() => ended, KnownError);
  assertEquals(error.code, "no_free_port");
  assertEquals([host.process.terminationListeners.size, world.writes], [0, []]);
});

Deno.test("runDaemon() that cannot record itself ends and closes its port", async () => {
  const world = new FakeWorld();
  world.failFiles(OWNER, "no_space");
  const { ended, host } = await run(world);
  const error = await assertRejects(() => ended, HostError);
  assertEquals(error.code, "no_space");
  assertEquals(host.process.sockets, []);
  assertEquals(host.process.terminationListeners.size, 0);
});
