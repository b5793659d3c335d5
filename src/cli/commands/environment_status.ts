/**
 * `reeve dashboard` and `reeve status`: what is up.
 *
 * @module
 */

import type { EnvironmentSettings } from "../../environment/model.ts";
import {
  healthOf,
  type ObservedRun,
  observeRuns,
} from "../../environment/observe.ts";
import {
  type SelectableUnit,
  unitKey,
  unitsOfSettings,
} from "../../environment/selectable_units.ts";
import type { Host } from "../../host/host.ts";
import { joinPath } from "../../host/path.ts";
import type { CommandResult } from "../command.ts";
import {
  chooseUnits,
  type EnvironmentSession,
  projectsOf,
} from "../environment_session.ts";
import {
  type Snapshot,
  snapshotJson,
  snapshotText,
} from "../environment_status_text.ts";
import { EXIT } from "../exit_code.ts";
import { widthOf } from "../table.ts";

/** Shows every run, or those of the mode that the line names. */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, place, route } = session;
  const isNamed = route.modeSource === "explicit";
  const mode = isNamed ? route.mode : undefined;
  const all = await observeRuns(
    host,
    place,
    mode === undefined ? {} : { mode },
  );
  const runs = narrowRuns(session, all);
  const snapshot: Snapshot = {
    mode,
    runs,
    overall: runs.length === 0 ? undefined : healthOf(runs).overall,
    notStarted: notStarted(host, place.loaded.settings, runs),
    at: host.clock.now(),
  };
  return {
    exit: EXIT.ok,
    text: snapshotText(snapshot, widthOf(host.terminal)),
    json: snapshotJson(snapshot),
  };
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

/** What the settings promise for the projects of runs, and no run has. */
function notStarted(
  { blocking }: Pick<Host, "blocking">,
  settings: Pick<EnvironmentSettings, "dependencies" | "services">,
  runs: readonly ObservedRun[],
): readonly SelectableUnit[] {
  const known = new Set(runs.flatMap(({ units }) => units.map(unitKey)));
  return runs.flatMap(({ run }) =>
    run.projects.flatMap((project) => {
      const services = settings.services.filter(({ onlyIfPath }) =>
        onlyIfPath === undefined ||
        blocking.stat(joinPath(project.root, onlyIfPath)) !== undefined
      );
      return unitsOfSettings({ ...settings, services }, [project], run.mode);
    })
  ).filter((unit) => !known.has(unitKey(unit)));
}
