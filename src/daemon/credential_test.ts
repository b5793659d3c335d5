import { assertEquals } from "@std/assert";
import type { LoopbackReply } from "../host/host.ts";
import { findToken, requestShutdown } from "./credential.ts";
import { FAMILIES, familyOf, type Product } from "./family.ts";
import type { Target } from "./target.ts";
import { FakeWorld, healthReply } from "#support/fake_host.ts";

const SCOPE = "/home/ada/.reeve";
const OWNER = `${SCOPE}/sync/daemon/owner-9401.json`;
const KITTY = "/home/ada/.spec-kitty";
const KITTY_OWNER = `${KITTY}/sync/daemon/owner.json`;
const [TOKEN, SHARED, ARGV] = ["1", "2", "3"].map((digit) => digit.repeat(32));
const RECORD = {
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
  "port": 9401,
  "queue_db_path": null,
  "server_url": null,
  "source_checkout_path": "/opt",
  "singleton_scope_id": SCOPE,
  "started_at": "2026-01-01T00:00:00.000Z",
  "start_stamp": "77",
  "host": "ada",
  "boot_id": "boot-1",
  "pid_namespace": "pid:[1]",
  "token": TOKEN,
};

function open(product: Product, argvPort = 9401) {
  const world = new FakeWorld();
  const argv = ["python", "-c", `run_sync_daemon(${argvPort}, '${ARGV}')`];
  world.addProcess({ pid: 5001, startStamp: "77", argv });
  const scope = product === "reeve" ? SCOPE : KITTY;
  const target: Target = {
    port: 9401,
    pid: 5001,
    startStamp: "77",
    family: familyOf(FAMILIES, product, "sync"),
    scope,
  };
  const host = world.host({ pid: 900 });
  const find = (change: Partial<Target> = {}) =>
    findToken(host, { ...target, ...change }, world.machine);
  return { world, host, target, find };
}

Deno.test("findToken() reads the owner record of our daemons", async () => {
  const { world, find, target, host } = open("reeve");
  assertEquals(await find(), undefined);
  world.disk.put(OWNER, JSON.stringify(RECORD));
  assertEquals(await find(), TOKEN);
  // Without a marker it is looked for where our own root is.
  const { scope: _, ...unmarked } = target;
  assertEquals(await findToken(host, unmarked, world.machine), TOKEN);
  assertEquals(await find({ scope: "/other" }), undefined);
  world.disk.put("/other/sync/daemon/owner-9401.json", JSON.stringify(RECORD));
  assertEquals(await find({ scope: "/other" }), TOKEN);
});

Deno.test.each([
  { name: "another pid", fields: { pid: 5002 } },
  { name: "another start", fields: { "start_stamp": "78" } },
  { name: "another boot", fields: { "boot_id": "boot-0" } },
  { name: "another host", fields: { "boot_id": "b", host: "eve" } },
  { name: "another namespace", fields: { "pid_namespace": "pid:[2]" } },
  { name: "no boot", fields: { "boot_id": null } },
  { name: "no token", fields: { token: "" } },
])(
  "findToken() takes none from an owner record of $name",
  async ({ fields }) => {
    const { world, find } = open("reeve");
    world.disk.put(OWNER, JSON.stringify({ ...RECORD, ...fields }));
    assertEquals(await find(), undefined);
  },
);

Deno.test("findToken() never takes our state file or arguments for proof", async () => {
  const { world, find } = open("reeve");
  const state = `http://127.0.0.1:9401\n9401\n${TOKEN}\n5001\n`;
  world.disk.put(`${SCOPE}/sync-daemon`, state);
  assertEquals(await find(), undefined);
});

interface Sources {
  readonly state?: string;
  readonly shared?: unknown;
  readonly argvPort?: number;
}

const stateOf = (pid: number, port = 9401, token = TOKEN) =>
  `http://127.0.0.1:${port}\n${port}\n${token}\n${pid}\n`;
const shared = { pid: 5001, port: 9401, token: SHARED };

const sources: Readonly<
  Record<string, readonly [Sources, string | undefined]>
> = {
  "the state file first": [{ state: stateOf(5001), shared }, TOKEN],
  "no state file of another pid": [{ state: stateOf(5002), shared }, SHARED],
  "no state file of another port": [
    { state: stateOf(5001, 9402), shared },
    SHARED,
  ],
  "no state file without a token": [
    { state: stateOf(5001, 9401, ""), shared },
    SHARED,
  ],
  "a damaged state file for none": [{ state: "?", shared }, SHARED],
  "no shared record of another pid": [
    { shared: { ...shared, pid: 5002 } },
    ARGV,
  ],
  "no shared record of another port": [
    { shared: { ...shared, port: 9402 } },
    ARGV,
  ],
  "no shared record without a token": [
    { shared: { pid: 5001, port: 9401 } },
    ARGV,
  ],
  "no shared record whose token is a number": [
    { shared: { ...shared, token: 5 } },
    ARGV,
  ],
  "no shared record that is null": [{ shared: null }, ARGV],
  "no shared record that is a list": [{ shared: [] }, ARGV],
  "the argument vector last": [{}, ARGV],
  "no argument vector of another port": [{ argvPort: 9402 }, undefined],
};

Deno.test.each(
  Object.entries(sources).map(([name, row]) => ({ name, row })),
)("findToken() of the other product takes $name", async ({ row }) => {
  const [{ state, shared, argvPort }, token] = row;
  const { world, find } = open("spec-kitty", argvPort);
  if (state !== undefined) world.disk.put(`${KITTY}/sync-daemon`, state);
  if (shared !== undefined) {
    world.disk.put(KITTY_OWNER, JSON.stringify(shared));
  }
  assertEquals(await find(), token);
  assertEquals([world.writes, world.requests, world.signals], [[], [], []]);
});

Deno.test("findToken() survives a shared record that is no JSON", async () => {
  const { world, find } = open("spec-kitty");
  world.disk.put(KITTY_OWNER, "{");
  assertEquals(await find(), ARGV);
  world.failFiles(KITTY_OWNER, "permission_denied");
  assertEquals(await find(), ARGV);
});

Deno.test("findToken() takes no argument vector of another process", async () => {
  const { world, find } = open("spec-kitty");
  assertEquals(await find({ startStamp: "78" }), undefined);
  world.hideProcess(5001);
  assertEquals(await find(), undefined);
  world.table.show(5001);
  world.endProcess(5001);
  assertEquals(await find(), undefined);
});

Deno.test("findToken() of a family without files knows none", async () => {
  const { find } = open("spec-kitty");
  const family = familyOf(FAMILIES, "spec-kitty", "dashboard");
  assertEquals(await find({ family }), undefined);
});

const replies: readonly { reply: LoopbackReply; says: string }[] = [
  { reply: healthReply({}), says: "accepted" },
  { reply: healthReply({}, 403), says: "status_403" },
  { reply: healthReply({}, 202), says: "status_202" },
  { reply: { kind: "not_http" }, says: "not_http" },
  { reply: { kind: "reset" }, says: "reset" },
];

Deno.test.each([...replies])("requestShutdown() says $says", async (row) => {
  const world = new FakeWorld();
  world.addProcess({ ports: [9401], respond: () => row.reply });
  const host = world.host();
  assertEquals(await requestShutdown(host, 9401, TOKEN), row.says);
  assertEquals(world.requests, [{
    port: 9401,
    method: "POST",
    path: "/api/shutdown",
    body: JSON.stringify({ token: TOKEN }),
    timeoutMs: 1000,
  }]);
});

Deno.test("requestShutdown() asks without a token too", async () => {
  const world = new FakeWorld();
  world.addProcess({ ports: [9401] });
  const host = world.host();
  assertEquals(await requestShutdown(host, 9401, undefined), "timeout");
  assertEquals(world.requests.map(({ body }) => body), ["{}"]);
  assertEquals(await requestShutdown(host, 9402, undefined), "refused");
});
