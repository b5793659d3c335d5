/**
 * What is up, as text and as JSON.
 *
 * @module
 */

import type { Mode } from "../environment/model.ts";
import type {
  Health,
  ObservedRun,
  ObservedUnit,
} from "../environment/observe.ts";
import {
  type SelectableUnit,
  unitName,
} from "../environment/selectable_units.ts";
import { baseName, parentPath } from "../host/path.ts";
import type { JsonObject } from "../state/json_value.ts";
import { formatDuration } from "./duration.ts";
import {
  glyphOf,
  isToldByUnit,
  nameInProject,
  nextSteps,
  pidOf,
  severityOfUnit,
  shortReasonOf,
  statusWord,
  unitJson,
  whereText,
} from "./environment_unit.ts";
import type { Unfinished } from "./environment_unfinished.ts";
import { type Column, formatTable } from "./table.ts";
import { toOneLine } from "./one_line.ts";

/** What a snapshot shows. */
export interface Snapshot {
  /** Mode that the line names; `undefined` for all. */
  readonly mode: Mode | undefined;
  /** How well it is; `undefined` when nothing is recorded. */
  readonly overall: Health | undefined;
  /** Runs as they were found. */
  readonly runs: readonly ObservedRun[];
  /** What the settings promise and no run has. */
  readonly notStarted: readonly SelectableUnit[];
  /** Starts that are not over. */
  readonly unfinished: Unfinished;
  /** Whether more may be up than what is recorded. */
  readonly isIncomplete: boolean;
  /** Epoch milliseconds of the look. */
  readonly at: number;
}

const COLUMNS: readonly Column[] = [
  { title: "" },
  { title: "NAME" },
  { title: "STATUS" },
  { title: "PID", align: "right" },
  { title: "ADDRESS", isFlexible: true },
  { title: "LOG", isFlexible: true },
];

/** A snapshot as text. */
export function snapshotText(snapshot: Snapshot, columns: number): string {
  const { isIncomplete, mode, runs } = snapshot;
  const atWork = unfinishedText(snapshot.unfinished);
  if (runs.length === 0 && (isIncomplete || atWork !== undefined)) {
    return `Nothing is recorded as up.${
      atWork === undefined ? "" : `\n${atWork}`
    }`;
  }
  if (runs.length === 0) {
    const flag = mode === "trees" ? " --trees" : "";
    const which = mode === undefined ? "" : ` in mode ${mode}`;
    return `Nothing is up${which}.\nBring it up: reeve start${flag}`;
  }
  return [
    ...runs.map((run) => runText(run, snapshot, columns)),
    ...atWork === undefined ? [] : [atWork],
    ...footText(snapshot),
  ].join("\n\n");
}

/** What a person has to know about starts that are not over. */
function unfinishedText(
  { holder, units }: Unfinished,
): string | undefined {
  if (units.length === 0) return undefined;
  const names = units.map(({ id, project }) => toOneLine(`${project} ${id}`))
    .join(", ");
  if (holder === undefined) {
    return `A command was killed while it started ${names}.\n` +
      "The next one settles what it left: reeve start, or reeve stop";
  }
  const doing = holder.purpose === undefined ? "" : ` (${holder.purpose})`;
  return `Process ${holder.pid} is at work${doing} and starts ${names}.`;
}

function runText(
  { run, units }: ObservedRun,
  { at, notStarted }: Snapshot,
  columns: number,
): string {
  const age = formatDuration(Math.max(0, at - run.createdAt));
  const head = `run_id: ${run.runId}\n` +
    `mode ${run.mode}, begun ${age} ago: ${countText(units)}`;
  const isTold = run.failure === undefined ||
    isToldByUnit([{ units }], run.failure);
  const failure = isTold
    ? []
    : [`Its last start failed: ${toOneLine(run.failure)}`];
  const names = new Set([
    ...run.projects.map(({ name }) => name),
    ...units.map(({ project }) => project),
  ]);
  const parts = [...names].map((name) => {
    const root = run.projects.find((project) => project.name === name)?.root;
    const title = root === undefined ? name : `${name}  ${root}`;
    const own = units.filter(({ project }) => project === name);
    const absent = notStarted.filter(({ project }) => project === name);
    return `${title}\n${unitsText(own, absent, columns)}`;
  });
  return [[head, ...failure].join("\n"), ...parts].join("\n\n");
}

/** The table of some units, each trouble below it. */
export function unitsText(
  units: readonly ObservedUnit[],
  absent: readonly SelectableUnit[],
  columns: number,
): string {
  const rows = [
    ...units.map((unit) => [
      glyphOf(unit),
      nameInProject(unit),
      statusWord(unit),
      String(pidOf(unit) ?? "-"),
      whereText(unit),
      logName(unit),
    ]),
    ...absent.map((
      { displayName },
    ) => ["○", displayName, "not started", "-", "-", "-"]),
  ];
  if (rows.length === 0) return "  nothing";
  const table = formatTable(COLUMNS, rows, columns - 2);
  const [title = "", ...lines] = table.split("\n");
  const shown = lines.flatMap((line, at) => {
    const unit = units[at];
    const reason = unit === undefined ? undefined : shortReasonOf(unit);
    const why = reason === undefined ? [] : [`     ${toOneLine(reason)}`];
    return [`  ${line}`, ...why];
  });
  return [`  ${title}`, ...shown].join("\n");
}

/** What is encoded in the name of a log is shown as it is meant. */
function logName({ record: { logPath } }: ObservedUnit): string {
  if (logPath === undefined) return "-";
  const name = baseName(logPath);
  try {
    return toOneLine(decodeURIComponent(name));
  } catch {
    return name;
  }
}

function countText(units: readonly ObservedUnit[]): string {
  const counts = new Map<string, number>();
  for (const unit of units) {
    const word = statusWord(unit);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const parts = [...counts].map(([word, count]) => `${count} ${word}`);
  return parts.length === 0 ? "empty" : parts.join(", ");
}

function footText({ runs, overall }: Snapshot): readonly string[] {
  const units = runs.flatMap((run) => run.units);
  const folders = new Set(
    units.flatMap(({ record }) =>
      record.logPath === undefined ? [] : [parentPath(record.logPath)]
    ),
  );
  const logs = [...folders].map((folder) => `Logs: ${folder}`);
  const isPending = units.some((unit) => severityOfUnit(unit) === "pending");
  const next = overall === "healthy"
    ? []
    : [`The environment is ${overall}. ${nextSteps(runs)}`];
  const wait = isPending ? ["Something is still starting."] : [];
  const lines = [...logs, ...wait, ...next];
  return lines.length === 0 ? [] : [lines.join("\n")];
}

/** A snapshot as a document. */
export function snapshotJson(snapshot: Snapshot): JsonObject {
  const { at, mode, notStarted, overall, runs, unfinished } = snapshot;
  return {
    "schema": "environment_status",
    "schema_version": 1,
    "generated_at": new Date(at).toISOString(),
    "mode": mode ?? null,
    "overall": overall ?? null,
    "runs": runs.map(runJson),
    "unfinished": unfinished.units.map(({ id, project }) => ({
      "project": project,
      "id": id,
    })),
    "at_work": unfinished.holder === undefined ? null : {
      "pid": unfinished.holder.pid,
      "purpose": unfinished.holder.purpose ?? null,
    },
    "not_started": notStarted.map((unit) => ({
      "kind": unit.kind,
      "project": unit.project,
      "id": unit.id,
      "name": unitName(unit),
    })),
  };
}

/** A run with its units as a document shows it. */
export function runJson({ run, units }: ObservedRun): JsonObject {
  return {
    "run_id": run.runId,
    "mode": run.mode,
    "created_at": new Date(run.createdAt).toISOString(),
    "failure": run.failure ?? null,
    "projects": run.projects.map(({ name, root }) => ({
      "name": name,
      "root": root,
    })),
    "units": units.map(unitJson),
  };
}
