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
import { type ObservedRun, observeRuns } from "../environment/observe.ts";
import { listProjects } from "../environment/projects.ts";
import {
  type SelectableUnit,
  unitKey,
  unitsOfSettings,
} from "../environment/selectable_units.ts";
import type { Host } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import type { DashboardPart } from "./environment_dashboard_rows.ts";
import {
  chooseUnits,
  type EnvironmentSession,
  projectsOf,
} from "./environment_session.ts";

/** The mode that a line is about; `undefined` for every mode. */
export function modeOf({ route }: EnvironmentSession): Mode | undefined {
  return route.modeSource === "explicit" ? route.mode : undefined;
}

/** Every run that a line is about, as it is. */
export async function lookAtRuns(
  session: EnvironmentSession,
): Promise<readonly ObservedRun[]> {
  const mode = modeOf(session);
  const all = await observeRuns(
    session.host,
    session.place,
    mode === undefined ? {} : { mode },
  );
  return narrowRuns(session, all);
}

/** Only the projects that the line names. */
function narrowRuns(
  { route }: EnvironmentSession,
  runs: readonly ObservedRun[],
): readonly ObservedRun[] {
  if (route.projects.length === 0 || runs.length === 0) return runs;
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

/**
 * The same for the dashboard, which also shows what could be started where
 * nothing is up.
 */
export async function lookAtParts(
  session: EnvironmentSession,
): Promise<readonly DashboardPart[]> {
  const { host, place, route } = session;
  const { settings } = place.loaded;
  const runs = await lookAtRuns(session);
  if (runs.length === 0) {
    const { mode } = route;
    const all = await listProjects(host, place, mode);
    const projects = all.filter(({ name }) =>
      route.projects.length === 0 || route.projects.includes(name)
    );
    const absent = notStarted(host, settings, { mode, projects, units: [] });
    return [{ mode, projects, observed: undefined, absent }];
  }
  return runs.map((observed) => {
    const { mode, projects } = observed.run;
    const { units } = observed;
    return {
      mode,
      projects,
      observed,
      absent: notStarted(host, settings, { mode, projects, units }),
    };
  });
}
