/**
 * What the measurements of a soak say: whether something grows, or has grown
 * and levels off. Memory is judged by the highest of each quarter, as a
 * garbage collector lets everything below swing.
 *
 * @module
 */

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

/** Which way the memory goes after the first quarter. */
export type Trend = "flat" | "grows" | "levels off";

/** What the samples say. */
export interface Verdict {
  /** Highest memory of each quarter, in KiB; empty without a sample each. */
  readonly peaksKib: readonly number[];
  /** Which way they go. */
  readonly trend: Trend;
  /** Growth of the memory over the second half, in KiB a minute. */
  readonly rssSlope: number;
  /** Growth of open files over the second half, a minute. */
  readonly fileSlope: number;
  /** Why it is not flat; empty when it is. */
  readonly problems: readonly string[];
}

/** Memory that a process may take for more of the same, in KiB. */
const SWING_KIB = 8 * 1024;
/** Growth of the peaks from one quarter to the next that is none, in KiB. */
const NOISE_KIB = 2 * 1024;
/** Files that may be open for a moment. */
const SWING_FILES = 2;

/** Judges samples in the order of their time. */
export function judge(samples: readonly Sample[]): Verdict {
  const half = samples.slice(Math.floor(samples.length / 2));
  const peaksKib = peaksOf(samples.map(({ rssKib }) => rssKib));
  const trend = trendOf(peaksKib);
  const opened = (half.at(-1)?.files ?? 0) - (half[0]?.files ?? 0);
  const most = Math.max(0, ...samples.map(({ processes }) => processes));
  return {
    peaksKib,
    trend,
    rssSlope: slopeOf(half, ({ rssKib }) => rssKib),
    fileSlope: slopeOf(half, ({ files }) => files),
    problems: [
      ...isTooMuch(peaksKib, trend) ? [memoryText(peaksKib, trend)] : [],
      ...opened > SWING_FILES ? [`${opened} more files are open`] : [],
      ...most > 1 ? [`${most} daemons were there at once`] : [],
    ],
  };
}

/** What the memory did, in words. */
export function memoryText(
  peaksKib: readonly number[],
  trend: Trend,
): string {
  if (peaksKib.length === 0) return "memory unknown: too few rounds";
  const all = peaksKib.map((kib) => (kib / 1024).toFixed(0)).join(", ");
  return `memory ${trend}: at most ${all} MiB in each quarter`;
}

function peaksOf(values: readonly number[]): readonly number[] {
  if (values.length < 4) return [];
  return [0, 1, 2, 3].map((quarter) =>
    Math.max(...values.slice(
      Math.floor(quarter * values.length / 4),
      Math.floor((quarter + 1) * values.length / 4),
    ))
  );
}

/** In the first quarter things are loaded for the first time. */
function trendOf(peaksKib: readonly number[]): Trend {
  const [, second = 0, third = 0, last = 0] = peaksKib;
  const [before, now] = [third - second, last - third];
  if (now <= NOISE_KIB) return "flat";
  return 2 * now <= before ? "levels off" : "grows";
}

function isTooMuch(peaksKib: readonly number[], trend: Trend): boolean {
  const [, second = 0, third = 0, last = 0] = peaksKib;
  if (last - third > SWING_KIB) return true;
  return trend === "grows" && last - second > SWING_KIB;
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
