/**
 * `reeve sync quarantine list`.
 *
 * @module
 */

import { listQuarantine, sumQuarantine } from "../../queue/quarantine_care.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import {
  entryJson,
  formatEntries,
  quarantineFilter,
  type QuarantineFlags,
} from "../quarantine_choice.ts";
import { openProject } from "../sync_project.ts";

/** Flags of `reeve sync quarantine list`. */
export interface QuarantineListFlags extends JsonFlags, QuarantineFlags {
  /** Most rows. */
  readonly limit: number;
}

/** Lists what was put apart because it can never be sent as it is. */
export async function run(
  context: CommandContext,
  flags: QuarantineListFlags,
): Promise<CommandResult> {
  using open = await openProject(context, { write: false });
  const nowMs = context.host.clock.now();
  const filter = quarantineFilter(flags, nowMs);
  const { count, bytes } = sumQuarantine(open.store, filter);
  const rows = listQuarantine(open.store, filter, { limit: flags.limit });
  const width = context.host.terminal.columns;
  const more = count > rows.length
    ? `\n\n${count} in all; the first ${rows.length} are shown.`
    : "\n";
  return {
    exit: EXIT.ok,
    text: count === 0
      ? "Nothing is in the quarantine."
      : `${formatEntries(rows, { nowMs, width })}${more}\n` +
        "See one: reeve sync quarantine show ID",
    json: {
      "schema": "sync_quarantine_list",
      "schema_version": 1,
      "project_id": open.project.id,
      "total": count,
      "bytes": bytes,
      "entries": rows.map(entryJson),
    },
  };
}
