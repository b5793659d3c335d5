/** How often each thread of a process has waited for something. */
export type Waits = ReadonlyMap<string, number>;

/**
 * How often the threads of a process have waited between two looks. One that
 * has ended meanwhile took its count along; it woke up at least once to end.
 */
export function waitsBetween(
  before: Waits,
  after: Waits,
): number {
  let waits = 0;
  for (const [thread, count] of after) {
    waits += count - (before.get(thread) ?? 0);
  }
  for (const thread of before.keys()) if (!after.has(thread)) waits++;
  return waits;
}
