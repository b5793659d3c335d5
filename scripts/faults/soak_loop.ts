/**
 * Everything again and again, and whether anything grows.
 *
 * @module
 */

import { reeve } from "#support/cli.ts";
import { type LiveProject, liveProject } from "#support/live_project.ts";
import {
  type Current,
  startCurrent,
  startDaemon,
} from "#support/population.ts";
import {
  findDaemonsBelow,
  makeSandbox,
  type Sandbox,
} from "#support/sandbox.ts";
import { readState } from "../../src/daemon/state_file.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { reclaim } from "../../src/queue/reclaim.ts";
import { statePaths } from "../../src/state/paths.ts";
import { judge, type Sample, type Verdict } from "./soak_verdict.ts";

/** How a soak went. */
export interface Soak extends Verdict {
  /** What was measured after each round. */
  readonly samples: readonly Sample[];
  /** Events that the daemon has delivered. */
  readonly delivered: number;
  /** Events that were captured and never arrived. */
  readonly lost: number;
}

/** Events of each round. */
const EVENTS = 50;
/** How long the last ones may take, in milliseconds. */
const ARRIVAL_MS = 20_000;

async function measure(pid: number) {
  const status = await Deno.readTextFile(`/proc/${pid}/status`)
    .catch((cause) => {
      // A machine that is too busy makes a command replace a daemon.
      throw new Error("The daemon that lives all the time is gone", { cause });
    });
  const rss = /\nVmRSS:\s+(\d+) kB/.exec(status)?.[1];
  let files = 0;
  for await (const _ of Deno.readDir(`/proc/${pid}/fd`)) files++;
  return { rssKib: Number(rss), files };
}

async function must(
  sandbox: Sandbox,
  args: readonly string[],
  version = "3.2.4",
): Promise<void> {
  const env = { REEVE_CLI_VERSION: version };
  const { code, stderr } = await reeve(sandbox, args, env);
  if (code !== 0) throw new Error(`${args.join(" ")}: ${code} ${stderr}`);
}

/** Starts, upgrades, kills and cleans in one root. */
async function churn(sandbox: Sandbox, round: number): Promise<void> {
  const version = `3.2.${4 + round % 5}`;
  await must(sandbox, ["daemon", "start"], version);
  if (round % 3 === 0) {
    const [pid] = await findDaemonsBelow(sandbox.directory);
    if (pid !== undefined) Deno.kill(pid, "SIGKILL");
  }
  if (round % 5 === 0) {
    await using _ = await startDaemon(sandbox, { version: "3.2.1" });
    await must(sandbox, ["auth", "doctor", "--reset"], version);
  }
  if (round % 5 === 4) await must(sandbox, ["daemon", "stop"], version);
}

/** Asks the daemon to deliver; one that nobody asks ends as idle. */
async function trigger({ sandbox, queue }: LiveProject): Promise<void> {
  const { daemonState } = statePaths(sandbox.root);
  const read = await readState(denoHost, daemonState);
  if (read.kind !== "found") throw new Error("The daemon is not recorded");
  const { port, token } = read.state;
  const project = queue.store.projectId;
  const response = await fetch(`http://127.0.0.1:${port}/api/sync/trigger`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, project }),
  });
  await response.body?.cancel();
  if (response.status >= 400 && response.status !== 503) {
    throw new Error(`The daemon answers with ${response.status}`);
  }
}

/** Captures events; what finds the queue busy waits in a file beside it. */
function emit({ queue }: LiveProject): void {
  const items = Array.from({ length: EVENTS }, (_, n) => ({
    type: "TaskChanged",
    aggregateId: "t",
    payload: { n },
  }));
  for (const { kind } of queue.emitter.emitBatch(items)) {
    if (kind !== "captured" && kind !== "spilled") throw new Error(kind);
  }
}

/** Uses the daemon that lives all the time, which delivers meanwhile. */
async function use(project: LiveProject): Promise<void> {
  const { sandbox, queue } = project;
  emit(project);
  await must(sandbox, ["daemon", "status"]);
  await trigger(project);
  await must(sandbox, ["daemon", "start"]);
  await must(sandbox, ["auth", "doctor"]);
  reclaim(queue.store, { untilMs: Infinity, limit: 1000 });
}

/** Waits until the server has so many events, and tells how many it has. */
async function arrived(project: LiveProject, count: number): Promise<number> {
  const { receiver } = project.server;
  const end = performance.now() + ARRIVAL_MS;
  while (receiver.countEvents() < count && performance.now() < end) {
    await trigger(project);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return receiver.countEvents();
}

/** Goes on until told to end, and measures after each round. */
export async function soak(
  isOver: (rounds: number, minutes: number) => boolean,
  onSample: (sample: Sample) => void,
): Promise<Soak> {
  await using steady = await liveProject({ logLimit: 10 });
  await using other = await makeSandbox();
  const daemon: Current = await startCurrent(steady, {
    REEVE_CLI_VERSION: "3.2.4",
  });
  const begin = performance.now();
  const samples: Sample[] = [];
  for (let rounds = 1;; rounds++) {
    await churn(other, rounds);
    await use(steady);
    const minutes = (performance.now() - begin) / 60_000;
    const found = await findDaemonsBelow(other.directory);
    const processes = found.length;
    const sample = {
      ...await measure(daemon.pid),
      minutes,
      processes,
      rounds,
    };
    samples.push(sample);
    onSample(sample);
    if (!isOver(rounds, minutes)) continue;
    const delivered = await arrived(steady, rounds * EVENTS);
    const lost = rounds * EVENTS - delivered;
    return { ...judge(samples), samples, delivered, lost };
  }
}
