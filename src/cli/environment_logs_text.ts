/**
 * Lines of logs as text and as JSON.
 *
 * @module
 */

import stringWidth from "fast-string-width";
import type { ObservedUnit } from "../environment/observe.ts";
import { canonicalJson } from "../queue/canonical_json.ts";
import type { JsonObject } from "../state/json_value.ts";
import { shownStatus } from "./environment_unit.ts";
import { toOneLine } from "./one_line.ts";

/** The end of the log of one unit. */
export interface UnitLog {
  /** Whose. */
  readonly unit: ObservedUnit;
  /** Its log, for one that has one. */
  readonly path: string | undefined;
  /** Size in bytes; `undefined` for a log that is not there. */
  readonly size: number | undefined;
  /** The last lines, oldest first. */
  readonly lines: readonly string[];
  /** Whether there would have been more lines to read. */
  readonly isCut: boolean;
}

/** What terminals take for colours, titles and movements. */
const ESCAPES = new RegExp(
  String
    .raw`\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)`,
  "g",
);

/** A line of a log as it may be shown: nothing in it moves the cursor. */
export function plainLine(line: string): string {
  return toOneLine(line.replaceAll(ESCAPES, "").replaceAll("\t", "    "));
}

/** The ends of logs as text; with more than one, each has a heading. */
export function logsText(logs: readonly UnitLog[]): string {
  const [only] = logs;
  if (only === undefined) return "There is no log.";
  if (logs.length === 1 && only.lines.length > 0) {
    return only.lines.map(plainLine).join("\n");
  }
  return logs.map((log) =>
    [`==> ${log.unit.name} <==`, ...linesOrWhy(log)].join("\n")
  ).join("\n\n");
}

function linesOrWhy({ lines, path, size }: UnitLog): readonly string[] {
  if (path === undefined) return ["It has no log of ours."];
  if (size === undefined) return [`There is no log at ${path}`];
  return lines.length === 0
    ? [`The log is empty: ${path}`]
    : lines.map(plainLine);
}

/** Colours of the names of followed logs, in turn. */
const COLORS: readonly number[] = [36, 35, 33, 32, 34];

/**
 * What stands before each line of followed logs, one for each name; of one log
 * alone, nothing.
 */
export function logPrefixes(
  names: readonly string[],
  color: "none" | "some",
): readonly string[] {
  if (names.length < 2) return names.map(() => "");
  const shown = names.map(toOneLine);
  const width = Math.max(...shown.map((name) => stringWidth(name)));
  return shown.map((name, at) => {
    const text = `${name}${" ".repeat(width - stringWidth(name))} |`;
    const code = COLORS[at % COLORS.length];
    return color === "none" ? `${text} ` : `\u001b[${code}m${text}\u001b[0m `;
  });
}

/**
 * One line of a followed log as a document on a line of its own; the line is
 * as it was written.
 */
export function lineJson(
  { id, kind, name, project }: ObservedUnit,
  path: string | undefined,
  line: string,
): string {
  return canonicalJson({
    "schema": "environment_log_line",
    "schema_version": 1,
    "kind": kind,
    "project": project,
    "id": id,
    "name": name,
    "log_path": path ?? null,
    "line": line,
  });
}

/** The ends of logs as a document; the lines are as they were written. */
export function logsJson(tail: number, logs: readonly UnitLog[]): JsonObject {
  return {
    "schema": "environment_logs",
    "schema_version": 1,
    "tail": tail,
    "units": logs.map(({ isCut, lines, path, size, unit }) => ({
      "kind": unit.kind,
      "project": unit.project,
      "id": unit.id,
      "name": unit.name,
      "status": shownStatus(unit),
      "log_path": path ?? null,
      "exists": size !== undefined,
      "size_bytes": size ?? null,
      "cut": isCut,
      "lines": lines,
    })),
  };
}
