/**
 * What the commands about environments get, and how they find what a line
 * means.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { RunState } from "../environment/model.ts";
import type { Observation, ObservedRun } from "../environment/observe.ts";
import type { EnvironmentPlace } from "../environment/place.ts";
import type { Route } from "../environment/route_types.ts";
import { whenNothingNamed } from "../environment/route_selection.ts";
import {
  type SelectableUnit,
  unitKey,
  unitsOfRun,
} from "../environment/selectable_units.ts";
import {
  askOf,
  describeSelectionFault,
  type Selection,
  type SelectionFault,
  selectUnits,
} from "../environment/selectors.ts";
import type { CommandContext, CommandResult } from "./command.ts";
import { lossError } from "../environment/lost_records.ts";

/** What such a command gets. */
export interface EnvironmentSession extends CommandContext {
  /** The line, understood. */
  readonly route: Route;
  /** Where the environment is, with its settings. */
  readonly place: EnvironmentPlace;
}

/** Such a command. */
export type EnvironmentRun = (
  session: EnvironmentSession,
) => Promise<CommandResult>;

/** What a line has chosen. */
export type ChosenUnits = Extract<Selection, { readonly kind: "chosen" }>;

/**
 * Chooses what a line means.
 *
 * @throws {KnownError} `not_found` for a selector that nothing answers to,
 * `usage` for a line that names too little.
 */
export function chooseUnits(
  route: Route,
  units: readonly SelectableUnit[],
  projects: readonly string[],
): ChosenUnits {
  const chosen = selectUnits(
    units,
    projects,
    askOf(route),
    whenNothingNamed(route),
  );
  if (chosen.kind === "chosen") return chosen;
  throw selectionError(chosen.faults);
}

/** The error of a choice that cannot be made; it names every fault. */
export function selectionError(faults: readonly SelectionFault[]): KnownError {
  const isMissing = faults.some(({ kind }) => kind === "unmatched");
  const isOpen = faults.some(({ kind }) => kind === "nothing");
  return new KnownError(
    isMissing ? "not_found" : "usage",
    faults.map(describeSelectionFault).join("; "),
    {
      hint: isOpen
        ? "Name one or more with --project NAME, or all of them with --all"
        : "To see what there is: reeve status, or reeve list-targets",
    },
  );
}

/**
 * Observed runs with only the units that a line means.
 *
 * @throws {KnownError} `not_found` where nothing is recorded, or not the run
 * that the line names; `damaged_file` where it may be one that is lost; and as
 * {@linkcode chooseUnits}.
 */
export function chooseRuns(
  route: Route,
  { notes, runs: observed }: Observation,
): readonly ObservedRun[] {
  const { runId } = route.flags;
  const runs = observed.filter(({ run }) =>
    runId === undefined || run.runId === runId
  );
  if (runs.length === 0) {
    throw lossError(notes) ??
      (runId === undefined ? noRun(route.mode) : noSuchRun(runId));
  }
  const { units } = chooseUnits(
    route,
    runs.flatMap(({ run }) => unitsOfRun(run)),
    projectsOf(runs),
  );
  const keys = new Set(units.map(unitKey));
  return runs.map((one) => ({
    run: one.run,
    units: one.units.filter((unit) => keys.has(unitKey(unit))),
  }));
}

function noSuchRun(runId: string): KnownError {
  return new KnownError("not_found", `There is no run ${runId}`, {
    hint: "To see the runs that there are: reeve status",
  });
}

/** Names of all projects of runs. */
export function projectsOf(
  runs: readonly { readonly run: Pick<RunState, "projects"> }[],
): readonly string[] {
  return [
    ...new Set(runs.flatMap(({ run }) => run.projects.map(({ name }) => name))),
  ];
}

/** The error of a command that needs a run where there is none. */
export function noRun(mode: Route["mode"]): KnownError {
  return new KnownError("not_found", `Nothing is recorded for mode ${mode}`, {
    hint: `Bring it up: reeve start${mode === "trees" ? " --trees" : ""}`,
  });
}
