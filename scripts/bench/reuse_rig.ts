// deno-lint-ignore-file no-console -- its result goes to whoever started it
/**
 * Runs in a private pid namespace. Each round takes hold of a target as it was
 * scanned, lets it end, forces its pid onto an innocent that looks the same and
 * then tries to stop the target by every way that Reeve has. Prints what was
 * hit as JSON.
 * Arguments: how many rounds, and `by_number` to do without pidfds.
 *
 * @module
 */

import "../../tests/programs/hides_pidfds.ts";
import { FAMILIES, familyOf } from "../../src/daemon/family.ts";
import type { Journal } from "../../src/daemon/journal.ts";
import { stopTarget } from "../../src/daemon/stop_target.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Host } from "../../src/host/host.ts";
import type { ProcessHold } from "../../src/host/processes.ts";
import { findFreeBlock } from "#support/sandbox.ts";

/** Moments at which the pid changes hands. */
const GAPS = ["before_hold", "before_proof", "before_kill"] as const;
type Gap = typeof GAPS[number];

/**
 * How an innocent that nobody has touched ends: by our own signal. The first
 * fatal signal decides how a process ends, so that any other would be seen.
 */
const OWN_SIGNAL = "SIGVTALRM";

// Far from the pids that the rig itself uses.
const FIRST_PID = 2000;
const LAST_PID = 30_000;

const SCOPE = "/nowhere";
const SHAPE = ["daemon", "run", `--reeve-daemon-root=${SCOPE}`];
const PORT = findFreeBlock(1);

const quiet: Journal = {
  step: (_target, _step, _reason, run) => run(),
  problem: undefined,
};

/** What a process of the rig does beside looking like the target. */
interface Nature {
  readonly ignoresSigterm?: boolean;
  readonly listens: boolean;
}

/**
 * Starts a process with exactly this pid and the argument vector of a daemon
 * of ours, in a language that starts within a few milliseconds.
 */
async function startAs(
  pid: number,
  { ignoresSigterm = false, listens }: Nature,
): Promise<Deno.ChildProcess | undefined> {
  const script = [
    "use Socket",
    ...(ignoresSigterm ? ["$SIG{TERM} = 'IGNORE'"] : []),
    "socket(S, PF_INET, SOCK_STREAM, 0)",
    "setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1)",
    ...(listens
      ? [`bind(S, sockaddr_in(${PORT}, INADDR_LOOPBACK))`, "listen(S, 5)"]
      : []),
    "syswrite(STDOUT, 'x')",
    "sleep 30",
  ].join(";");
  for (let attempt = 0; attempt < 20; attempt++) {
    await Deno.writeTextFile("/proc/sys/kernel/ns_last_pid", String(pid - 1));
    const child = new Deno.Command("perl", {
      args: ["-e", script, ...SHAPE],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = child.stdout.getReader();
    if (child.pid === pid) {
      await reader.read();
      void reader.closed.catch(() => {});
      return child;
    }
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
  }
  return undefined;
}

async function stampOf(pid: number): Promise<string> {
  const seen = (await denoHost.processes.inspect([pid])).get(pid);
  return seen?.kind === "found" ? seen.facts.startStamp : "";
}

/** A host in which the pid is reused at one moment of the ladder. */
function hostThatReuses(gap: Gap, reuse: () => Promise<void>): Host {
  const { processes } = denoHost;
  return {
    ...denoHost,
    processes: {
      ...processes,
      async hold(pid) {
        if (gap === "before_hold") await reuse();
        const held = await processes.hold(pid);
        if (gap === "before_proof") await reuse();
        if (gap !== "before_kill" || typeof held === "string") return held;
        return reusedAfterSignal(held, reuse);
      },
    },
  };
}

function reusedAfterSignal(
  held: ProcessHold,
  reuse: () => Promise<void>,
): ProcessHold {
  const seemsEnded = false;
  let signals = 0;
  return {
    pid: held.pid,
    pinned: held.pinned,
    async signal(name) {
      const outcome = await held.signal(name);
      if (signals++ === 0) await reuse();
      return outcome;
    },
    // The wait must not notice, or nobody would try the next signal.
    hasExited: async () => await Promise.resolve(seemsEnded),
    [Symbol.dispose]: () => held[Symbol.dispose](),
  };
}

interface Round {
  readonly isHit: boolean;
  readonly outcome: string;
}

const family = {
  ...familyOf(FAMILIES, "reeve", "sync"),
  ports: { first: PORT, end: PORT + 1 },
};
const machine = await denoHost.processes.machine();

/** One round, or nothing when the pid could not be forced. */
async function playRound(pid: number, gap: Gap): Promise<Round | undefined> {
  const ignoresSigterm = gap === "before_kill";
  const victim = await startAs(pid, { ignoresSigterm, listens: true });
  if (victim === undefined) return undefined;
  const startStamp = await stampOf(pid);
  let innocent: Deno.ChildProcess | undefined;
  const host = hostThatReuses(gap, async () => {
    victim.kill("SIGKILL");
    await victim.status;
    // The start stamp counts hundredths of a second.
    await new Promise((resolve) => setTimeout(resolve, 11));
    // Behind a signal a closed listener would prove nothing either way.
    innocent = await startAs(pid, { listens: gap !== "before_kill" });
  });
  const outcome = await stopTarget(
    host,
    { port: PORT, pid, startStamp, family, scope: SCOPE },
    {
      journal: quiet,
      machine,
      reason: "rig",
      canBeAsked: false,
      graceMs: 5,
      killWaitMs: 5,
    },
  );
  if (innocent === undefined) return undefined;
  const isOurs = tryToSignal(innocent);
  const { signal } = await innocent.status;
  return { isHit: !isOurs || signal !== OWN_SIGNAL, outcome: outcome.kind };
}

/** `false` when it has ended before we did anything to it. */
function tryToSignal(child: Deno.ChildProcess): boolean {
  try {
    child.kill(OWN_SIGNAL);
    return true;
  } catch {
    return false;
  }
}

async function main(rounds: number): Promise<void> {
  const outcomes: Record<string, number> = {};
  let [done, hits, refusals, pid] = [0, 0, 0, FIRST_PID];
  while (done < rounds) {
    pid = pid >= LAST_PID ? FIRST_PID : pid + 1;
    const gap = GAPS[done % GAPS.length] ?? "before_hold";
    const round = await playRound(pid, gap);
    if (round === undefined) continue;
    done++;
    if (round.isHit) hits++;
    if (round.outcome !== "failed") refusals++;
    const key = `${gap}: ${round.outcome}`;
    outcomes[key] = (outcomes[key] ?? 0) + 1;
  }
  console.log(JSON.stringify({ rounds: done, hits, refusals, outcomes }));
}

await main(Number(Deno.args[0] ?? 100));
