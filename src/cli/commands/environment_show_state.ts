/**
 * `reeve show-state`.
 *
 * @module
 */

import { encodeRun } from "../../environment/run_codec.ts";
import { readRuns, selectRuns } from "../../environment/run_repository.ts";
import { runtimeMapOf } from "../../environment/runtime_map.ts";
import type { CommandResult } from "../command.ts";
import {
  chooseUnits,
  type EnvironmentSession,
  projectsOf,
} from "../environment_session.ts";
import { EXIT } from "../exit_code.ts";

/** Shows what is recorded, without a look at what really runs. */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, place, route } = session;
  const { flags, mode, modeSource } = route;
  const { notes, runs } = await readRuns(host, place.paths);
  const wanted = modeSource === "explicit" ? mode : undefined;
  const named = route.projects.length === 0
    ? []
    : chooseUnits(route, [], projectsOf(runs)).projects;
  const found = selectRuns(runs, wanted, named).filter(({ run }) =>
    flags.runId === undefined || run.runId === flags.runId
  );
  const isFound = found.length > 0;
  const shown = found.map(({ isOutdated, run }) =>
    `${run.runId}  mode ${run.mode}, ${
      run.projects.map(({ name }) => name).join(", ")
    }: ${
      [
        ...run.dependencies.map(({ id }) => id),
        ...run.services.map(
          ({ slug }) => slug,
        ),
      ].join(", ")
    }${isOutdated ? " (an older revision)" : ""}`
  );
  return {
    exit: isFound ? EXIT.ok : EXIT.actionable,
    json: {
      "schema": "environment_state",
      "schema_version": 1,
      "found": isFound,
      "scope": place.scope,
      "repository_root": place.repositoryRoot,
      "directory": place.paths.directory,
      "runs": found.map(({ isOutdated, run }) => ({
        "outdated": isOutdated,
        "state": encodeRun(place.scope, run),
        "runtime_map": runtimeMapOf(place.scope, run),
      })),
      "notes": notes.map((note) => ({ ...note })),
    },
    text: [
      ...isFound ? shown : ["Nothing is recorded."],
      ...notes.map(({ message }) => message),
      `Kept in ${place.paths.directory}`,
    ].join("\n"),
  };
}
