/**
 * `reeve daemon status`.
 *
 * @module
 */

import { daemonContext } from "../../daemon/context.ts";
import { readCurrent } from "../../daemon/current.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit_code.ts";

/** Shows whether the recorded daemon runs; changes nothing. */
export async function run(
  { host }: CommandContext,
  _flags: JsonFlags,
): Promise<CommandResult> {
  const daemons = await daemonContext(host);
  const current = await readCurrent(host, daemons, [500]);
  const base = {
    "schema": "daemon_status",
    "schema_version": 1,
    "singleton_scope_id": daemons.scope,
    "log": daemons.paths.daemonLog,
  };
  if (current.kind !== "healthy") {
    const state = current.kind === "unhealthy" ? current.state : {};
    const problem = current.kind === "unhealthy"
      ? current.reason
      : "reason" in current.read
      ? current.read.reason
      : "no daemon is recorded";
    return {
      exit: EXIT.actionable,
      json: {
        ...base,
        "active": false,
        "pid": "pid" in state ? state.pid ?? null : null,
        "port": "port" in state ? state.port ?? null : null,
        "package_version": null,
        "started_at": null,
        problem,
      },
      text: `The daemon is not running: ${problem}.\n` +
        "Start it with: reeve daemon start",
    };
  }
  const { state, health } = current;
  const version = health.packageVersion ?? "unknown";
  const startedAt = health.startedAt ?? null;
  const since = startedAt === null
    ? ""
    : `, up ${formatDuration(host.clock.now() - Date.parse(startedAt))}`;
  return {
    exit: EXIT.ok,
    json: {
      ...base,
      "active": true,
      "pid": state.pid,
      "port": state.port,
      "package_version": version,
      "started_at": startedAt,
      "problem": null,
    },
    text: `The daemon is running: pid ${state.pid}, port ${state.port}, ` +
      `version ${version}${since}.`,
  };
}
