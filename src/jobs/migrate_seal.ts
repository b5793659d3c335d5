/**
 * What a backend says of itself while its jobs move, and what that allows.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { QueueBackend } from "./backend.ts";
import type { Readiness } from "./readiness.ts";

/** Where the jobs are and where they go. */
export interface MigrateBackends {
  /** Where they are; it is closed for new jobs. */
  readonly source: QueueBackend;
  /** Where they go. */
  readonly target: QueueBackend;
}

/** What a target says that is being filled, before the place of its source. */
export const FILLING = "here, once this move is finished: from ";
/** The same for one that was a source itself and holds old copies. */
export const REFILLING = "here, once this move back is finished: from ";

/** Whether a backend is closed, and why. */
export type Seal =
  /** It takes jobs. */
  | "open"
  /** Its jobs have moved to the other one. */
  | "moved"
  /** A move from the other one is not finished. */
  | "filling"
  | "refilling"
  /** Something with a third place. */
  | "elsewhere";

/** Why a backend is closed, as far as it has to do with the other one. */
export function sealOf(
  { checks }: Readiness,
  { place: own }: QueueBackend,
  { place: other }: QueueBackend,
): Seal {
  const detail = checks.find(({ code }) => code === "QUEUE_MOVED")?.detail;
  if (detail === undefined) return "open";
  if (detail.includes(FILLING + other)) return "filling";
  if (detail.includes(REFILLING + other)) return "refilling";
  // Its own place may stand in the sentence too.
  return detail.replaceAll(own, "").includes(other) ? "moved" : "elsewhere";
}

/**
 * Refuses a move that would mix up jobs of other moves.
 *
 * @throws {KnownError} that says what to do first.
 */
export function requireWay(
  { source, target }: MigrateBackends,
  from: Seal,
  to: Seal,
): void {
  if (from === "filling" || from === "refilling") {
    throw new KnownError(
      "unusable",
      `Cannot move jobs from ${source.place}: they are still on their way ` +
        `there from ${target.place}`,
      { hint: `Finish that first: ${migrateCommand(target, source)}` },
    );
  }
  const third = from === "elsewhere" ? source : target;
  if (from !== "elsewhere" && to !== "elsewhere") return;
  throw new KnownError(
    "unusable",
    `Cannot move jobs: those of ${third.place} have to do with another place`,
    { hint: "See: reeve queue doctor" },
  );
}

/** The command that moves jobs from one backend to another. */
export function migrateCommand(
  source: Pick<QueueBackend, "kind">,
  target: Pick<QueueBackend, "kind">,
): string {
  return `reeve queue migrate --from ${source.kind} --to ${target.kind}`;
}
