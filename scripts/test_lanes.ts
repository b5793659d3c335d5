/**
 * Runs test files in lanes: some beside each other, each in a process of its
 * own. Each lane has ports of its own, so no two files are in each other's way.
 *
 * @module
 */

/** Ports that tests may take, outside the real ranges of any product. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

/** More would have too few ports for the tests that take the most. */
const MOST_LANES = 4;

/** How many lanes a machine of so many processors has. */
export function laneCount(processors: number): number {
  return Math.max(1, Math.min(processors, MOST_LANES));
}

/** Ports of a lane, counted from 0, as `first-last`. */
export function portsOf(lane: number, lanes: number): string {
  const size = Math.floor(PORTS / lanes);
  const first = FIRST_PORT + lane * size;
  return `${first}-${first + size - 1}`;
}

/** A file that has run. */
export interface Ended<T> {
  /** Its path. */
  readonly file: string;
  /** How long it took. */
  readonly seconds: number;
  /** What came of it. */
  readonly result: T;
}

/** Runs each file once, in order; a lane that is free takes the next one. */
export async function runInLanes<T>(
  files: readonly string[],
  lanes: number,
  run: (file: string, lane: number) => Promise<T>,
): Promise<readonly Ended<T>[]> {
  const left = files.values();
  const ended: Ended<T>[] = [];
  await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
    // The lanes share one iterator, so each file is taken once.
    for (const file of left) {
      const start = performance.now();
      const result = await run(file, lane);
      const seconds = (performance.now() - start) / 1000;
      ended.push({ file, seconds, result });
    }
  }));
  return ended;
}
