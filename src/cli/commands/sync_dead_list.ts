/**
 * `reeve sync dead list`.
 *
 * @module
 */

import { countDead, listDead } from "../../queue/dead.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import {
  deadFilter,
  type DeadFlags,
  type SkippedFlag,
} from "../dead_choice.ts";
import { deadJson, formatDead, reasonsText } from "../dead_text.ts";
import { EXIT } from "../exit_code.ts";
import { events } from "../pass_text.ts";
import { openProject } from "../sync_project.ts";
import { wrap } from "../table.ts";

/** Flags of `reeve sync dead list`. */
export interface DeadListFlags extends JsonFlags, DeadFlags, SkippedFlag {
  /** Most rows. */
  readonly limit: number;
}

/** Lists the events that the server refused for good. */
export async function run(
  context: CommandContext,
  flags: DeadListFlags,
): Promise<CommandResult> {
  using open = await openProject(context, { write: false });
  const { host } = context;
  const nowMs = host.clock.now();
  const filter = deadFilter(flags, nowMs);
  const byReason = countDead(open.store, filter);
  const total = [...byReason.values()].reduce((sum, n) => sum + n, 0);
  const rows = listDead(open.store, filter, { limit: flags.limit });
  const width = host.terminal.columns;
  const what = flags.skipped ? "skipped" : "dead";
  const summary = `${events(total)} ${what}: ${reasonsText(byReason)}.`;
  const more = total > rows.length
    ? ` The first ${rows.length} are shown; see --limit.`
    : "";
  return {
    exit: EXIT.ok,
    text: total === 0
      ? `No event is ${what}.`
      : `${formatDead(rows, { nowMs, width })}\n\n` +
        `${wrap(summary + more, width)}\nSee one: reeve sync dead show ID`,
    json: {
      "schema": "sync_dead_list",
      "schema_version": 1,
      "project_id": open.project.id,
      "total": total,
      "by_reason": Object.fromEntries(byReason),
      "events": rows.map(deadJson),
    },
  };
}
