/**
 * Who gets the next slot, when several tenants share the slots of a process:
 * the one with the least of them for its weight, so that all get the same
 * unless they want less (max-min fairness). One that wants nothing leaves its
 * share to the others.
 *
 * Where that says nothing, because tenants have equally few, turns decide. They
 * are counted and not timed: who runs long jobs holds slots, and is behind the
 * others for it, and counted turns bound how many go first.
 *
 * @module
 */

/** What is known about a tenant when a slot is given away. */
export interface Standing {
  /** Slots it holds, also those that are kept for it. */
  readonly held: number;
  /** How much of the room it is worth, beside the others. */
  readonly weight: number;
  /** Most slots it may hold. */
  readonly max: number;
  /** Turns it has had, each divided by its weight; see {@linkcode afterTurn}. */
  readonly turns: number;
}

/** Somebody who would take a slot now. */
export interface Wish {
  /** The tenant it is for. */
  readonly standing: Standing;
  /** Grows with each wish; the smallest has waited longest. */
  readonly since: number;
}

/** Whether a tenant may have another slot at all. */
export function mayHold({ held, max }: Standing): boolean {
  return held < max;
}

function isBefore(a: Wish, b: Wish, now: number): boolean {
  const share = a.standing.held / a.standing.weight -
    b.standing.held / b.standing.weight;
  if (share !== 0) return share < 0;
  // Turns that a tenant has missed while it wanted nothing are gone.
  const turns = Math.max(now, a.standing.turns) -
    Math.max(now, b.standing.turns);
  return turns === 0 ? a.since < b.since : turns < 0;
}

/**
 * The wish that gets the next slot; `undefined` when nobody may have one.
 *
 * @param now turns at which the last slot was given, by {@linkcode afterTurn}.
 */
export function nextWish<W extends Wish>(
  wishes: Iterable<W>,
  now: number,
): W | undefined {
  let first: W | undefined;
  for (const wish of wishes) {
    if (!mayHold(wish.standing)) continue;
    if (first === undefined || isBefore(wish, first, now)) first = wish;
  }
  return first;
}

/** What a slot changes: the turns of all, and those of who has got it. */
export function afterTurn(
  { turns, weight }: Standing,
  now: number,
): { readonly now: number; readonly turns: number } {
  const begun = Math.max(now, turns);
  return { now: begun, turns: begun + 1 / weight };
}
