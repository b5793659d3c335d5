/**
 * `reeve sync events`.
 *
 * @module
 */

import {
  type EventFilter,
  type EventRow,
  type EventState,
  listEvents,
} from "../../queue/list_events.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { agoText } from "../dead_text.ts";
import { eventJson } from "../event_json.ts";
import { EXIT } from "../exit_code.ts";
import { instantOf, type Since } from "../since.ts";
import { openProject } from "../sync_project.ts";
import { formatTable } from "../table.ts";

/** Flags that choose events. */
export interface EventFlags {
  /** States. */
  readonly state?: readonly EventState[];
  /** Type. */
  readonly type?: string;
  /** Reason. */
  readonly reason?: string;
  /** Captured since. */
  readonly since?: Since;
}

/** Flags of `reeve sync events`. */
export interface EventListFlags extends JsonFlags, EventFlags {
  /** Most rows. */
  readonly limit: number;
  /** Only those behind this place. */
  readonly after: number;
}

/** The filter of these flags. */
export function eventFilter(flags: EventFlags, nowMs: number): EventFilter {
  const { state = [], type, reason } = flags;
  const sinceMs = instantOf(flags.since, nowMs);
  return {
    ...(state.length === 0 ? {} : { states: state }),
    ...(type === undefined ? {} : { type }),
    ...(reason === undefined ? {} : { reason }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  };
}

/** Lists events with what became of each, in the order of capturing. */
export async function run(
  context: CommandContext,
  flags: EventListFlags,
): Promise<CommandResult> {
  using open = await openProject(context, { write: false });
  const { clock, terminal } = context.host;
  const nowMs = clock.now();
  const { limit, after } = flags;
  const rows = listEvents(open.store, eventFilter(flags, nowMs), {
    after,
    limit,
  });
  const last = rows.length === limit ? rows.at(-1)?.seq : undefined;
  const more = last === undefined
    ? ""
    : `\n\nThere may be more: add --after ${last}`;
  return {
    exit: EXIT.ok,
    text: rows.length === 0
      ? "No such event."
      : formatEvents(rows, nowMs, terminal.columns) + more,
    json: {
      "schema": "sync_events",
      "schema_version": 1,
      "project_id": open.project.id,
      "next_after": last ?? null,
      "events": rows.map(eventJson),
    },
  };
}

function formatEvents(
  rows: readonly EventRow[],
  nowMs: number,
  width: number,
): string {
  return formatTable(
    [
      { title: "PLACE", align: "right" },
      { title: "ID" },
      { title: "TYPE", isFlexible: true },
      { title: "STATE" },
      { title: "REASON", isFlexible: true },
      { title: "CAPTURED" },
    ],
    rows.map((row) => [
      String(row.seq),
      row.event_id,
      row.type,
      row.state,
      row.reason_code ?? "",
      agoText(row.captured_at, nowMs),
    ]),
    width,
  );
}
