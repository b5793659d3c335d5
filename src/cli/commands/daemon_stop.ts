/**
 * `reeve daemon stop`.
 *
 * @module
 */

import { daemonContext } from "../../daemon/context.ts";
import { stopDaemon, type StopDaemonOutcome } from "../../daemon/stop.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";

/** Stops the recorded daemon after proving what it is. */
export async function run(
  { host }: CommandContext,
  _flags: JsonFlags,
): Promise<CommandResult> {
  const outcome = await stopDaemon(host, await daemonContext(host));
  return {
    exit: EXIT.ok,
    json: {
      "schema": "daemon_stop",
      "schema_version": 1,
      "status": outcome.kind,
      "pid": "pid" in outcome ? outcome.pid ?? null : null,
      "port": outcome.kind === "stopped" ? outcome.port : null,
      "cleanup_path": outcome.kind === "stopped" ? outcome.path : null,
      "reason": outcome.kind === "cleared" ? outcome.reason : null,
    },
    text: describeStop(outcome),
    notes: outcome.kind === "stopped" ? outcome.notes : [],
  };
}

/** What stopping did, in words. */
export function describeStop(outcome: StopDaemonOutcome): string {
  switch (outcome.kind) {
    case "not_running":
      return "No daemon is running.";
    case "cleared":
      return `The state file was cleared: ${outcome.reason}.` +
        (outcome.pid === undefined
          ? ""
          : `\nProcess ${outcome.pid} was not touched.`);
    case "stopped":
      return `The daemon was stopped: pid ${outcome.pid}, ` +
        `port ${outcome.port}` +
        (outcome.path === null ? "." : ` (via ${outcome.path}).`) +
        (outcome.wasSilent ? "\nIt had not answered any more." : "");
  }
}
