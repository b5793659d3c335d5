/**
 * Whether a start goes on with the recorded run or begins a new one: an ordered
 * list of facts, the first that holds decides.
 *
 * @module
 */

import type { Mode, Project } from "./model.ts";
import type { EnvironmentCommand } from "./route_types.ts";
import { type SelectableUnit, unitKey } from "./selectable_units.ts";
import {
  dependencyField,
  parseFingerprint,
  serviceField,
} from "./startup_identity.ts";

/** Something that a run has recorded. */
export interface RecordedUnit
  extends Pick<SelectableUnit, "id" | "kind" | "project"> {
  /** Whether something of it may still run, proved or not. */
  readonly isAlive: boolean;
}

/** The run that is recorded for the mode, or for the other one. */
export interface RecordedRun {
  /** Its id. */
  readonly runId: string;
  /** Its mode. */
  readonly mode: Mode;
  /** Its projects. */
  readonly projects: readonly Project[];
  /** What decided what was started. */
  readonly fingerprint: string;
  /** Its services and dependencies. */
  readonly units: readonly RecordedUnit[];
  /** Whether its start failed. */
  readonly hasFailed: boolean;
}

/** What a decision is made from. */
export interface ReuseFacts {
  /** The command. */
  readonly command: EnvironmentCommand;
  /** Whether the line says to begin anew. */
  readonly isFresh: boolean;
  /** The mode of the line. */
  readonly mode: Mode;
  /** The projects of the line. */
  readonly projects: readonly Project[];
  /** Keys of the units that the line is about, of `unitKey`. */
  readonly chosen: "everything" | ReadonlySet<string>;
  /** What decides what would be started now. */
  readonly fingerprint: string;
  /** What is recorded. */
  readonly run: RecordedRun | undefined;
}

/** What becomes of the recorded run. */
export type ReuseKind =
  /** A new run. */
  | "fresh_run"
  /** The same projects: what is missing is started. */
  | "resume_exact"
  /** Some of its projects. */
  | "resume_subset"
  /** Projects join it. */
  | "reuse_expand";

/** Why. */
export type ReuseReason =
  | "auto_resume_disabled"
  | "explicit_no_resume"
  | "failed_state"
  | "mode_mismatch"
  | "no_matching_state"
  | "no_reusable_runtime"
  | "no_selected_projects"
  | "project_root_mismatch"
  | "project_selection_mismatch"
  | "projects_added"
  | "same_projects"
  | "some_projects"
  | "startup_fingerprint_mismatch";

/** A field whose value is not the recorded one. */
export interface Mismatch {
  /** `services.api`, `projects.Main.root`, … */
  readonly field: string;
  /** How. */
  readonly change: "changed" | "removed";
}

/** The decision. */
export interface ReuseDecision {
  /** What becomes of the recorded run. */
  readonly kind: ReuseKind;
  /** Why. */
  readonly reason: ReuseReason;
  /** The run that goes on. */
  readonly runId: string | undefined;
  /** What differs. */
  readonly mismatches: readonly Mismatch[];
  /** Recorded units that stay part of what is recorded. */
  readonly keep: readonly RecordedUnit[];
  /** Recorded units that may run and must end before the start. */
  readonly replace: readonly RecordedUnit[];
}

/** Decides whether a start goes on with the recorded run. */
export function decideReuse(facts: ReuseFacts): ReuseDecision {
  const { command, isFresh, mode, projects, run } = facts;
  if (projects.length === 0) return leave("no_selected_projects", run);
  if (run === undefined) return leave("no_matching_state", run);
  // A run of the other mode is not this line's business, whatever else holds.
  if (run.mode !== mode) return leave("mode_mismatch", undefined);
  if (command !== "start" && command !== "plan") {
    return leave("auto_resume_disabled", run);
  }
  if (isFresh) {
    return renew("explicit_no_resume", run, [], (unit) => isMeant(facts, unit));
  }
  const moved = movedProjects(facts, run);
  if (moved.length > 0) {
    const names = new Set(moved.map(({ name }) => name));
    const mismatches = moved.map(({ name }): Mismatch => ({
      field: `projects.${name}.root`,
      change: "changed",
    }));
    return renew(
      "project_root_mismatch",
      run,
      mismatches,
      ({ project }) => names.has(project),
    );
  }
  if (mode === "main" && added(facts, run).length > 0) {
    return leave("project_selection_mismatch", run);
  }
  const mismatches = mismatchesOf(facts, run);
  if (mismatches.length > 0) {
    return renew(
      "startup_fingerprint_mismatch",
      run,
      mismatches,
      (unit) => isOutdated(facts, unit, mismatches),
    );
  }
  if (!run.units.some(({ isAlive }) => isAlive) && run.hasFailed) {
    // Nothing of it runs, so nothing of it has to be carried on.
    return leave("failed_state", undefined);
  }
  if (run.units.length === 0) return leave("no_reusable_runtime", run);
  return reuse(facts, run);
}

function leave(
  reason: ReuseReason,
  run: RecordedRun | undefined,
): ReuseDecision {
  return {
    kind: "fresh_run",
    reason,
    runId: undefined,
    mismatches: [],
    keep: run?.units ?? [],
    replace: [],
  };
}

function renew(
  reason: ReuseReason,
  run: RecordedRun,
  mismatches: readonly Mismatch[],
  isReplaced: (unit: RecordedUnit) => boolean,
): ReuseDecision {
  return {
    kind: "fresh_run",
    reason,
    runId: undefined,
    mismatches,
    keep: run.units.filter((unit) => !isReplaced(unit)),
    replace: run.units.filter((unit) => isReplaced(unit) && unit.isAlive),
  };
}

/** Whoever joins a run or is left out of a line, nobody of it loses its owner. */
function reuse(facts: ReuseFacts, run: RecordedRun): ReuseDecision {
  const { runId, units: keep } = run;
  const base = { runId, mismatches: [], keep, replace: [] };
  if (added(facts, run).length > 0) {
    return { kind: "reuse_expand", reason: "projects_added", ...base };
  }
  const isPart = facts.projects.length < run.projects.length;
  const reason = isPart ? "some_projects" : "same_projects";
  // A plan goes on to do its work; it is never only a resume.
  if (facts.command === "plan") {
    return { kind: "reuse_expand", reason, ...base };
  }
  const kind = isPart ? "resume_subset" : "resume_exact";
  return { kind, reason, ...base };
}

function added(facts: ReuseFacts, run: RecordedRun): readonly Project[] {
  const known = new Set(run.projects.map(({ name }) => name));
  return facts.projects.filter(({ name }) => !known.has(name));
}

function movedProjects(
  facts: ReuseFacts,
  run: RecordedRun,
): readonly Project[] {
  const roots = new Map(run.projects.map(({ name, root }) => [name, root]));
  return facts.projects.filter(({ name, root }) =>
    (roots.get(name) ?? root) !== root
  );
}

/** Whether a line is about a unit. */
function isMeant(facts: ReuseFacts, unit: RecordedUnit): boolean {
  return facts.chosen === "everything"
    ? facts.projects.some(({ name }) => name === unit.project)
    : facts.chosen.has(unitKey(unit));
}

function fieldOf({ id, kind }: RecordedUnit): string {
  return kind === "service" ? serviceField(id) : dependencyField(id);
}

/**
 * What differs for the units that a line is about. What was never started, or
 * is not asked for, may differ: nothing of it has to go.
 */
function mismatchesOf(
  facts: ReuseFacts,
  run: RecordedRun,
): readonly Mismatch[] {
  const before = parseFingerprint(run.fingerprint);
  const now = parseFingerprint(facts.fingerprint);
  const fields = new Set(
    run.units.filter((unit) => isMeant(facts, unit)).map(fieldOf),
  );
  if (fields.size > 0) {
    for (const field of before.keys()) {
      if (!field.includes(".")) fields.add(field);
    }
  }
  return [...fields].toSorted().flatMap((field): readonly Mismatch[] => {
    const is = now.get(field);
    if (is === undefined) return [{ field, change: "removed" }];
    return before.get(field) === is ? [] : [{ field, change: "changed" }];
  });
}

/** A change that is not about one unit is about all that the line means. */
function isOutdated(
  facts: ReuseFacts,
  unit: RecordedUnit,
  mismatches: readonly Mismatch[],
): boolean {
  if (!isMeant(facts, unit)) return false;
  const field = fieldOf(unit);
  return mismatches.some((one) =>
    one.field === field || !one.field.includes(".")
  );
}
