/**
 * `reeve health`.
 *
 * @module
 */

import { healthOf, observeRecorded } from "../../environment/observe.ts";
import type { CommandResult } from "../command.ts";
import {
  healthJson,
  type HealthReport,
  healthText,
  isFine,
} from "../environment_health_text.ts";
import { chooseRuns, type EnvironmentSession } from "../environment_session.ts";
import { withStateNotes } from "../environment_state_notes.ts";
import { EXIT } from "../exit_code.ts";

/** Says how well the chosen units are; without a run there is no health. */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, place, route } = session;
  const { mode } = route;
  const seen = await observeRecorded(host, place, { mode });
  const runs = chooseRuns(route, seen);
  const { overall, critical, optional } = healthOf(runs);
  const report: HealthReport = {
    mode,
    overall,
    critical,
    optional,
    runs,
    isFine: isFine(overall, route.flags.strict === true),
  };
  return withStateNotes({
    exit: report.isFine ? EXIT.ok : EXIT.actionable,
    text: session.isJson ? "" : healthText(report),
    json: healthJson(report, host.clock.now()),
  }, seen.notes);
}
