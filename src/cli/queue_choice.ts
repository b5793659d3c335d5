/**
 * Which dead jobs the flags of a command choose.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { DeadFilter } from "../jobs/backend.ts";
import type { DeadReason } from "../jobs/job.ts";
import { instantOf, type Since } from "./since.ts";

/** Flags that choose dead jobs. */
export interface DeadJobFlags {
  /** Ids. */
  readonly id?: readonly string[];
  /** What they died of. */
  readonly reason?: DeadReason;
  /** Until when they died. */
  readonly before?: Since;
}

/** The filter of these flags. */
export function deadJobFilter(
  { id = [], reason, before }: DeadJobFlags,
  nowMs: number,
): DeadFilter {
  const beforeMs = instantOf(before, nowMs);
  return {
    ...(id.length === 0 ? {} : { ids: id }),
    ...(reason === undefined ? {} : { reason }),
    ...(beforeMs === undefined ? {} : { before: beforeMs }),
  };
}

/**
 * Refuses flags that choose nothing: then everything must be named.
 *
 * @throws {KnownError} `usage`.
 */
export function requireJobChoice(
  flags: DeadJobFlags & { readonly all: boolean },
  verb: "purge" | "replay",
  queue: string,
): void {
  const { id = [], reason, before } = flags;
  const chooses = id.length > 0 || reason !== undefined || before !== undefined;
  if (flags.all && chooses) {
    throw new KnownError("usage", `Cannot ${verb}: --all is not all then`, {
      hint: "Leave out --all, or leave out --id, --reason and --before.",
    });
  }
  if (flags.all || chooses) return;
  throw new KnownError("usage", `Cannot ${verb}: nothing is chosen`, {
    hint: "Choose with --id, --reason or --before, or take --all. " +
      `See: reeve queue dead list ${queue}`,
  });
}

/**
 * Refuses a limit that shows nothing.
 *
 * @throws {KnownError} `usage`.
 */
export function requireLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100_000) return limit;
  throw new KnownError(
    "usage",
    `Cannot use --limit ${limit}: it is a whole number from 1 to 100000`,
  );
}
