/**
 * `reeve sync dead show`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { type DeadLetter, type DeadRow, showDead } from "../../queue/dead.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { batchJson, deadJson } from "../dead_text.ts";
import { EXIT } from "../exit_code.ts";
import { timeJson } from "../pass_text.ts";
import { openProject } from "../sync_project.ts";
import { formatTable, wrap } from "../table.ts";
import { toOneLine } from "../one_line.ts";

/** Shows everything about one dead letter. */
export async function run(
  context: CommandContext,
  _flags: JsonFlags,
  id: string,
): Promise<CommandResult> {
  using open = await openProject(context, { write: false });
  const letter = showDead(open.store, id);
  if (letter === undefined) {
    throw new KnownError("not_found", `Cannot find a dead letter ${id}`, {
      hint: "See: reeve sync dead list",
    });
  }
  return {
    exit: EXIT.ok,
    text: textOf(letter, context.host.terminal.columns),
    json: {
      "schema": "sync_dead_letter",
      "schema_version": 1,
      "project_id": open.project.id,
      ...deadJson(letter.row),
      "event": parseBody(letter.body),
      "requests": letter.batches.map(batchJson),
    },
  };
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function textOf(letter: DeadLetter, width: number): string {
  const { row, batches } = letter;
  const notes = [
    ...(row.holds === 1 ? ["Later events of its lane wait for it."] : []),
    ...(row.is_sealed === 1
      ? ["Its consent has ended, so a replay alone does not send it."]
      : []),
  ];
  const body = JSON.stringify(parseBody(letter.body), null, 2);
  return [
    row.event_id,
    ...factLines(row, width),
    ...notes,
    "",
    ...(batches.length === 0 ? [] : [formatBatches(letter, width), ""]),
    body.split("\n").map(toOneLine).join("\n"),
    "",
    `Try again: reeve sync dead replay --id ${row.event_id}`,
    `Give up:   reeve sync dead skip --id ${row.event_id}`,
  ].join("\n");
}

function factLines(row: DeadRow, width: number): readonly string[] {
  const facts: readonly (readonly [string, string | null])[] = [
    ["type", row.type],
    ["lane", row.lane],
    ["state", row.state],
    ["reason", row.reason_code],
    ["server", row.error],
    ["http", row.last_http === null ? null : String(row.last_http)],
    ["tries", String(row.attempts)],
    ["captured", timeJson(row.captured_at)],
    ["first", timeJson(row.first_at)],
    ["last", timeJson(row.last_at)],
    ["sha256", row.sha256],
  ];
  return facts.map(([title, text]) => {
    const line = `${title.padEnd(8)} ${toOneLine(text ?? "-")}`;
    return `  ${wrap(line, width - 2, " ".repeat(11))}`;
  });
}

/** Requests before the last one may have been about its neighbours only. */
function formatBatches({ batches, row }: DeadLetter, width: number): string {
  return formatTable(
    [
      { title: "REQUEST", isFlexible: true },
      { title: "SENT" },
      { title: "OUTCOME" },
      { title: "HTTP", align: "right" },
      { title: "" },
    ],
    batches.map((batch) => [
      batch.batch_id,
      (timeJson(batch.sent_at) ?? "").slice(0, 19),
      batch.outcome ?? "(open)",
      String(batch.http ?? "-"),
      batch.batch_id === row.batch_id ? "the last" : "perhaps",
    ]),
    width,
  );
}
