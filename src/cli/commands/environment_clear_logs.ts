/**
 * `reeve clear-logs`.
 *
 * @module
 */

import { observeRecorded } from "../../environment/observe.ts";
import { type Host, HostError } from "../../host/host.ts";
import type { CommandResult } from "../command.ts";
import { chooseRuns, type EnvironmentSession } from "../environment_session.ts";
import { EXIT } from "../exit_code.ts";

/** What became of a log. */
type Outcome = "cleared" | "failed" | "missing" | "none";

/** Empties the logs of what the line means; who writes goes on to do so. */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, place, route } = session;
  const { mode } = route;
  const runs = chooseRuns(route, await observeRecorded(host, place, { mode }));
  const done = runs.flatMap(({ units }) => units).map((unit) => ({
    unit,
    path: unit.record.logPath,
    outcome: clear(host, unit.record.logPath),
  }));
  const isFine = done.every(({ outcome }) => outcome !== "failed");
  const cleared = done.filter(({ outcome }) => outcome === "cleared");
  const failed = done.filter(({ outcome }) => outcome === "failed");
  return {
    exit: isFine ? EXIT.ok : EXIT.actionable,
    json: {
      "schema": "environment_clear_logs",
      "schema_version": 1,
      "ok": isFine,
      "units": done.map(({ outcome, path, unit }) => ({
        "project": unit.project,
        "id": unit.id,
        "log_path": path ?? null,
        "outcome": outcome,
      })),
    },
    text: [
      cleared.length === 0
        ? "There was no log to empty."
        : `Emptied the logs of ${
          cleared.map(({ unit }) => unit.name).join(", ")
        }.`,
      ...failed.map(({ path, unit }) =>
        `Cannot empty the log of ${unit.name}: ${path}`
      ),
    ].join("\n"),
  };
}

/** Copies of a log that were put aside, at most. */
const ASIDE = 3;

function clear(
  host: Pick<Host, "blocking">,
  path: string | undefined,
): Outcome {
  if (path === undefined) return "none";
  try {
    if (host.blocking.stat(path) === undefined) return "missing";
    // The file stays the same one, so whoever has it open goes on.
    host.blocking.moveTail(path, `${path}.1`, 0);
    for (let number = 1; number <= ASIDE; number++) {
      host.blocking.remove(`${path}.${number}`);
    }
    return "cleared";
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return "failed";
  }
}
