/**
 * What is wrong with stored events, and all about one of them, as text and as
 * JSON.
 *
 * @module
 */

import type {
  Diagnosis,
  EventProblem,
  InvalidGroup,
} from "../queue/diagnose.ts";
import type { EventHistory, QuarantinedEvent } from "../queue/event_history.ts";
import { batchJson } from "./dead_text.ts";
import { eventJson } from "./event_json.ts";
import { events, timeJson } from "./pass_text.ts";
import { entryJson } from "./quarantine_choice.ts";
import { formatTable } from "./table.ts";
import { toOneLine } from "./one_line.ts";

/** How many events are not valid, wherever they are. */
export function invalidCount({ groups, quarantine }: Diagnosis): number {
  return sum(groups) + sum(quarantine);
}

function sum(groups: readonly InvalidGroup[]): number {
  return groups.reduce((total, { count }) => total + count, 0);
}

/** A diagnosis on the wire. */
export function diagnosisJson(diagnosis: Diagnosis): Record<string, unknown> {
  const { checked, groups, quarantine, unknownTypes } = diagnosis;
  return {
    "checked": checked,
    "invalid": sum(groups),
    "problems": groups,
    "unknown_types": Object.fromEntries(unknownTypes),
    "quarantined": sum(quarantine),
    "quarantine": quarantine,
  };
}

/** A diagnosis in a few lines and tables. */
export function diagnosisText(diagnosis: Diagnosis, columns: number): string {
  const { checked, groups, quarantine, unknownTypes } = diagnosis;
  const invalid = sum(groups);
  const parts = [
    `Checked ${events(checked)} that the server does not have: ` +
    (invalid === 0
      ? "all are valid."
      : `${invalid} ${invalid === 1 ? "is" : "are"} not valid.`),
  ];
  if (groups.length > 0) parts.push(table(groups, "EVENT", columns));
  if (unknownTypes.size > 0) {
    const types = [...unknownTypes].map(([type, count]) => `${type} ${count}`);
    parts.push(
      `Not checked, as their types are not known here: ${types.join(", ")}.\n` +
        "Name the types with: reeve sync diagnose --types FILE",
    );
  }
  if (quarantine.length > 0) {
    const count = sum(quarantine);
    parts.push(
      `The quarantine holds ${events(count)}, which will not be sent:`,
      table(quarantine, "NUMBER", columns),
    );
  }
  if (invalid > 0) {
    parts.push("All about one of them: reeve sync diagnose --event ID");
  }
  return parts.join("\n\n");
}

function table(
  groups: readonly InvalidGroup[],
  example: string,
  columns: number,
): string {
  return formatTable(
    [
      { title: "COUNT", align: "right" },
      { title: "TYPE", isFlexible: true },
      { title: "FIELD", isFlexible: true },
      { title: "RULE", isFlexible: true },
      { title: example },
    ],
    groups.map(({ count, type, field, rule, examples }) => [
      String(count),
      type,
      field,
      rule,
      examples[0] ?? "",
    ]),
    columns,
  );
}

/** What our own rules say of one event. */
export interface EventVerdict {
  /** Whether its type is known here. */
  readonly isKnown: boolean;
  /** What is wrong with it. */
  readonly problem: EventProblem | undefined;
}

/** One event on the wire. */
export function historyJson(
  history: EventHistory | QuarantinedEvent,
  { isKnown, problem }: EventVerdict,
): Record<string, unknown> {
  const verdict = {
    "is_checked": isKnown,
    "problem": problem === undefined
      ? null
      : { "field": problem.field, "rule": problem.rule },
  };
  if (history.kind === "quarantined") {
    const { entry } = history;
    const body = parsed(entry.body);
    return { ...verdict, "quarantine": entryJson(entry), body };
  }
  const { row, batches } = history;
  const event = {
    ...eventJson(row),
    "first_attempt_at": timeJson(row.first_at),
    "consent_epoch": row.consent_epoch,
    "batch_id": row.batch_id,
  };
  const requests = batches.map(batchJson);
  return { ...verdict, event, requests, "body": parsed(row.body) };
}

/** JSON where it is some; a damaged text stays a text. */
function parsed(body: string | null): unknown {
  if (body === null) return null;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** One event in a few lines, its requests and its body. */
export function historyText(
  history: EventHistory | QuarantinedEvent,
  verdict: EventVerdict,
): string {
  const rows = history.kind === "event"
    ? eventRows(history)
    : entryRows(history);
  const all: readonly Row[] = [...rows, ["Valid", verdictText(verdict)]];
  const width = Math.max(...all.map(([name]) => name.length));
  const lines = all.map(([name, text]) =>
    `${name.padEnd(width)}  ${toOneLine(text)}`
  );
  const body = history.kind === "event" ? history.row.body : history.entry.body;
  return [
    lines.join("\n"),
    ...(history.kind === "event" ? requestLines(history) : []),
    bodyText(body),
  ].join("\n\n");
}

type Row = readonly [string, string];

function verdictText({ isKnown, problem }: EventVerdict): string {
  if (problem !== undefined) return `no: ${problem.field} ${problem.rule}`;
  return isKnown
    ? "yes"
    : "unknown: its type is not known here, name it with --types FILE";
}

function eventRows({ row }: EventHistory): readonly Row[] {
  const reason = row.reason_code === null
    ? ""
    : `: ${row.reason_code.replaceAll("_", " ")}`;
  const rows: Row[] = [
    ["Event", row.event_id],
    ["Type", `${row.type}, a ${row.class}`],
    ["Lane", row.lane],
    ["State", row.state.replaceAll("_", " ") + reason],
    ["Captured", `${timeJson(row.captured_at)} at place ${row.seq}`],
    ["Clock", `${row.lamport}`],
    ["Size", `${row.bytes.toLocaleString("en-US")} bytes`],
    ["Hash", row.sha256],
  ];
  if (row.first_at !== null) rows.push(["First sent", at(row.first_at)]);
  if (row.last_at !== null) rows.push(["Last sent", at(row.last_at)]);
  if (row.attempts > 0) rows.push(["Refused", `${row.attempts} times`]);
  if (row.last_http !== null) rows.push(["HTTP", `${row.last_http}`]);
  if (row.error !== null) rows.push(["Server said", row.error]);
  return rows;
}

function at(ms: number): string {
  return timeJson(ms) ?? "";
}

function entryRows({ entry }: QuarantinedEvent): readonly Row[] {
  return [
    ["Event", entry.event_id ?? ""],
    ["Type", entry.type],
    ["State", `in the quarantine as ${entry.q_id}`],
    ["Put apart", at(entry.at)],
    ["Reason", entry.reason.replaceAll("_", " ")],
  ];
}

function requestLines({ batches, row }: EventHistory): readonly string[] {
  if (batches.length === 0) return [];
  const lines = batches.map((batch) => {
    const http = batch.http === null ? "" : `, HTTP ${batch.http}`;
    const surely = batch.batch_id === row.batch_id ? "" : ", perhaps";
    return `  ${at(batch.sent_at)}  ${batch.outcome ?? "under way"}${http}, ` +
      `${events(batch.count)} to ${batch.url}${surely}`;
  });
  return [["Requests", ...lines].join("\n")];
}

function bodyText(body: string | null): string {
  if (body === null) return "Its body is gone: the server has it.";
  const value = parsed(body);
  return typeof value === "string"
    ? toOneLine(value)
    : JSON.stringify(value, null, 2);
}
