/**
 * What was wrong with records, as commands that show them tell it.
 *
 * @module
 */

import type { StateNote } from "../environment/run_fixes.ts";
import { KnownError } from "../errors.ts";
import type { JsonObject } from "../state/json_value.ts";
import type { CommandResult } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { toOneLine } from "./one_line.ts";

const REPAIR = "reeve doctor --repair";

/** What a command that shows records has come to without its notes. */
export type ShownRecords = CommandResult & {
  readonly text: string;
  readonly json: JsonObject;
};

/** Notes of which a part of what was recorded is not known any more. */
function lossesIn(notes: readonly StateNote[]): readonly StateNote[] {
  return notes.filter(({ kind }) => kind === "lost" || kind === "outdated");
}

/** Whether more may be up than what is recorded. */
export function hasLoss(notes: readonly StateNote[]): boolean {
  return lossesIn(notes).length > 0;
}

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

/** The error of a command that finds no run, where one is lost. */
export function lossError(notes: readonly StateNote[]): KnownError | undefined {
  const [first] = lossesIn(notes);
  if (first === undefined) return undefined;
  const then = first.kind === "lost"
    ? ", and end what is left over then with: reeve doctor --reclaim --force"
    : "";
  return new KnownError("damaged_file", first.message, {
    hint: `Mend the records with: ${REPAIR}${then}`,
  });
}
