/**
 * `reeve daemon restart`.
 *
 * @module
 */

import { daemonContext } from "../../daemon/context.ts";
import { restartDaemon } from "../../daemon/restart.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { cleaningNotes } from "./daemon_start.ts";

/** Flags of `reeve daemon restart`. */
export interface RestartFlags extends JsonFlags {
  /** Replace a newer daemon too. */
  readonly force: boolean;
}

/** Stops the daemon and starts it again, under one lock. */
export async function run(
  { host }: CommandContext,
  flags: RestartFlags,
): Promise<CommandResult> {
  const daemons = await daemonContext(host);
  const outcome = await restartDaemon(host, daemons, {
    isForced: flags.force,
  });
  const { previousPid, start } = outcome;
  const before = previousPid === undefined
    ? "No daemon was running."
    : `The daemon ${previousPid} was stopped.`;
  return {
    exit: EXIT.ok,
    json: {
      "schema": "daemon_restart",
      "schema_version": 1,
      "status": outcome.status,
      "previous_pid": previousPid ?? null,
      "new_pid": start.pid,
      "port": start.port,
      "package_version": start.version,
      "cleaned": start.cleaned,
    },
    text: `${before}\nThe daemon was started: pid ${start.pid}, ` +
      `port ${start.port}, version ${start.version}.`,
    notes: [...start.notes, ...cleaningNotes(start)],
  };
}
