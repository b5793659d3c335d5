/**
 * `reeve sync quarantine show`.
 *
 * @module
 */

import type { QuarantineRow } from "../../queue/quarantine.ts";
import { showQuarantine } from "../../queue/quarantine_care.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { timeJson } from "../pass_text.ts";
import { entryJson, noEntry } from "../quarantine_choice.ts";
import { openProject } from "../sync_project.ts";
import { wrap } from "../table.ts";
import { toOneLine } from "../one_line.ts";

/** Shows everything about one entry. */
export async function run(
  context: CommandContext,
  _flags: JsonFlags,
  id: number,
): Promise<CommandResult> {
  using open = await openProject(context, { write: false });
  const row = showQuarantine(open.store, id);
  if (row === undefined) throw noEntry(id);
  const given = parseGiven(row.body);
  return {
    exit: EXIT.ok,
    text: textOf(row, given, context.host.terminal.columns),
    json: {
      "schema": "sync_quarantine_entry",
      "schema_version": 1,
      "project_id": open.project.id,
      ...entryJson(row),
      "given": given ?? null,
      "text": given === undefined ? row.body : null,
    },
  };
}

function parseGiven(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function textOf(row: QuarantineRow, given: unknown, width: number): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ["type", row.type],
    ["reason", row.reason],
    ["field", row.field],
    ["rule", row.rule],
    ["event", row.event_id],
    ["came", timeJson(row.at)],
  ];
  const lines = facts.map(([title, text]) => {
    const line = `${title.padEnd(6)} ${toOneLine(text ?? "-")}`;
    return `  ${wrap(line, width - 2, " ".repeat(9))}`;
  });
  const body = given === undefined ? row.body : JSON.stringify(given, null, 2);
  return [
    `Entry ${row.q_id}`,
    ...lines,
    "",
    body.split("\n").map(toOneLine).join("\n"),
    "",
    `Try again:  reeve sync quarantine repair ${row.q_id}`,
    `Throw away: reeve sync quarantine purge --id ${row.q_id}`,
  ].join("\n");
}
