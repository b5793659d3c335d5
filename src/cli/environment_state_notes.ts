/**
 * What was wrong with records, as commands that show them tell it.
 *
 * @module
 */

import { hasLoss, REPAIR } from "../environment/lost_records.ts";
import type { StateNote } from "../environment/run_fixes.ts";
import type { JsonObject } from "../state/json_value.ts";
import type { CommandResult } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { toOneLine } from "./one_line.ts";

/** What a command that shows records has come to without its notes. */
export type ShownRecords = CommandResult & {
  readonly text: string;
  readonly json: JsonObject;
};

/** One note as a line, with what mends it where that is for a person to do. */
export function noteText({ kind, message }: StateNote): string {
  const said = toOneLine(message);
  if (kind === "repaired") return `Repaired: ${said}`;
  const isTold = said.includes(REPAIR);
  return `⚠ ${said}${isTold ? "" : `. Mend the records: ${REPAIR}`}`;
}

/**
 * A result that also tells what was wrong with the records. Where something is
 * lost it never looks as if all were well.
 */
export function withStateNotes(
  result: ShownRecords,
  notes: readonly StateNote[],
): CommandResult {
  const isLoss = hasLoss(notes);
  const { json, text } = result;
  const ok = isLoss && "ok" in json ? { "ok": false } : {};
  return {
    ...result,
    exit: isLoss && result.exit === EXIT.ok ? EXIT.actionable : result.exit,
    text: [...notes.map(noteText), text].join("\n"),
    json: { ...json, ...ok, "notes": notes.map((note) => ({ ...note })) },
  };
}
