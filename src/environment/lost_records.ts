/**
 * Records of which a part is not known any more: what more may be up than what
 * is recorded, and what to do about it.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { StateNote } from "./run_fixes.ts";

/** What mends records. */
export const REPAIR = "reeve doctor --repair";

/** Whether more may be up than what is recorded. */
export function hasLoss(notes: readonly StateNote[]): boolean {
  return lossesIn(notes).length > 0;
}

/** What is lost, and what to do about it. */
export interface Loss {
  /** What happened, in a sentence. */
  readonly message: string;
  /** What mends it. */
  readonly hint: string;
}

/** The first of what is lost. */
export function lossIn(notes: readonly StateNote[]): Loss | undefined {
  const [first] = lossesIn(notes);
  if (first === undefined) return undefined;
  const then = first.kind === "lost"
    ? ", and end what is left over then with: reeve doctor --reclaim --force"
    : "";
  const hint = `Mend the records with: ${REPAIR}${then}`;
  return { message: first.message, hint };
}

/** The error of a command that cannot go on without what is lost. */
export function lossError(notes: readonly StateNote[]): KnownError | undefined {
  const loss = lossIn(notes);
  if (loss === undefined) return undefined;
  return new KnownError("damaged_file", loss.message, { hint: loss.hint });
}

function lossesIn(notes: readonly StateNote[]): readonly StateNote[] {
  return notes.filter(({ kind }) => kind === "lost" || kind === "outdated");
}
