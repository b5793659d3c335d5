import { assert, assertEquals } from "@std/assert";
import type { LoopbackReply } from "../host/host.ts";
import type { SignalName } from "../host/processes.ts";
import { FAMILIES, familyOf } from "./family.ts";
import { openJournal, readJournal } from "./journal.ts";
import { type StopOptions, stopTarget } from "./stop_target.ts";
import type { Target } from "./target.ts";
import {
  type FakeHostOptions,
  type FakeProcess,
  type FakeProcessSpec,
  FakeWorld,
  healthReply,
  type SignalBehaviour,
} from "#support/fake_host.ts";

const SCOPE = "/home/ada/.reeve";
const KITTY = "/home/ada/.spec-kitty";
const CALL = "run_sync_daemon(9401, 'secret')";
const MARKED = ["python", "-c", CALL, `--spec-kitty-daemon-root=${KITTY}`];
const JOURNAL = `${SCOPE}/signals.jsonl`;
const PORT = 9401;
// Of this product, everybody may be asked, with a token or without.
const family = familyOf(FAMILIES, "spec-kitty", "sync");

const TAKEN = "changed it has ended and another process has its port";
const squatter = { pid: 6001, ports: [PORT], argv: MARKED };

/** What it does when it is asked to stop. */
type Manner = (
  world: FakeWorld,
  process: FakeProcess,
) => LoopbackReply | Promise<LoopbackReply>;

const refuses: Manner = () => healthReply({}, 403);
const agrees: Manner = () => healthReply({});
const endsAtOnce: Manner = (world) => {
  world.endProcess(5001);
  return healthReply({});
};
const endsLater: Manner = (world) => {
  world.clock.sleep(900).then(() => world.endProcess(5001));
  return healthReply({});
};
const closes: Manner = (_, process) => {
  process.unlisten(PORT);
  return healthReply({});
};
const vanishes: Manner = (world) => {
  world.endProcess(5001);
  return new Promise(() => {});
};
const isReplaced: Manner = (world, process) => {
  world.addProcess(squatter);
  return vanishes(world, process);
};
const never: Manner = () => new Promise(() => {});

function open(
  manner: Manner,
  spec: FakeProcessSpec = {},
  options: FakeHostOptions = {},
) {
  const world = new FakeWorld();
  const process = world.addProcess({
    pid: 5001,
    argv: MARKED,
    ports: [PORT],
    respond: ({ path }) =>
      path === "/api/shutdown" ? manner(world, process) : healthReply({}),
    ...spec,
  });
  const host = world.host({ pid: 900, ...options });
  const { startStamp } = process;
  const pid = 5001;
  const target: Target = { port: PORT, pid, startStamp, family, scope: KITTY };
  return { world, process, host, target };
}

type Opened = ReturnType<typeof open>;

async function stop(
  { world, host, target }: Opened,
  options: Partial<StopOptions> = {},
) {
  const outcome = await stopTarget(host, target, {
    journal: openJournal(host, JOURNAL, "test"),
    machine: world.machine,
    reason: "It is stale.",
    canBeAsked: true,
    ...options,
  });
  const { entries } = await readJournal(host, JOURNAL);
  const how = outcome.kind === "ended" ? outcome.path : outcome.reason;
  return {
    outcome: `${outcome.kind} ${how}`,
    signals: world.signals.map(({ name, at, outcome }) =>
      `${name} ${at} ${outcome}`
    ),
    asked: world.requests.filter(({ path }) => path === "/api/shutdown").length,
    steps: entries.map(({ step, outcome }) => `${step} ${outcome}`),
  };
}

const NO_ACCESS = (name: SignalName) => name === "SIGTERM" ? "sent" : "denied";
const [TERM, KILL] = ["SIGTERM 0 sent", "SIGKILL 1000 sent"];
const [LATE, LATEST] = ["SIGTERM 1000 sent", "SIGKILL 2000 sent"];

const CLOSES = (name: SignalName, process: FakeProcess) => {
  process.unlisten(PORT);
  if (name === "SIGKILL") process.finish(137);
  return "sent" as const;
};
const on = (onSignal: SignalBehaviour) => ({ onSignal });
const DENIED = "failed access_denied_on";
const MET = new Map([
  [refuses, "status_403"],
  [vanishes, "reset"],
  [isReplaced, "reset"],
  [never, "timeout"],
]);

/** Manner, nature, the outcome and the signals. */
const ladders: Readonly<
  Record<string, readonly [Manner, FakeProcessSpec, string, string[]]>
> = {
  "agrees and ends": [endsAtOnce, {}, "ended http_shutdown", []],
  "agrees and ends in time": [endsLater, {}, "ended http_shutdown", []],
  "refuses": [refuses, {}, "ended terminate", [TERM]],
  "ends slowly": [refuses, { delayMs: 900 }, "ended terminate", [TERM]],
  "turns zombie": [refuses, on("zombie_after_term"), "ended terminate", [TERM]],
  "ignores SIGTERM": [refuses, on("stubborn"), "ended kill", [TERM, KILL]],
  "survives everything": [
    refuses,
    { onSignal: "immortal" },
    "failed still_alive_after_kill",
    [TERM, KILL],
  ],
  "cannot be signalled": [
    refuses,
    { onSignal: "denied" },
    `${DENIED}_terminate`,
    ["SIGTERM 0 denied"],
  ],
  "cannot be killed": [
    refuses,
    { onSignal: NO_ACCESS },
    `${DENIED}_kill`,
    [TERM, "SIGKILL 1000 denied"],
  ],
  "agrees but stays": [agrees, {}, "ended terminate", [LATE]],
  "agrees, closes, lives": [closes, {}, "ended terminate", [LATE]],
  "agrees, closes, ignores SIGTERM": [
    closes,
    on("stubborn"),
    "ended kill",
    [LATE, LATEST],
  ],
  "closes on SIGTERM": [refuses, on(CLOSES), "ended kill", [TERM, KILL]],
  "ends without an answer": [vanishes, {}, "ended null", []],
  "ends and is replaced": [isReplaced, {}, TAKEN, []],
  "does not answer": [never, {}, "ended terminate", [LATE]],
};

Deno.test.each(
  Object.entries(ladders).map(([name, row]) => ({ name, row })),
)("stopTarget() of a daemon that $name", async ({ row }) => {
  const [manner, spec, outcome, signals] = row;
  const done = await stop(open(manner, spec));
  const sent = signals.flatMap((line) => {
    const [name, , became] = line.split(" ");
    const step = name === "SIGTERM" ? "terminate" : "kill";
    return [`${step} null`, `${step} ${became}`];
  });
  const met = MET.get(manner) ?? "accepted";
  const steps = ["http_shutdown null", `http_shutdown ${met}`, ...sent];
  assertEquals(done, { outcome, signals, asked: 1, steps });
});

const NOTHING = { signals: [], asked: 0, steps: [] };
const SILENT = { canBeAsked: false };

Deno.test("stopTarget() does not ask a silent daemon", async () => {
  const done = await stop(open(never, { onSignal: CLOSES }), SILENT);
  assertEquals(done, {
    outcome: "ended kill",
    signals: [TERM, KILL],
    asked: 0,
    steps: ["terminate null", "terminate sent", "kill null", "kill sent"],
  });
});

Deno.test("stopTarget() of a silent daemon that closes its listener by itself is a change", async () => {
  let looks = 0;
  const opened = open(never, {}, {
    gate: (operation) => {
      if (operation.startsWith("inspect") && ++looks === 2) {
        opened.process.unlisten(PORT);
      }
      return Promise.resolve();
    },
  });
  const outcome = "changed it no longer owns the listener";
  assertEquals(await stop(opened, SILENT), { outcome, ...NOTHING });
});

Deno.test("stopTarget() keeps the limits that it is given", async () => {
  const opened = open(agrees, { onSignal: "immortal" });
  const limits = { shutdownWaitMs: 300, graceMs: 50, killWaitMs: 20 };
  const { signals } = await stop(opened, limits);
  assertEquals(signals, ["SIGTERM 300 sent", "SIGKILL 350 sent"]);
  assertEquals(opened.world.clock.elapsed(), 370);
});

Deno.test("stopTarget() names the shutdown when its end is seen late", async () => {
  const opened = open(agrees, {}, {
    gate: (operation) => {
      const isLate = opened.world.clock.elapsed() >= 1000;
      if (isLate && operation.startsWith("inspect")) {
        opened.world.endProcess(5001);
      }
      return Promise.resolve();
    },
  });
  const { outcome, signals } = await stop(opened);
  assertEquals([outcome, signals], ["ended http_shutdown", []]);
});

const STILL = "process_gone_but_port_still_listening";

Deno.test.each([
  { name: "has ended", others: [], outcome: "ended null" },
  { name: "lost its port to another", others: [squatter], outcome: TAKEN },
  {
    name: "lost its pid to another",
    others: [{ pid: 5001, argv: MARKED }],
    outcome: "ended null",
  },
  {
    name: "lost pid and port to another",
    others: [{ ...squatter, pid: 5001 }],
    outcome: TAKEN,
  },
])(
  "stopTarget() of one that $name does nothing",
  async ({ others, outcome }) => {
    const opened = open(agrees);
    opened.world.endProcess(5001);
    for (const spec of others) opened.world.addProcess(spec);
    assertEquals(await stop(opened), {
      outcome,
      signals: [],
      asked: 0,
      steps: [],
    });
  },
);

Deno.test("stopTarget() of one that no longer owns the listener does nothing", async () => {
  const opened = open(agrees);
  opened.process.unlisten(PORT);
  opened.world.addProcess(squatter);
  const outcome = "changed it no longer owns the listener";
  assertEquals(await stop(opened), { outcome, ...NOTHING });
});

Deno.test("stopTarget() of one that cannot be held does nothing", async () => {
  const opened = open(agrees);
  const target = { ...opened.target, pid: 900 };
  const outcome = "failed access_denied_opening_process";
  assertEquals(await stop({ ...opened, target }), { outcome, ...NOTHING });
});

Deno.test.each([
  { ms: 1050, outcome: "ended terminate", end: 1051 },
  { ms: 5000, outcome: `failed ${STILL}`, end: 1106 },
])(
  "stopTarget() while a child keeps the port for $ms ms: $outcome",
  async ({ ms, outcome, end }) => {
    const opened = open(refuses, { delayMs: 100 });
    const { world } = opened;
    world.addProcess({ pid: 5002, parentPid: 5001, ports: [PORT] });
    world.clock.sleep(ms).then(() => world.endProcess(5002));
    const done = await stop(opened);
    assertEquals([done.outcome, done.signals], [outcome, [TERM]]);
    assert(world.signals.every(({ pid }) => pid === 5001));
    assertEquals(world.clock.elapsed(), end);
  },
);

Deno.test("stopTarget() goes on when its journal cannot be written", async () => {
  const opened = open(refuses);
  opened.world.failFiles(JOURNAL, "no_space", { operation: "append" });
  const journal = openJournal(opened.host, JOURNAL, "test");
  const { outcome } = await stop(opened, { journal });
  assertEquals(outcome, "ended terminate");
  assertEquals(journal.problem, `${JOURNAL}: no space`);
});
