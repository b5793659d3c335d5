/**
 * Slots: the number by which the ports of a project are moved away from those
 * of the main checkout. Once given, a slot stays with its project. Pure.
 *
 * @module
 */

/** The project of the main checkout, which always has slot 0. */
export const MAIN_PROJECT = "Main";

/** The slot of one project. */
export interface Slot {
  /** Repository. */
  readonly scope: string;
  /** Project. */
  readonly project: string;
  /** Its number, from 1 on. */
  readonly slot: number;
}

/** Gives each project of a repository that has no slot the first free one. */
export function assignSlots(
  table: readonly Slot[],
  scope: string,
  projects: readonly string[],
): readonly Slot[] {
  const next = [...table];
  // Sorted, so that who asks in another order gets the same answer.
  for (const project of projects.toSorted()) {
    if (project === MAIN_PROJECT) continue;
    const mine = next.filter((slot) => slot.scope === scope);
    if (mine.some((slot) => slot.project === project)) continue;
    const used = new Set(mine.map(({ slot }) => slot));
    let slot = 1;
    while (used.has(slot)) slot++;
    next.push({ scope, project, slot });
  }
  return next.length === table.length ? table : next;
}

/** The slot of a project, or `undefined` before it was given one. */
export function slotOf(
  table: readonly Slot[],
  scope: string,
  project: string,
): number | undefined {
  if (project === MAIN_PROJECT) return 0;
  return table.find((slot) => slot.scope === scope && slot.project === project)
    ?.slot;
}

/** The highest slot of a repository. */
export function lastSlot(table: readonly Slot[], scope: string): number {
  const mine = table.filter((slot) => slot.scope === scope);
  return Math.max(0, ...mine.map(({ slot }) => slot));
}

/** Takes the slots of projects away that a repository does not have any more. */
export function freeSlots(
  table: readonly Slot[],
  scope: string,
  gone: readonly string[],
): readonly Slot[] {
  return table.filter((slot) =>
    slot.scope !== scope || !gone.includes(slot.project)
  );
}
