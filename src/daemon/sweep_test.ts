import { assert, assertEquals } from "@std/assert";
import { HostError } from "../host/host.ts";
import { daemonContext } from "./context.ts";
import { openJournal } from "./journal.ts";
import { scan } from "./scan.ts";
import { sweep, type SweepOptions, type SweepResult } from "./sweep.ts";
import { planSweep } from "./sweep_plan.ts";
import {
  type FakeHost,
  type FakeHostOptions,
  type FakeProcess,
  type FakeProcessSpec,
  FakeWorld,
  healthReply,
} from "#support/fake_host.ts";

const KITTY = "/home/ada/.spec-kitty";
const CALL = "run_sync_daemon(9401, 'secret')";
const MARKED = ["python", "-c", CALL, `--spec-kitty-daemon-root=${KITTY}`];
const OWN = "3.2.6";

interface Nature extends FakeProcessSpec {
  readonly version?: string | undefined;
  readonly shutdownStatus?: number;
}

/** A stale daemon that proves itself in every way; its pid follows its port. */
function addStale(world: FakeWorld, port: number, nature: Nature = {}) {
  const { version = "3.2.2", shutdownStatus = 403, ...spec } = nature;
  const pid = port - 4400;
  const payload = {
    status: "ok",
    "daemon_family": "sync",
    "protocol_version": 1,
    owner: { pid, port },
    ...("version" in nature && nature.version === undefined
      ? {}
      : { "package_version": version }),
  };
  return world.addProcess({
    pid,
    argv: MARKED,
    ports: [port],
    respond: ({ path }) =>
      path === "/api/shutdown"
        ? healthReply({}, shutdownStatus)
        : healthReply(payload),
    ...spec,
  });
}

async function prepare(host: FakeHost) {
  const context = await daemonContext(host);
  const found = await scan(host, context.families);
  const plan = planSweep(found.candidates, found.viewpoint, {
    agreesTo: () => true,
    families: context.families,
  });
  const run = (options: Partial<SweepOptions> = {}) =>
    sweep(host, plan, {
      journal: openJournal(host, context.paths.journal, "test"),
      machine: found.machine,
      ownVersion: OWN,
      ...options,
    });
  return { plan, run };
}

function textOf({ swept, skipped, failed }: SweepResult): readonly string[] {
  return [
    ...swept.map((one) => `${one.port} ${one.cleanup_path} ${one.reason}`),
    ...skipped.map((one) => `${one.port} skipped: ${one.detail}`),
    ...failed.map((one) => `${one.port} ${one.failure_reason}: ${one.detail}`),
  ];
}

Deno.test("sweep() ends 18 stubborn daemons in the time of one", async () => {
  const world = new FakeWorld();
  for (let port = 9400; port < 9418; port++) {
    addStale(world, port, { onSignal: "stubborn" });
  }
  const host = world.host({ pid: 900 });
  const { run } = await prepare(host);
  const start = world.clock.elapsed();
  let done = 0;
  const result = await run({ onDone: () => done++ });
  const ms = world.clock.elapsed() - start;
  assert(ms >= 1000 && ms <= 1100, `it took ${ms} ms`);
  assertEquals([result.swept.length, done], [18, 18]);
  assertEquals(result.failed, []);
  assertEquals(
    world.signals.map(({ pid, name }) => `${name} ${pid}`).toSorted(),
    ["SIGKILL", "SIGTERM"].flatMap((name) =>
      Array.from({ length: 18 }, (_, at) => `${name} ${5000 + at}`)
    ),
  );
});

Deno.test("sweep() lists every daemon once, in order of ports", async () => {
  const world = new FakeWorld();
  addStale(world, 9409, { delayMs: 5 });
  addStale(world, 9403, { delayMs: 900, version: OWN });
  addStale(world, 9401, { onSignal: "denied" });
  addStale(world, 9405, { version: undefined });
  addStale(world, 9407);
  addStale(world, 9402, { onSignal: "immortal" });
  addStale(world, 9408);
  const { run } = await prepare(world.host({ pid: 900 }));
  world.reusePid(5007);
  world.endProcess(5008);
  world.addProcess({ pid: 6001, ports: [9408] });
  const result = await run();
  const taken = "It changed since it was looked at: " +
    "it has ended and another process has its port.";
  assertEquals(textOf(result), [
    "9403 terminate safe_auto",
    "9405 terminate safe_auto",
    "9407 null safe_auto stale-version",
    "9409 terminate safe_auto stale-version",
    `9408 skipped: ${taken}`,
    "9401 access_denied_on_terminate: " +
    "The system refused SIGTERM: try as its user.",
    "9402 still_alive_after_kill: " +
    "It survived SIGKILL: the system may be stuck.",
  ]);
  assertEquals(result.skipped[0]?.skip_reason, "pid_port_mismatch");
  assertEquals(result.swept[0], {
    "pid": 5003,
    "port": 9403,
    "product": "spec-kitty",
    "package_version": OWN,
    "protocol_version": 1,
    "cleanup_path": "terminate",
    "reason": "safe_auto",
  });
  const reached = new Set(world.signals.map(({ pid }) => pid));
  assertEquals([...reached].toSorted(), [5001, 5002, 5003, 5005, 5009]);
});

Deno.test.each([
  {
    error: new HostError("too_many_files", "pidfd"),
    detail: "pidfd: too many files",
  },
  { error: new TypeError("odd"), detail: "odd" },
])(
  "sweep() goes on when one daemon gives $detail",
  async ({ error, detail }) => {
    const world = new FakeWorld();
    for (const port of [9401, 9402, 9403]) addStale(world, port);
    const gate = (operation: string) =>
      operation === "hold 5002" ? Promise.reject(error) : Promise.resolve();
    const { run } = await prepare(world.host({ pid: 900, gate }));
    let done = 0;
    assertEquals(textOf(await run({ onDone: () => done++ })), [
      "9401 terminate safe_auto stale-version",
      "9403 terminate safe_auto stale-version",
      `9402 unknown_failure: ${detail}`,
    ]);
    assertEquals(done, 3);
  },
);

Deno.test("sweep() asks those that answered, once the others have had their first signal", async () => {
  const world = new FakeWorld();
  addStale(world, 9401);
  const silent = { respond: () => new Promise<never>(() => {}) };
  addStale(world, 9402, silent);
  addStale(world, 9403, { ...silent, onSignal: "stubborn" });
  addStale(world, 9404, silent);
  const operations: string[] = [];
  const gate = async (operation: string) => {
    await Promise.resolve(operations.push(operation));
    // Nobody waits for the first signal of one that never gets any.
    if (operation === "hold 5004") throw new HostError("io", "pidfd");
  };
  const { run } = await prepare(world.host({ pid: 900, gate }));
  const { swept, failed } = await run();
  assertEquals([swept.length, failed.length], [3, 1]);
  assertEquals(operations.filter((it) => /^(?:hold|SIG|POST)/.test(it)), [
    ...["hold 5002", "hold 5003", "hold 5004", "SIGTERM 5002", "SIGTERM 5003"],
    ...["hold 5001", "POST 9401/api/shutdown", "SIGTERM 5001", "SIGKILL 5003"],
  ]);
});

const STEP = /^(?:POST|SIG)/;
const CHANGE = "it changes";

/** Runs a full ladder in which something happens before one operation. */
async function disturb(
  at: number,
  options: FakeHostOptions,
  happen: (world: FakeWorld, daemon: FakeProcess) => void,
  more: Partial<SweepOptions> = {},
) {
  const world = new FakeWorld();
  const nature = { onSignal: "stubborn", shutdownStatus: 200 } as const;
  const daemon = addStale(world, 9401, nature);
  world.disk.put(`${KITTY}/sync/daemon/owner.json`, OWNER);
  const operations: string[] = [];
  let left = Infinity;
  const gate = (operation: string) => {
    if (left-- === 0) {
      happen(world, daemon);
      operations.push(CHANGE);
    }
    return Promise.resolve(operations.push(operation));
  };
  const { run } = await prepare(world.host({ pid: 900, gate, ...options }));
  operations.length = 0;
  left = at;
  const limits = { shutdownWaitMs: 20, graceMs: 20, killWaitMs: 20 };
  const result = await run({ ...limits, ...more });
  const { swept, skipped, failed } = result;
  assertEquals(swept.length + skipped.length + failed.length, 1);
  assert(swept.length === 0 || daemon.hasEnded, "it was falsely swept");
  const after = operations.slice(operations.indexOf(CHANGE) + 1);
  return { world, daemon, result, after, hasHappened: left < 0 };
}

/** Holds the credential, so that nobody looks for it in the arguments. */
const OWNER = JSON.stringify({ pid: 5001, port: 9401, token: "secret" });

const innocents: readonly FakeProcessSpec[] = [
  { argv: ["/usr/bin/innocent"] },
  { argv: MARKED, ports: [9401] },
];

Deno.test.each([{ isPinned: true }, { isPinned: false }])(
  "sweep() never signals an innocent with the pid, whenever it comes, pinned $isPinned",
  async ({ isPinned }) => {
    for (const spec of innocents) {
      let at = 0;
      for (let goesOn = true; goesOn; at++) {
        const { world, daemon, hasHappened } = await disturb(
          at,
          { isPinned },
          (world) => world.reusePid(5001, spec),
        );
        const stamps = world.signals.map(({ startStamp }) => startStamp);
        assert(stamps.every((stamp) => stamp === daemon.startStamp), `${at}`);
        goesOn = hasHappened;
      }
      assert(at > 30, `only ${at} moments were tried`);
    }
  },
);

const takeOver = (world: FakeWorld, daemon: FakeProcess) => {
  daemon.unlisten(9401);
  world.addProcess({ pid: 6001, ports: [9401], argv: MARKED });
};
const exec = (_: FakeWorld, daemon: FakeProcess) => {
  daemon.argv = ["/usr/bin/innocent"];
};

Deno.test.each([
  { name: "runs another program", happen: exec, look: "inspect 5001" },
  { name: "loses its port", happen: takeOver, look: "listeners 9401-9401" },
])(
  "sweep() takes no step after it has seen that the daemon $name",
  async ({ happen, look }) => {
    let goesOn = true;
    for (let at = 0; goesOn; at++) {
      const done = await disturb(at, {}, happen);
      const { world, after, hasHappened } = done;
      const seen = after.indexOf(look);
      const steps = after.filter((operation) => STEP.test(operation));
      if (hasHappened) assert(steps.length <= 1, `${at}: ${steps}`);
      if (hasHappened && seen >= 0) {
        const late = after.slice(seen).filter((it) => STEP.test(it));
        assertEquals(late, [], `moment ${at}`);
      }
      assert(world.signals.every(({ pid }) => pid === 5001));
      goesOn = hasHappened;
    }
  },
);

Deno.test("sweep() begins no step after an interrupt", async () => {
  let goesOn = true;
  for (let at = 0; goesOn; at++) {
    const stop = new AbortController();
    const happen = () => stop.abort();
    const interrupt = stop.signal;
    const done = await disturb(at, {}, happen, { interrupt });
    const { world, after, hasHappened, result } = done;
    const steps = after.filter((operation) => STEP.test(operation));
    if (hasHappened) assert(steps.length <= 1, `${at}: ${steps}`);
    // Whoever aborts before the first proof has not begun any step.
    const isFirst = hasHappened && after.includes("hold 5001");
    if (isFirst) assertEquals(steps, []);
    const isKilled = world.signals.at(-1)?.name === "SIGKILL";
    const [text = ""] = textOf(result);
    const end = isKilled ? "9401 kill" : "9401 interrupted";
    assert(text.startsWith(end), `${at}: ${text}`);
    goesOn = hasHappened;
  }
});
