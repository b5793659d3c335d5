import { assert, assertEquals } from "@std/assert";
import { daemonContext } from "./context.ts";
import { findRecordedTarget } from "./recorded_target.ts";
import { startDaemon } from "./start.ts";
import { type DaemonState, parseState } from "./state_file.ts";
import { type FakeProcess, FakeWorld } from "#support/fake_host.ts";
import { runReal } from "#support/run_daemon.ts";

const SCOPE = "/home/ada/.reeve";
const OWNER = `${SCOPE}/sync/daemon/owner-9400.json`;
const OURS = ["/opt/reeve", "daemon", "run"];
const MARKED = [...OURS, `--reeve-daemon-root=${SCOPE}`];

/** A world with a real daemon that its state file names. */
async function openRunning() {
  const world = new FakeWorld({ onSpawn: () => ({ run: runReal }) });
  const host = world.host({ env: { REEVE_HOME: SCOPE } });
  const context = await daemonContext(host);
  const { pid } = await startDaemon(host, context);
  const daemon = world.table.find(pid);
  const read = parseState(world.disk.textOf(`${SCOPE}/sync-daemon`) ?? "");
  assert(daemon !== undefined && read.kind === "found");
  world.disk.writes.length = 0;
  return { world, host, context, daemon, state: read.state };
}

/** What is found after a change; the daemon is neither asked nor signalled. */
async function find(
  change: (world: FakeWorld, daemon: FakeProcess) => void,
  stated: (state: DaemonState) => DaemonState = (state) => state,
): Promise<string> {
  const { world, host, context, daemon, state } = await openRunning();
  change(world, daemon);
  world.requests.length = 0;
  const found = await findRecordedTarget(host, context, stated(state));
  assert(world.requests.every(({ timeoutMs }) => timeoutMs === 100));
  const posts = world.requests.filter(({ method }) => method === "POST");
  assertEquals([posts, world.signals, world.writes], [[], [], []]);
  for (const { pid } of world.table.all()) world.endProcess(pid);
  return found.kind === "proved" ? "proved" : found.reason;
}

const rewrite = (fields: object) => (world: FakeWorld) => {
  const record = JSON.parse(world.disk.textOf(OWNER) ?? "{}");
  world.disk.put(OWNER, JSON.stringify({ ...record, ...fields }));
};

Deno.test("findRecordedTarget() proves the daemon that runs", async () => {
  const { world, host, context, daemon, state } = await openRunning();
  assertEquals(await findRecordedTarget(host, context, state), {
    kind: "proved",
    target: {
      port: 9400,
      pid: daemon.pid,
      startStamp: daemon.startStamp,
      family: context.family,
      scope: SCOPE,
    },
  });
  world.endProcess(daemon.pid);
});

Deno.test("findRecordedTarget() proves a daemon that is silent", async () => {
  assertEquals(await find((_, daemon) => daemon.state = "stopped"), "proved");
});

Deno.test.each([
  { name: "of another pid", fields: { pid: 4999 } },
  { name: "of another start", fields: { "start_stamp": "1" } },
  { name: "of an unknown start", fields: { "start_stamp": "unknown" } },
  { name: "of another boot", fields: { "boot_id": "boot-0" } },
  { name: "of no boot", fields: { "boot_id": null } },
  { name: "of another host", fields: { "boot_id": "b", "host": "eve" } },
  { name: "of another namespace", fields: { "pid_namespace": "pid:[2]" } },
  { name: "of no namespace", fields: { "pid_namespace": null } },
  { name: "that is damaged", fields: { token: "short" } },
  { name: "that is too new", fields: { "schema_version": 2 } },
])(
  "findRecordedTarget() takes an owner record $name for no proof",
  async ({ fields }) => {
    assertEquals(
      await find(rewrite(fields)),
      "no owner record proves process 5001",
    );
  },
);

Deno.test("findRecordedTarget() takes no owner record for no proof", async () => {
  const reason = "no owner record proves process 5001";
  assertEquals(await find((world) => world.disk.take(OWNER)), reason);
  const unread = (world: FakeWorld) => {
    world.failFiles(OWNER, "permission_denied");
  };
  assertEquals(await find(unread), reason);
});

const takePort = (world: FakeWorld, daemon: FakeProcess) => {
  daemon.unlisten(9400);
  world.addProcess({ pid: 6001, argv: MARKED, ports: [9400] });
};
const NOTHING = "nothing listens on its port";
const ANOTHER = "another process listens on its port";
const STRANGER = "process 5001 is not a daemon of ours";
const KITTY = ["python", "-c", "run_sync_daemon(9400, 'x')"];

const broken: Readonly<
  Record<string, readonly [Parameters<typeof find>[0], string]>
> = {
  "has ended": [(world) => world.endProcess(5001), NOTHING],
  "closed its port": [(_, daemon) => daemon.unlisten(9400), NOTHING],
  "lost its port": [takePort, ANOTHER],
  "shares its port": [
    (world) => world.addProcess({ ports: [9400] }),
    ANOTHER,
  ],
  "cannot be read": [(world) => world.hideProcess(5001), ANOTHER],
  "has an unseen listener": [
    (world) => world.table.hideOwner(5001),
    ANOTHER,
  ],
  "has an unknown listener": [
    (world) => world.hideListeners("no right"),
    ANOTHER,
  ],
  "lost its pid to another start": [
    (world) => world.reusePid(5001, { argv: MARKED, ports: [9400] }),
    "no owner record proves process 5001",
  ],
  "runs another program": [(_, it) => it.argv = ["/opt/other"], STRANGER],
  "runs without a marker": [(_, it) => it.argv = OURS, STRANGER],
  "hides its arguments": [(_, it) => it.argv = undefined, STRANGER],
  "serves another root": [
    (_, it) => it.argv = [...OURS, "--reeve-daemon-root=/other"],
    "process 5001 serves another state root",
  ],
  "became a dashboard": [
    (_, it) => it.argv = MARKED.with(1, "dashboard"),
    STRANGER,
  ],
  "became another product": [
    (_, it) => it.argv = [...KITTY, `--spec-kitty-daemon-root=${SCOPE}`],
    STRANGER,
  ],
};

Deno.test.each(
  Object.entries(broken).map(([name, row]) => ({ name, row })),
)("findRecordedTarget() does not prove one that $name", async ({ row }) => {
  const [change, reason] = row;
  assertEquals(await find(change), reason);
});

Deno.test.each([
  {
    name: "no port",
    state: ({ url, pid = 0 }: DaemonState) => ({ url, pid }),
    reason: "the state file names no port",
  },
  {
    name: "no pid",
    state: ({ url, port = 0 }: DaemonState) => ({ url, port }),
    reason: ANOTHER,
  },
  {
    name: "another pid",
    state: (state: DaemonState) => ({ ...state, pid: 4999 }),
    reason: ANOTHER,
  },
  {
    name: "another port",
    state: (state: DaemonState) => ({ ...state, port: 9401 }),
    reason: NOTHING,
  },
  {
    name: "a port outside the range",
    state: (state: DaemonState) => ({ ...state, port: 9450 }),
    reason: NOTHING,
  },
])(
  "findRecordedTarget() of a state file with $name",
  async ({ state, reason }) => {
    assertEquals(await find(() => {}, state), reason);
  },
);
