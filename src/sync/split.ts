/**
 * Where a refused batch is cut in two to find the event at fault.
 *
 * @module
 */

/** What the cut has to know of an event. */
export interface SplitFacts {
  /** Its lane. */
  readonly lane: string;
  /** `create` for the event that its aggregate begins with. */
  readonly orderRole: string;
}

/**
 * The first index of the right half: the middle, moved so that a creation and
 * the event of its lane right behind it stay together; from 1 to n − 1.
 */
export function splitAt(events: readonly SplitFacts[]): number {
  const { length } = events;
  const middle = Math.ceil(length / 2);
  if (!isTornAt(events, middle)) return middle;
  if (middle + 1 <= length - 1 && !isTornAt(events, middle + 1)) {
    return middle + 1;
  }
  return middle - 1 >= 1 ? middle - 1 : middle;
}

function isTornAt(events: readonly SplitFacts[], index: number): boolean {
  const left = events[index - 1];
  const right = events[index];
  return left !== undefined && right !== undefined &&
    left.orderRole === "create" && left.lane === right.lane;
}
