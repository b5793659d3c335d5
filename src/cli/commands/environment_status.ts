/**
 * `reeve dashboard` and `reeve status`: what is up.
 *
 * @module
 */

import { healthOf } from "../../environment/observe.ts";
import type { CommandResult } from "../command.ts";
import { lookAtRuns, modeOf, notStarted } from "../environment_look.ts";
import type { EnvironmentSession } from "../environment_session.ts";
import {
  type Snapshot,
  snapshotJson,
  snapshotText,
} from "../environment_status_text.ts";
import { hasLoss } from "../../environment/lost_records.ts";
import { withStateNotes } from "../environment_state_notes.ts";
import { lookAtUnfinished } from "../environment_unfinished.ts";
import { EXIT } from "../exit_code.ts";
import { widthOf } from "../table.ts";

/**
 * Shows every run, or those of the mode that the line names: again and again
 * on a terminal, else once.
 */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, place, route } = session;
  const { isInteractive, isScreen } = host.terminal;
  const isOnce = route.flags.once === true || route.headless || session.isJson;
  if (isInteractive && isScreen && !isOnce) {
    const { runDashboard } = await import("../environment_dashboard.ts");
    return await runDashboard(session);
  }
  const { notes, runs } = await lookAtRuns(session);
  const snapshot: Snapshot = {
    mode: modeOf(session),
    runs,
    overall: runs.length === 0 ? undefined : healthOf(runs).overall,
    notStarted: runs.flatMap(({ run, units }) =>
      notStarted(host, place.loaded.settings, { ...run, units })
    ),
    unfinished: await lookAtUnfinished(host, place),
    isIncomplete: hasLoss(notes),
    at: host.clock.now(),
  };
  return withStateNotes({
    exit: EXIT.ok,
    text: session.isJson ? "" : snapshotText(snapshot, widthOf(host.terminal)),
    json: snapshotJson(snapshot),
  }, notes);
}
