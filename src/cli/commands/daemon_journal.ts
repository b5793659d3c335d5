/**
 * `reeve daemon journal`.
 *
 * @module
 */

import { daemonContext } from "../../daemon/context.ts";
import { type JournalEntry, readJournal } from "../../daemon/journal.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { formatTable } from "../table.ts";

/** Flags of `reeve daemon journal`. */
export interface JournalFlags extends JsonFlags {
  /** How many of the last steps. */
  readonly lines: number;
}

/** Shows every signal and shutdown request, the newest last. */
export async function run(
  { host }: CommandContext,
  flags: JournalFlags,
): Promise<CommandResult> {
  const { journal } = (await daemonContext(host)).paths;
  const { entries, damagedLines } = await readJournal(host, journal);
  const steps = joinPhases(entries);
  const last = flags.lines <= 0 ? [] : steps.slice(-flags.lines);
  return {
    exit: EXIT.ok,
    json: {
      "schema": "signal_journal",
      "schema_version": 1,
      "path": journal,
      "damaged_lines": damagedLines,
      "entries": last,
    },
    text: last.length === 0
      ? "No signal and no shutdown request was ever sent."
      : formatSteps(last, host.terminal.columns),
    notes: damagedLines === 0
      ? []
      : [`${damagedLines} damaged lines in ${journal} were left out.`],
  };
}

/** The line after a step says all that the one before it says. */
function joinPhases(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const done = new Set(
    entries.filter((entry) => entry.phase === "done").map((entry) => entry.id),
  );
  return entries.filter((entry) =>
    entry.phase === "done" || !done.has(entry.id)
  );
}

function formatSteps(steps: readonly JournalEntry[], width: number): string {
  return formatTable(
    [
      { title: "TIME" },
      { title: "PID", align: "right" },
      { title: "PORT", align: "right" },
      { title: "STEP" },
      { title: "OUTCOME" },
      { title: "MS", align: "right" },
      { title: "ASKED BY", isFlexible: true },
      { title: "BECAUSE", isFlexible: true },
    ],
    steps.map((entry) => [
      entry.at.slice(0, 19).replace("T", " "),
      String(entry.target.pid),
      String(entry.target.port),
      entry.step,
      entry.outcome ?? "(not known)",
      String(Math.round(entry.duration_ms ?? 0)),
      entry.asked_by.command,
      entry.reason,
    ]),
    width,
  );
}
