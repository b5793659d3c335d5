/**
 * Which dead letters the flags of a command choose.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { DeadFilter, DeadState } from "../queue/dead.ts";
import { instantOf, type Since } from "./since.ts";

/** Flags that choose. */
export interface DeadFlags {
  /** Type. */
  readonly type?: string;
  /** Reason. */
  readonly reason?: string;
  /** Refused since. */
  readonly since?: Since;
  /** Ids. */
  readonly id?: readonly string[];
}

/** The flag that turns to what was skipped. */
export interface SkippedFlag {
  /** Those that were skipped, in place of the dead ones. */
  readonly skipped: boolean;
}

/** The filter of these flags. */
export function deadFilter(
  flags: DeadFlags & Partial<SkippedFlag>,
  nowMs: number,
): DeadFilter {
  const { type, reason, id = [] } = flags;
  const sinceMs = instantOf(flags.since, nowMs);
  const states: readonly DeadState[] = flags.skipped ? ["skipped"] : ["dead"];
  return {
    // Whoever names an id means it, in whichever of the two states it is.
    states: id.length > 0 ? ["dead", "skipped"] : states,
    ...(type === undefined ? {} : { type }),
    ...(reason === undefined ? {} : { reason }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(id.length === 0 ? {} : { ids: id }),
  };
}

/**
 * Refuses flags that choose nothing: then everything must be named.
 *
 * @throws {KnownError} `usage`.
 */
export function requireChoice(
  flags: DeadFlags & { readonly all: boolean },
  verb: string,
): void {
  const { type, reason, since, id = [] } = flags;
  const isChosen = flags.all || id.length > 0 ||
    [type, reason, since].some((flag) => flag !== undefined);
  if (isChosen) return;
  throw new KnownError("usage", `Cannot ${verb}: nothing is chosen`, {
    hint: "Choose with --id, --type, --reason or --since, or take --all. " +
      "See: reeve sync dead list",
  });
}

/**
 * Refuses an id that no dead letter has.
 *
 * @throws {KnownError} `not_found`.
 */
export function requireFound(count: number, { id = [] }: DeadFlags): void {
  const [first] = id;
  if (count > 0 || first === undefined) return;
  throw new KnownError("not_found", `Cannot find a dead letter ${first}`, {
    hint: "See: reeve sync dead list",
  });
}
