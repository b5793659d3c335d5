import { assert, assertEquals } from "@std/assert";
import { findAdoptable } from "./adoption.ts";
import { daemonContext } from "./context.ts";
import { startDaemon } from "./start.ts";
import {
  type FakeProcess,
  FakeWorld,
  healthReply,
} from "#support/fake_host.ts";
import { runReal } from "#support/run_daemon.ts";

const SCOPE = "/home/ada/.reeve";
const STATE = `${SCOPE}/sync-daemon`;
const OWNERS = `${SCOPE}/sync/daemon`;
const OURS = ["/opt/reeve", "daemon", "run"];
const KITTY = ["python", "-c", "run_sync_daemon(9400, 'x')"];

function hostOf(world: FakeWorld, version = "3.2.4") {
  const env = { REEVE_HOME: SCOPE, REEVE_CLI_VERSION: version };
  return world.host({ env });
}

/** A world with real daemons that no state file names. */
async function openLost(versions: readonly string[]) {
  const world = new FakeWorld({ onSpawn: () => ({ run: runReal }) });
  const daemons: FakeProcess[] = [];
  for (const version of versions) {
    const host = hostOf(world, version);
    const args = [...OURS.slice(1), `--reeve-daemon-root=${SCOPE}`];
    const { self, variables } = host.env;
    const { pid } = await host.processes.spawn({
      executable: self.executable,
      args,
      env: Object.fromEntries(variables),
      cwd: "/",
    });
    const daemon = world.table.find(pid);
    assert(daemon !== undefined);
    daemons.push(daemon);
    await waitFor(world, () => daemon.sockets.length > 0);
  }
  return { world, daemons };
}

async function waitFor(world: FakeWorld, isDone: () => boolean) {
  while (!isDone()) await world.clock.sleep(1);
  // The owner record is written right after the port is bound.
  await world.clock.sleep(1);
}

async function find(world: FakeWorld, version = "3.2.4") {
  const host = hostOf(world, version);
  // Even where the other product has the same root.
  host.env.variables.set("SPEC_KITTY_HOME", SCOPE);
  const writes = [...world.writes];
  const record = await findAdoptable(host, await daemonContext(host));
  const posts = world.requests.filter(({ method }) => method === "POST");
  assertEquals([posts, world.signals], [[], []]);
  assertEquals(world.writes, writes);
  return record?.pid;
}

function endAll(world: FakeWorld): void {
  for (const { pid } of world.table.all()) world.endProcess(pid);
  assertEquals(world.crashes, []);
}

Deno.test("findAdoptable() finds the lost daemon", async () => {
  const { world, daemons } = await openLost(["3.2.4"]);
  assertEquals(await find(world), daemons[0]?.pid);
  assertEquals(await find(world, "3.2.3"), daemons[0]?.pid);
  const limits = world.requests.map(({ timeoutMs }) => timeoutMs);
  assertEquals(limits, [500, 500, 500, 500]);
  endAll(world);
});

Deno.test("findAdoptable() finds the newest of several", async () => {
  const { world, daemons } = await openLost(["3.2.4", "3.2.10", "3.2.9"]);
  assertEquals(await find(world), daemons[1]?.pid);
  const [, newest] = daemons;
  assert(newest !== undefined);
  newest.state = "stopped";
  assertEquals(await find(world), daemons[2]?.pid);
  endAll(world);
});

Deno.test.each([
  { version: "3.2.5", name: "an older daemon" },
  { version: "4.0.0", name: "a much older daemon" },
])("findAdoptable() leaves $name", async ({ version }) => {
  const { world } = await openLost(["3.2.4"]);
  assertEquals(await find(world, version), undefined);
  endAll(world);
});

const rewrite = (fields: object) => (world: FakeWorld) => {
  const path = `${OWNERS}/owner-9400.json`;
  const record = JSON.parse(world.disk.textOf(path) ?? "{}");
  world.disk.put(path, JSON.stringify({ ...record, ...fields }));
};

const report = (fields: object) => (_: FakeWorld, daemon: FakeProcess) => {
  daemon.sockets = daemon.sockets.map((socket) => ({
    ...socket,
    respond: async (request) => {
      const reply = await socket.respond?.(request) ?? { kind: "reset" };
      if (reply.kind !== "reply") return reply;
      return healthReply({ ...JSON.parse(reply.body), ...fields });
    },
  }));
};

const TOKEN = "00000000000000000000000000000000";

const broken: Readonly<
  Record<string, (world: FakeWorld, daemon: FakeProcess) => void>
> = {
  "owner record is missing": (world) =>
    world.disk.take(`${OWNERS}/owner-9400.json`),
  "owner record is damaged": rewrite({ token: "short" }),
  "owner record names another pid": rewrite({ pid: 4999 }),
  "owner record names another start": rewrite({ "start_stamp": "1" }),
  "owner record names another boot": rewrite({ "boot_id": "boot-0" }),
  "owner record names another host": rewrite({ "boot_id": "b", host: "eve" }),
  "owner record names another namespace": rewrite({ "pid_namespace": "p" }),
  "owner record names another token": rewrite({ token: TOKEN }),
  "owner record names a newer protocol": rewrite({ "protocol_version": 2 }),
  "owner record names an older protocol": rewrite({ "protocol_version": 0 }),
  "health names another pid": report({ owner: { pid: 4999, port: 9400 } }),
  "health names another port": report({ owner: { pid: 5001, port: 9401 } }),
  "health names another scope": report({ "singleton_scope_id": "/other" }),
  "health names another family": report({ "daemon_family": "dashboard" }),
  "health names another status": report({ status: "starting" }),
  "health names another product": report({ product: "other" }),
  "health has no proof": report({ proof: undefined }),
  "process is stopped": (_, daemon) => daemon.state = "stopped",
  "process cannot be read": (world, { pid }) => world.hideProcess(pid),
  "program is another": (_, daemon) => daemon.argv = ["/opt/other"],
  "marker is missing": (_, daemon) => daemon.argv = OURS,
  "marker names another root": (_, daemon) =>
    daemon.argv = [...OURS, "--reeve-daemon-root=/other"],
  "product is another": (_, daemon) =>
    daemon.argv = [...KITTY, `--spec-kitty-daemon-root=${SCOPE}`],
  "port is another's too": (world) => world.addProcess({ ports: [9400] }),
  "listener is unknown": (world) => world.hideListeners("no right"),
};

Deno.test.each(
  Object.entries(broken).map(([name, change]) => ({ name, change })),
)("findAdoptable() leaves a daemon whose $name", async ({ change }) => {
  const { world, daemons: [daemon] } = await openLost(["3.2.4"]);
  assert(daemon !== undefined);
  change(world, daemon);
  assertEquals(await find(world), undefined);
  endAll(world);
});

Deno.test.each([
  { name: "is missing", text: undefined },
  { name: "is damaged", text: "nonsense" },
  { name: "names another", text: `http://127.0.0.1\n9430\n${TOKEN}\n77\n` },
  { name: "names its port only", text: `http://127.0.0.1\n9400\n` },
])(
  "startDaemon() adopts a daemon when the state file $name",
  async ({ text }) => {
    const { world, daemons: [daemon] } = await openLost(["3.2.4"]);
    if (text !== undefined) world.disk.put(STATE, text);
    const host = hostOf(world);
    const commands = world.commands.length;
    const outcome = await startDaemon(host, await daemonContext(host));
    assertEquals([outcome.action, outcome.pid], ["adopted", daemon?.pid]);
    assertEquals(outcome.notes, []);
    assertEquals([world.commands.length, world.signals], [commands, []]);
    const [, port, , pid] = world.disk.textOf(STATE)?.split("\n") ?? [];
    assertEquals([port, pid], ["9400", String(daemon?.pid)]);
    const again = await startDaemon(host, await daemonContext(host));
    assertEquals([again.action, again.pid], ["reused", daemon?.pid]);
    endAll(world);
  },
);
