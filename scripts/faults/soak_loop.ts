/**
 * Everything again and again, and whether anything grows.
 *
 * @module
 */

import { reeve } from "#support/cli.ts";
import {
  type Current,
  startCurrent,
  startDaemon,
} from "#support/population.ts";
import { RealQueue } from "#support/real_queue.ts";
import {
  findDaemonsBelow,
  makeSandbox,
  type Sandbox,
} from "#support/sandbox.ts";
import { readState } from "../../src/daemon/state_file.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { optIn } from "../../src/queue/consent.ts";
import { reclaim } from "../../src/queue/reclaim.ts";
import { statePaths } from "../../src/state/paths.ts";

/** What was measured at one moment. */
export interface Sample {
  /** Minutes since the begin. */
  readonly minutes: number;
  /** Memory of the daemon that lives all the time, in KiB. */
  readonly rssKib: number;
  /** Its open files. */
  readonly files: number;
  /** Daemons below the root in which starts, upgrades and kills go on. */
  readonly processes: number;
  /** Rounds of the loop so far. */
  readonly rounds: number;
}

/** How a soak went. */
export interface Soak {
  readonly samples: readonly Sample[];
  /** Growth of the memory over the second half, in KiB a minute. */
  readonly rssSlope: number;
  /** Growth of open files over the second half, a minute. */
  readonly fileSlope: number;
  /** Why it is not flat; empty when it is. */
  readonly problems: readonly string[];
}

/** Memory that a garbage collector may let swing, in KiB. */
const SWING_KIB = 8 * 1024;

async function measure(pid: number) {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
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

/** Asks the daemon to deliver: one that nobody asks ends as idle. */
async function trigger(sandbox: Sandbox): Promise<void> {
  const { daemonState } = statePaths(sandbox.root);
  const read = await readState(denoHost, daemonState);
  if (read.kind !== "found") throw new Error("The daemon is not recorded");
  const { port, token } = read.state;
  const response = await fetch(`http://127.0.0.1:${port}/api/sync/trigger`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  await response.body?.cancel();
  if (response.status >= 400 && response.status !== 503) {
    throw new Error(`The daemon answers with ${response.status}`);
  }
}

/** Uses the daemon that lives all the time, and the queue beside it. */
async function use(sandbox: Sandbox, queue: RealQueue): Promise<void> {
  await must(sandbox, ["daemon", "status"]);
  await trigger(sandbox);
  await must(sandbox, ["daemon", "start"]);
  await must(sandbox, ["auth", "doctor"]);
  for (let n = 0; n < 50; n++) {
    queue.emitter.emit("TaskChanged", { aggregateId: "t", payload: { n } });
  }
  queue.deliverAll();
  reclaim(queue.store, { untilMs: Infinity, limit: 1000 });
}

/** Goes on until told to end, and measures after each round. */
export async function soak(
  isOver: (rounds: number, minutes: number) => boolean,
  onSample: (sample: Sample) => void,
): Promise<Soak> {
  await using steady = await makeSandbox();
  await using other = await makeSandbox();
  using queue = new RealQueue(`${steady.directory}/queue`);
  optIn(queue.store, "ada", 1);
  const daemon: Current = await startCurrent(steady, {
    REEVE_CLI_VERSION: "3.2.4",
  });
  const begin = performance.now();
  const samples: Sample[] = [];
  for (let rounds = 1;; rounds++) {
    await churn(other, rounds);
    await use(steady, queue);
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
    if (isOver(rounds, minutes)) return judge(samples);
  }
}

function judge(samples: readonly Sample[]): Soak {
  const half = samples.slice(Math.floor(samples.length / 2));
  const rssSlope = slopeOf(half, ({ rssKib }) => rssKib);
  const fileSlope = slopeOf(half, ({ files }) => files);
  const [first, last] = [half[0], half.at(-1)];
  const grown = (last?.rssKib ?? 0) - (first?.rssKib ?? 0);
  const opened = (last?.files ?? 0) - (first?.files ?? 0);
  const most = Math.max(...samples.map(({ processes }) => processes));
  return {
    samples,
    rssSlope,
    fileSlope,
    problems: [
      ...(grown > SWING_KIB ? [`memory grew by ${grown} KiB`] : []),
      ...(opened > 2 ? [`${opened} more files are open`] : []),
      ...(most > 1 ? [`${most} daemons were there at once`] : []),
    ],
  };
}

/** Slope of the line that fits best, a minute. */
function slopeOf(
  samples: readonly Sample[],
  valueOf: (sample: Sample) => number,
): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(samples.map(({ minutes }) => minutes));
  const y = mean(samples.map(valueOf));
  let [above, below] = [0, 0];
  for (const sample of samples) {
    above += (sample.minutes - x) * (valueOf(sample) - y);
    below += (sample.minutes - x) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
