/**
 * Strangers, and what only looks as if it could be ended.
 *
 * @module
 */

import {
  reeveHealth,
  startCurrent,
  startDaemon,
  type Started,
  startProgram,
  startShaped,
} from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { OWN_SIGNAL } from "./canaries.ts";
import { type Fault, Tally, wantedOf } from "./fault.ts";
import { DOCTOR, FORCED, NEW, report, RESET, stateOf } from "./reports.ts";

/** Programs that listen where our daemons do. */
const PROGRAMS = [
  "foreign_http_server",
  "dashboard_shaped_server",
  "listens_but_never_answers",
  "drips_headers",
  "sends_endless_body",
];

async function startStrangers(
  sandbox: Sandbox,
  stack: AsyncDisposableStack,
): Promise<readonly Started[]> {
  const all: Started[] = [];
  const add = (started: Started) => all.push(stack.use(started));
  for (const [at, name] of PROGRAMS.entries()) {
    add(await startProgram(sandbox, name, sandbox.firstPort + 10 + at));
  }
  // Says of itself that it is ours, and is not.
  const health = reeveHealth(sandbox.root, "3.2.4");
  add(await startShaped(sandbox, { port: sandbox.firstPort + 30, health }, []));
  const shape = ["daemon", "run"];
  const port = sandbox.firstPort + 31;
  add(await startShaped(sandbox, { port, health: {} }, shape));
  return all;
}

/** Ends them; who ended otherwise was touched. */
async function countTouched(all: readonly Started[]): Promise<number> {
  let touched = 0;
  for (const one of all) {
    if (one.isAlive()) one.signal(OWN_SIGNAL);
    const { signal } = await one.ended;
    if (signal !== OWN_SIGNAL) touched++;
  }
  return touched;
}

/** Strangers on our ports. */
export const strangersOnPorts: Fault = {
  id: "F5",
  title: "strangers listen on our ports, answer slowly, endlessly or with lies",
  promise: "none of them is asked to stop or signalled, not even by force, " +
    "and no command waits for them",
  how: `${PROGRAMS.length + 2} programs on ports of a private range: plain ` +
    "servers, one that never answers, one that drips its headers, one that " +
    "never stops its body, one whose health claims our scope, one with half " +
    "of our argument vector. `auth doctor`, `--reset` and `--reset --force` " +
    "run beside them, and a start.",
  atLeast: { short: 3, long: 90 },
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    await using sandbox = await makeSandbox();
    await using stack = new AsyncDisposableStack();
    const strangers = await startStrangers(sandbox, stack);
    await startCurrent(sandbox, NEW);
    let slowest = 0;
    while (tally.tried < wanted) {
      for (const args of [DOCTOR, RESET, FORCED]) {
        await tally.attempt(args.join(" "), async () => {
          const { took } = await report(sandbox, args);
          slowest = Math.max(slowest, took);
        });
      }
      options.onProgress(tally.tried, wanted);
    }
    tally.see("strangers", strangers.length);
    tally.note(`The slowest command took ${Math.round(slowest)} ms.`);
    tally.wrongSignals += await countTouched(strangers);
    return tally.result(wanted);
  },
};

/** What keeps a daemon from ending, or from being seen to end. */
const STATES = ["stopped", "traced", "frozen"] as const;

async function bringInto(
  state: typeof STATES[number],
  daemon: Started,
  stack: AsyncDisposableStack,
  groups: AsyncDisposableStack,
): Promise<boolean> {
  const { pid } = daemon;
  if (state === "stopped") daemon.signal("SIGSTOP");
  if (state === "traced") {
    try {
      const tracer = new Deno.Command("gdb", {
        args: ["-p", String(pid), "-batch", "-ex", "shell sleep 600"],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      stack.defer(async () => {
        tracer.kill("SIGKILL");
        await tracer.status;
      });
    } catch {
      return false;
    }
    for (let look = 0; look < 400 && await stateOf(pid) !== "t"; look++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return await stateOf(pid) === "t";
  }
  if (state !== "frozen") return true;
  const group = `/sys/fs/cgroup/reeve-faults-${pid}`;
  try {
    await Deno.mkdir(group);
    groups.defer(() => Deno.remove(group).catch(() => {}));
    // Where no such file system is mounted, it would be a plain file.
    await Deno.stat(`${group}/cgroup.freeze`);
    await Deno.writeTextFile(`${group}/cgroup.procs`, String(pid));
    await Deno.writeTextFile(`${group}/cgroup.freeze`, "1");
    stack.defer(() => Deno.writeTextFile(`${group}/cgroup.freeze`, "0"));
    return true;
  } catch {
    return false;
  }
}

async function tryState(
  state: typeof STATES[number],
  tally: Tally,
): Promise<void> {
  await using sandbox = await makeSandbox();
  // A group can be removed when its daemon is gone.
  await using groups = new AsyncDisposableStack();
  await using stack = new AsyncDisposableStack();
  const daemon = stack.use(await startDaemon(sandbox, { version: "3.2.4" }));
  if (!await bringInto(state, daemon, stack, groups)) {
    return tally.note(`A ${state} daemon could not be made here.`);
  }
  for (const args of [RESET, FORCED]) {
    const { json } = await report(sandbox, args);
    const swept: readonly { pid: number }[] = json.reset_result.swept;
    const isSwept = swept.some(({ pid }) => pid === daemon.pid);
    const now = await stateOf(daemon.pid);
    const isGone = now === "Z" || now === "X" || now === "?";
    tally.see(`${state}: ${isSwept ? "reported as ended" : "left"}`);
    if (isSwept && !isGone) throw new Error(`${state}: ended, but is ${now}`);
  }
}

/** Daemons that do not end as others do. */
export const stuckDaemons: Fault = {
  id: "F3",
  title: "daemons are stopped, traced or frozen",
  promise: "nothing is reported as ended that has not ended",
  how: "A stale daemon is brought into each state (SIGSTOP, gdb, a frozen " +
    "cgroup) and reset, plainly and by force. What is reported is compared " +
    "with its state in `/proc`. Zombies are tried by the live tests.",
  atLeast: { short: 3, long: 21 },
  unavailable: () =>
    Promise.resolve(Deno.build.os === "linux" ? undefined : "needs Linux"),
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    while (tally.tried < wanted) {
      for (const state of STATES) {
        await tally.attempt(state, () => tryState(state, tally));
        options.onProgress(tally.tried, wanted);
      }
    }
    return tally.result(wanted);
  },
};
