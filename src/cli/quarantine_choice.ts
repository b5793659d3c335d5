/**
 * Which entries of the quarantine the flags of a command choose, and how they
 * look.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { QuarantineRow } from "../queue/quarantine.ts";
import type { QuarantineFilter } from "../queue/quarantine_care.ts";
import { agoText } from "./dead_text.ts";
import { timeJson } from "./pass_text.ts";
import { instantOf, type Since } from "./since.ts";
import { formatTable } from "./table.ts";

/** Flags that choose. */
export interface QuarantineFlags {
  /** Type. */
  readonly type?: string;
  /** Reason. */
  readonly reason?: string;
  /** Put apart since. */
  readonly since?: Since;
  /** Numbers. */
  readonly id?: readonly number[];
}

/** The filter of these flags. */
export function quarantineFilter(
  flags: QuarantineFlags,
  nowMs: number,
): QuarantineFilter {
  const { type, reason, id = [] } = flags;
  const sinceMs = instantOf(flags.since, nowMs);
  return {
    ...(type === undefined ? {} : { type }),
    ...(reason === undefined ? {} : { reason }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(id.length === 0 ? {} : { ids: id }),
  };
}

/** No entry of that number: what to say. */
export function noEntry(id: number): KnownError {
  return new KnownError("not_found", `Cannot find the entry ${id}`, {
    hint: "See: reeve sync quarantine list",
  });
}

/** An entry on the wire, without what was given. */
export function entryJson(row: QuarantineRow): Record<string, unknown> {
  return {
    "id": row.q_id,
    "event_id": row.event_id,
    "type": row.type,
    "reason": row.reason,
    "field": row.field,
    "rule": row.rule,
    "at": timeJson(row.at),
  };
}

/** Entries in a table. */
export function formatEntries(
  rows: readonly QuarantineRow[],
  { nowMs, width }: { readonly nowMs: number; readonly width: number },
): string {
  return formatTable(
    [
      { title: "ID", align: "right" },
      { title: "TYPE", isFlexible: true },
      { title: "REASON" },
      { title: "WHAT IS WRONG", isFlexible: true },
      { title: "CAME" },
    ],
    rows.map((row) => [
      String(row.q_id),
      row.type,
      row.reason,
      `${row.field} ${row.rule}`,
      agoText(row.at, nowMs),
    ]),
    width,
  );
}
