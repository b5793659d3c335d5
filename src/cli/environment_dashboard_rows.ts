/**
 * What the dashboard shows of a repository: every unit as one row, whether it
 * runs or is only promised by the settings.
 *
 * @module
 */

import type { Severity } from "../environment/evidence.ts";
import type { Mode, Project } from "../environment/model.ts";
import type { ObservedRun, ObservedUnit } from "../environment/observe.ts";
import { hasAddress } from "../environment/runtime_map.ts";
import {
  type SelectableUnit,
  unitKey,
} from "../environment/selectable_units.ts";
import { formatDuration } from "./duration.ts";
import {
  glyphOf,
  nameInProject,
  pidOf,
  reasonOf,
  severityOfUnit,
  statusWord,
  unitPort,
  unitUrl,
} from "./environment_unit.ts";
import { toOneLine } from "./one_line.ts";

/** One service or dependency. */
export interface DashboardRow {
  /** A key that no other row has and that outlives a restart. */
  readonly key: string;
  /** Mode that it belongs to. */
  readonly mode: Mode;
  /** Project that owns it. */
  readonly project: string;
  /** Slug of a service, or id of a dependency. */
  readonly id: string;
  /** Name within its project. */
  readonly name: string;
  /** Sign of its status. */
  readonly glyph: string;
  /** How bad its state is; `absent` for what no run has. */
  readonly tone: Severity | "absent";
  /** Its address, or what it has instead of one. */
  readonly where: string;
  /** An address that a browser can open, where something answers. */
  readonly url: string | undefined;
  /** Process id of what runs. */
  readonly pid: number | undefined;
  /** Status in words. */
  readonly status: string;
  /** Whether something of it runs. */
  readonly isUp: boolean;
  /** What speaks against it, when it is not well. */
  readonly note: string | undefined;
  /** Its log. */
  readonly logPath: string | undefined;
}

/** Rows of one project. */
export interface DashboardGroup {
  /** Name of the project. */
  readonly title: string;
  /** Where it is. */
  readonly detail: string;
  /** Its units. */
  readonly rows: readonly DashboardRow[];
}

/** Everything that is known at one moment. */
export interface DashboardFacts {
  /** Name of the repository, its runs and since when they are. */
  readonly head: string;
  /** How many units are how. */
  readonly summary: string;
  /** Whether something is recorded at all. */
  readonly hasRun: boolean;
  /** Rows by project. */
  readonly groups: readonly DashboardGroup[];
  /** Projects of each mode that is shown. */
  readonly projects: readonly {
    readonly mode: Mode;
    readonly names: readonly string[];
  }[];
}

/** Projects of one mode, with what runs and what does not. */
export interface DashboardPart {
  /** Mode. */
  readonly mode: Mode;
  /** Projects, in order. */
  readonly projects: readonly Project[];
  /** Their run, if there is one. */
  readonly observed: ObservedRun | undefined;
  /** What the settings promise and the run does not have. */
  readonly absent: readonly SelectableUnit[];
}

/** Makes rows of what was found at a moment in epoch milliseconds. */
export function factsOf(
  repository: string,
  parts: readonly DashboardPart[],
  at: number,
): DashboardFacts {
  const seen = new Set<string>();
  const groups = parts.flatMap((part) => groupsOf(part, parts.length > 1))
    .map((group) => ({
      ...group,
      // What is shared stands in every run that uses it.
      rows: group.rows.filter((row) => {
        const isKnown = seen.has(identityOf(row));
        seen.add(identityOf(row));
        return !isKnown;
      }),
    })).filter(({ rows }) => rows.length > 0);
  const [only, ...others] = parts.map(({ observed }) => observed?.run.runId);
  const runId = only === undefined || others.length > 0 ? [] : [only];
  return {
    head: [repository, ...parts.flatMap((part) => headOf(part, at)), ...runId]
      .map(toOneLine).join(" · "),
    summary: summaryOf(groups.flatMap(({ rows }) => rows)),
    hasRun: parts.some(({ observed }) => observed !== undefined),
    groups,
    projects: parts.map(({ mode, projects }) => ({
      mode,
      names: projects.map(({ name }) => name),
    })),
  };
}

function identityOf({ id, pid, project }: DashboardRow): string {
  return `${unitKey({ project, id })}\n${pid}`;
}

function headOf({ mode, observed }: DashboardPart, at: number): string[] {
  if (observed === undefined) return [mode, "nothing is up"];
  const ageMs = Math.max(0, at - observed.run.createdAt);
  const age = ageMs < 60_000 ? "just now" : `${formatDuration(ageMs)} ago`;
  return [mode, `begun ${age}`];
}

function groupsOf(
  { absent, mode, observed, projects }: DashboardPart,
  areMany: boolean,
): readonly DashboardGroup[] {
  const all = [
    ...(observed?.units ?? []).map((unit) => rowOfUnit(mode, unit)),
    ...absent.map((unit) => rowOfAbsent(mode, unit)),
  ];
  const names = projects.map(({ name }) => name);
  const own = projects.map(({ name, root }) => ({
    title: areMany ? `${name} (${mode})` : name,
    detail: root,
    rows: all.filter(({ project }) => project === name),
  }));
  const shared = all.filter(({ project }) => !names.includes(project));
  return [...own, { title: "Shared dependencies", detail: "", rows: shared }];
}

/** What units are doing of which nothing runs. */
const DOWN = ["failed", "finished", "not started", "stale", "stopped"];

function rowOfUnit(mode: Mode, unit: ObservedUnit): DashboardRow {
  const word = statusWord(unit);
  const url = unitUrl(unit);
  const note = reasonOf(unit);
  return {
    key: keyOf(mode, unit),
    mode,
    project: unit.project,
    id: unit.id,
    name: toOneLine(nameInProject(unit)),
    glyph: glyphOf(unit),
    tone: severityOfUnit(unit),
    where: toOneLine(whereOf(unit, url)),
    url: url?.startsWith("http") === true ? url : undefined,
    pid: pidOf(unit),
    status: word,
    isUp: !DOWN.includes(word),
    note: note === undefined ? undefined : toOneLine(note),
    logPath: unit.record.logPath,
  };
}

function whereOf(unit: ObservedUnit, url: string | undefined): string {
  if (url !== undefined) return url;
  const { status } = unit.truth;
  if (status === "finished") return "done";
  if (DOWN.includes(statusWord(unit))) return "not running";
  const port = unitPort(unit);
  if (port === undefined) return "worker";
  return hasAddress(status) ? `port ${port}` : `(port ${port})`;
}

function rowOfAbsent(mode: Mode, unit: SelectableUnit): DashboardRow {
  return {
    key: keyOf(mode, unit),
    mode,
    project: unit.project,
    id: unit.id,
    name: toOneLine(unit.displayName),
    glyph: "○",
    tone: "absent",
    where: "not running",
    url: undefined,
    pid: undefined,
    status: "not started",
    isUp: false,
    note: undefined,
    logPath: undefined,
  };
}

function keyOf(
  mode: Mode,
  unit: Pick<SelectableUnit, "id" | "project">,
): string {
  return `${mode}\n${unitKey(unit)}`;
}

/** Counts of what there is; what matters at every moment also when it is 0. */
function summaryOf(rows: readonly DashboardRow[]): string {
  const count = (...statuses: readonly string[]) =>
    rows.filter(({ status }) => statuses.includes(status)).length;
  const issues =
    rows.filter(({ tone }) => tone === "critical" || tone === "degraded")
      .length;
  const sometimes = [
    [count("finished"), "finished"],
    [count("failed", "not started", "stale", "stopped"), "not running"],
    [count("starting"), "starting"],
    [count("unverified"), "unknown"],
  ] as const;
  return [
    `${rows.length} total`,
    `${count("running")} running`,
    ...sometimes.filter(([number]) => number > 0)
      .map(([number, word]) => `${number} ${word}`),
    `${issues} ${issues === 1 ? "issue" : "issues"}`,
  ].join(" | ");
}
