// deno-lint-ignore-file no-console -- its result goes to the bench
/**
 * Runs in a private pid namespace. Each round takes hold of a target as it was
 * scanned, lets it end, forces its pid onto an innocent and then tries to stop
 * the target by every way that Reeve has. Prints what was hit as JSON.
 */

import { FAMILIES, familyOf } from "../../src/daemon/family.ts";
import type { Journal } from "../../src/daemon/journal.ts";
import { stopTarget } from "../../src/daemon/stop_target.ts";
import type { Target } from "../../src/daemon/target.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Host } from "../../src/host/host.ts";

const ROUNDS = Number(Deno.args[0] ?? 100);
const SLEEP = ["-c", "exec sleep 30"];

const quiet: Journal = {
  step: (_target, _step, _reason, run) => run(),
  problem: undefined,
};

/** Starts a child with exactly this pid. */
async function startAs(pid: number): Promise<Deno.ChildProcess | undefined> {
  for (let attempt = 0; attempt < 20; attempt++) {
    await Deno.writeTextFile("/proc/sys/kernel/ns_last_pid", String(pid - 1));
    const child = new Deno.Command("sh", {
      args: SLEEP,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    if (child.pid === pid) return child;
    child.kill("SIGKILL");
    await child.status;
  }
  return undefined;
}

async function stampOf(pid: number): Promise<string> {
  const seen = (await denoHost.processes.inspect([pid])).get(pid);
  return seen?.kind === "found" ? seen.facts.startStamp : "";
}

/** A host in which the pid is reused at one moment of the ladder. */
function hostThatReuses(
  gap: "before_hold" | "before_proof",
  reuse: () => Promise<void>,
): Host {
  const { processes } = denoHost;
  return {
    ...denoHost,
    processes: {
      ...processes,
      async hold(pid) {
        if (gap === "before_hold") await reuse();
        const held = await processes.hold(pid);
        if (gap === "before_proof") await reuse();
        return held;
      },
    },
  };
}

let hits = 0;
let refusals = 0;
let rounds = 0;
const family = familyOf(FAMILIES, "reeve", "sync");
// Far from the pids that the rig itself uses.
let pid = 2000;
while (rounds < ROUNDS) {
  pid = pid >= 30_000 ? 2000 : pid + 1;
  const victim = await startAs(pid);
  if (victim === undefined) continue;
  const target: Target = {
    port: family.ports.first,
    pid,
    startStamp: await stampOf(pid),
    family,
    scope: "/nowhere",
  };
  let innocent: Deno.ChildProcess | undefined;
  const host = hostThatReuses(
    rounds % 2 === 0 ? "before_hold" : "before_proof",
    async () => {
      victim.kill("SIGKILL");
      await victim.status;
      // The start stamp counts hundredths of a second.
      await new Promise((resolve) => setTimeout(resolve, 11));
      innocent = await startAs(pid);
    },
  );
  const outcome = await stopTarget(host, target, {
    journal: quiet,
    machine: await denoHost.processes.machine(),
    reason: "rig",
    canBeAsked: false,
    graceMs: 5,
    killWaitMs: 5,
  });
  if (innocent === undefined) {
    await victim.status;
    continue;
  }
  rounds++;
  const now = (await denoHost.processes.inspect([pid])).get(pid);
  const isAlive = now?.kind === "found" && now.facts.state === "running";
  if (!isAlive) hits++;
  if (outcome.kind !== "failed") refusals++;
  if (isAlive) innocent.kill("SIGKILL");
  await innocent.status;
}
console.log(JSON.stringify({ rounds, hits, refusals }));
