/**
 * What commands show of a repository: recorded runs as they are, and what the
 * settings promise beyond them.
 *
 * @module
 */

import type {
  EnvironmentSettings,
  Mode,
  Project,
} from "../environment/model.ts";
import {
  type Observation,
  type ObservedRun,
  observeRecorded,
} from "../environment/observe.ts";
import {
  type SelectableUnit,
  unitKey,
  unitsOfSettings,
} from "../environment/selectable_units.ts";
import type { Host } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import type { EnvironmentSession } from "./environment_session.ts";

/** The mode that a line is about; `undefined` for every mode. */
export function modeOf({ route }: EnvironmentSession): Mode | undefined {
  return route.modeSource === "explicit" ? route.mode : undefined;
}

/** Every run that a line is about, as it is, and what was wrong with records. */
export async function lookAtRuns(
  session: EnvironmentSession,
): Promise<Observation> {
  const mode = modeOf(session);
  const { notes, runs } = await observeRecorded(
    session.host,
    session.place,
    mode === undefined ? {} : { mode },
  );
  return { notes, runs: await narrowRuns(session, runs) };
}

/** Only the projects that the line names. */
async function narrowRuns(
  { route }: EnvironmentSession,
  runs: readonly ObservedRun[],
): Promise<readonly ObservedRun[]> {
  if (route.projects.length === 0 || runs.length === 0) return runs;
  const { chooseUnits, projectsOf } = await import("./environment_session.ts");
  const { projects } = chooseUnits(route, [], projectsOf(runs));
  return runs.map(({ run, units }) => ({
    run: {
      ...run,
      projects: run.projects.filter(({ name }) => projects.includes(name)),
    },
    units: units.filter(({ project }) => projects.includes(project)),
  })).filter(({ run }) => run.projects.length > 0);
}

/** What the settings promise for the projects of a run, and it does not have. */
export function notStarted(
  { blocking }: Pick<Host, "blocking">,
  settings: Pick<EnvironmentSettings, "dependencies" | "services">,
  { mode, projects, units }: {
    readonly mode: Mode;
    readonly projects: readonly Project[];
    readonly units: readonly Pick<SelectableUnit, "id" | "project">[];
  },
): readonly SelectableUnit[] {
  const known = new Set(units.map(unitKey));
  return projects.flatMap((project) => {
    const services = settings.services.filter(({ onlyIfPath }) =>
      onlyIfPath === undefined ||
      blocking.stat(joinPath(project.root, onlyIfPath)) !== undefined
    );
    return unitsOfSettings({ ...settings, services }, [project], mode);
  }).filter((unit) => {
    const isNew = !known.has(unitKey(unit));
    known.add(unitKey(unit));
    return isNew;
  });
}
