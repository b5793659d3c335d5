/**
 * `reeve stop` and `reeve stop-all`.
 *
 * @module
 */

import { selectRuns } from "../../environment/run_repository.ts";
import type { StoredRun } from "../../environment/run_survey.ts";
import { unitKey, unitsOfRun } from "../../environment/selectable_units.ts";
import { stopEnvironment, type StopRequest } from "../../environment/stop.ts";
import type { CommandResult } from "../command.ts";
import { openEnvironmentProgress } from "../environment_progress.ts";
import {
  chooseUnits,
  type EnvironmentSession,
  projectsOf,
} from "../environment_session.ts";
import { stopExit, stopJson, stopText } from "../environment_stop_text.ts";

/** Stops, and tells what came of it. */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, isJson, place, route } = session;
  const progress = await openEnvironmentProgress(host.terminal, {
    isJson,
    settings: place.loaded.settings,
    title: "Stopping",
  });
  const report = await stopEnvironment(
    host,
    place,
    (runs) => requestOf(route, runs),
    progress,
  ).finally(progress.finish);
  return {
    exit: stopExit(report),
    text: stopText(report),
    json: stopJson(route.command, report),
  };
}

function requestOf(
  route: EnvironmentSession["route"],
  recorded: readonly StoredRun[],
): StopRequest {
  if (route.command === "stop-all") return { chosen: "everything" };
  const { mode } = route;
  const runs = selectRuns(recorded, mode);
  const { isWhole, projects, units } = chooseUnits(
    route,
    runs.flatMap(({ run }) => unitsOfRun(run)),
    projectsOf(runs),
  );
  if (!isWhole || route.flags.without !== undefined) {
    return { mode, chosen: new Set(units.map(unitKey)) };
  }
  return {
    mode,
    chosen: "everything",
    ...projects.length === 0 ? {} : { projects },
  };
}
