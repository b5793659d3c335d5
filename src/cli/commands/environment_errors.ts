/**
 * `reeve errors`.
 *
 * @module
 */

import { findIssues } from "../../environment/log_findings.ts";
import { observeRecorded } from "../../environment/observe.ts";
import type { CommandResult } from "../command.ts";
import {
  errorsJson,
  type ErrorsReport,
  errorsText,
  isWithoutErrors,
} from "../environment_health_text.ts";
import { chooseRuns, type EnvironmentSession } from "../environment_session.ts";
import { withStateNotes } from "../environment_state_notes.ts";
import { EXIT } from "../exit_code.ts";

/** Lines of each log that are shown at most. */
const LINES = 10;

/** Shows what has failed, and what logs say about it. */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, place, route } = session;
  const { mode } = route;
  const seen = await observeRecorded(host, place, { mode });
  const runs = chooseRuns(route, seen);
  const issues = findIssues(host, runs.flatMap(({ units }) => units), LINES);
  const report: ErrorsReport = { mode, runs, issues };
  return withStateNotes({
    exit: isWithoutErrors(report) ? EXIT.ok : EXIT.actionable,
    text: errorsText(report),
    json: errorsJson(report, host.clock.now()),
  }, seen.notes);
}
