import { assert, assertEquals } from "@std/assert";
import type { Log } from "../host/host.ts";
import { daemonContext } from "./context.ts";
import { type SelfWatch, watchSelf } from "./self_watch.ts";
import { FakeWorld, healthReply } from "#support/fake_host.ts";

const SCOPE = "/home/ada/.reeve";
const STATE = `${SCOPE}/sync-daemon`;
const READ = `readText ${STATE}`;
const TOKEN = "36aeeaca1c580397e4a535a311ab974f";
const OWN = { pid: 5001, port: 9400 };
const OTHER = { pid: 6001, port: 9401 };
const TICK_MS = 1000;
const IDLE_MS = 10_000;

const stateOf = ({ pid, port }: { pid: number; port: number }) =>
  `http://127.0.0.1:${port}\n${port}\n${TOKEN}\n${pid}\n`;

/** Watches a daemon; something may happen before each of its reads. */
async function watch(
  onRead: (count: number, world: FakeWorld, stop: () => void) => void,
  change: Partial<SelfWatch> = {},
) {
  const world = new FakeWorld();
  const stop = new AbortController();
  world.addProcess({
    pid: OTHER.pid,
    ports: [OTHER.port],
    respond: () =>
      healthReply({
        status: "ok",
        "singleton_scope_id": SCOPE,
        owner: OTHER,
      }),
  });
  let reads = 0;
  const host = world.host({
    pid: OWN.pid,
    env: { REEVE_HOME: SCOPE },
    gate: (operation) => {
      if (operation === READ) onRead(++reads, world, () => stop.abort());
      return Promise.resolve();
    },
  });
  const said: string[] = [];
  const lines: string[] = [];
  const info = (message: string) => void lines.push(message);
  const close = () => Promise.resolve();
  const log: Log = { info, warn: info, error: info, close };
  const ended = watchSelf(host, {
    context: await daemonContext(host),
    own: OWN,
    control: { inFlight: () => 0, lastUsedAt: () => 0 },
    body: undefined,
    idleLimitMs: IDLE_MS,
    tickMs: TICK_MS,
    stopped: stop.signal,
    setStatus: (status) => void said.push(`${status} ${reads}`),
    log,
    ...change,
  });
  const why = await ended;
  return { why, said, lines, ms: world.clock.elapsed(), reads: () => reads };
}

Deno.test("watchSelf() says that it is stopping between its two looks", async () => {
  const { why, said, lines, ms } = await watch((count, world) => {
    if (count === 1) world.disk.put(STATE, stateOf(OTHER));
  });
  assertEquals([why, ms], ["superseded", TICK_MS]);
  assertEquals(said, ["stopping 1"]);
  assertEquals(lines, ["retiring: superseded"]);
});

Deno.test("watchSelf() stays when it is recorded between its two looks", async () => {
  const { why, said, lines, ms } = await watch((count, world) => {
    if (count === 1) world.disk.put(STATE, stateOf(OTHER));
    if (count === 2) world.disk.put(STATE, stateOf(OWN));
  });
  assertEquals(said, ["stopping 1", "ok 2", "stopping 12"]);
  assertEquals(lines, [
    "not retiring: the second look says to stay",
    "retiring: idle",
  ]);
  // Being recorded is a use: it was idle from then on only.
  assertEquals([why, ms], ["idle", TICK_MS + IDLE_MS]);
});

Deno.test.each([
  { name: "is gone", act: (world: FakeWorld) => world.endProcess(OTHER.pid) },
  {
    name: "is about to end as well",
    act: (world: FakeWorld) => {
      const one = world.table.find(OTHER.pid);
      assert(one !== undefined);
      one.sockets = one.sockets.map((socket) => ({
        ...socket,
        respond: () =>
          healthReply({
            status: "stopping",
            "singleton_scope_id": SCOPE,
            owner: OTHER,
          }),
      }));
    },
  },
])(
  "watchSelf() stays when the recorded one $name at the second look",
  async ({ act }) => {
    const { why, said, ms } = await watch((count, world) => {
      if (count === 1) world.disk.put(STATE, stateOf(OTHER));
      if (count === 2) act(world);
    });
    assertEquals(said.slice(0, 2), ["stopping 1", "ok 2"]);
    assertEquals([why, ms], ["idle", IDLE_MS]);
  },
);

Deno.test("watchSelf() is not idle when it was recorded just before it would end", async () => {
  const { why, said, ms } = await watch((count, world) => {
    if (count === 11) world.disk.put(STATE, stateOf(OWN));
  });
  assertEquals(said, ["stopping 10", "ok 11", "stopping 21"]);
  assertEquals([why, ms], ["idle", IDLE_MS + IDLE_MS]);
});

Deno.test("watchSelf() counts its being recorded once", async () => {
  const { why, ms } = await watch((_, world) => {
    world.disk.put(STATE, stateOf(OWN));
  });
  assertEquals([why, ms], ["idle", TICK_MS + IDLE_MS]);
});

Deno.test("watchSelf() that is used between its two looks stays", async () => {
  let usedAt = 0;
  const { why, said } = await watch((count) => {
    if (count === 11) usedAt = IDLE_MS;
  }, { control: { inFlight: () => 0, lastUsedAt: () => usedAt } });
  assertEquals(said.slice(0, 2), ["stopping 10", "ok 11"]);
  assertEquals(why, "idle");
});

Deno.test.each([{ at: 1 }, { at: 2 }])(
  "watchSelf() that is stopped during its look $at gives no reason",
  async ({ at }) => {
    const { why, lines, reads } = await watch((count, world, stop) => {
      if (count === 1) world.disk.put(STATE, stateOf(OTHER));
      if (count === at) stop();
    });
    assertEquals([why, lines, reads()], [undefined, [], 2]);
  },
);
