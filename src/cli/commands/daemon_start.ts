/**
 * `reeve daemon start`.
 *
 * @module
 */

import { daemonContext } from "../../daemon/context.ts";
import { readSettings } from "../../daemon/settings.ts";
import { type DaemonIntent, decideStartGate } from "../../daemon/start_gate.ts";
import type { StartOutcome } from "../../daemon/reuse.ts";
import { startDaemon } from "../../daemon/start.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";

/** Flags of `reeve daemon start`. */
export interface StartFlags extends JsonFlags {
  /** Replace a daemon of any other version. */
  readonly force: boolean;
  /** Ask as a program would. */
  readonly intent?: DaemonIntent;
}

/** Starts the daemon, or finds the one that runs. */
export async function run(
  { host }: CommandContext,
  flags: StartFlags,
): Promise<CommandResult> {
  const daemons = await daemonContext(host);
  const warnings: string[] = [];
  if (flags.intent !== undefined) {
    const settings = readSettings(host, daemons.paths);
    warnings.push(...settings.warnings);
    const gate = decideStartGate({
      intent: flags.intent,
      isExplicit: false,
      syncDisable: host.env.get("REEVE_SYNC_DISABLE"),
      syncMinimalImport: host.env.get("REEVE_SYNC_MINIMAL_IMPORT"),
      enableSaasSync: host.env.get("REEVE_ENABLE_SAAS_SYNC"),
      policy: settings.policy,
    });
    if (gate.kind === "closed") return skipped(gate.reason, warnings);
  }
  const outcome = await startDaemon(host, daemons, { isForced: flags.force });
  return started(outcome, warnings);
}

function skipped(
  reason: string,
  warnings: readonly string[],
): CommandResult {
  return {
    exit: EXIT.ok,
    json: {
      "schema": "daemon_start",
      "schema_version": 1,
      "started": false,
      "action": "skipped",
      "skipped_reason": reason,
      "pid": null,
      "port": null,
    },
    text: `The daemon was not started: ${reason}.\n` +
      "Start it all the same with: reeve daemon start",
    notes: warnings,
  };
}

const WORDS: Readonly<Record<StartOutcome["action"], string>> = {
  adopted: "The daemon was running without a state file; it is known again",
  replaced: "A new daemon has taken the place of the old one",
  reused: "The daemon is running",
  started: "The daemon was started",
};

function started(
  outcome: StartOutcome,
  warnings: readonly string[],
): CommandResult {
  const { action, pid, port, version, notes, cleaned } = outcome;
  return {
    exit: EXIT.ok,
    json: {
      "schema": "daemon_start",
      "schema_version": 1,
      "started": true,
      action,
      "skipped_reason": null,
      pid,
      port,
      "package_version": version,
      notes,
      cleaned,
    },
    text: `${WORDS[action]}: pid ${pid}, port ${port}, version ${version}.` +
      (cleaned.swept.length === 0
        ? ""
        : `\nStopped ${cleaned.swept.length} stale daemon` +
          `${cleaned.swept.length === 1 ? "" : "s"} of this state root.`),
    notes: [...warnings, ...notes, ...cleaningNotes(outcome)],
  };
}

/** What start-up cleaning left, said once. */
export function cleaningNotes({ cleaned }: StartOutcome): readonly string[] {
  const { skipped, failed } = cleaned;
  const amount = skipped.length + failed.length;
  if (amount === 0) return [];
  const entries = [
    ...skipped.map(({ port, skip_reason: reason }) => `${port} ${reason}`),
    ...failed.map(({ port, failure_reason: reason }) => `${port} ${reason}`),
  ];
  return [
    `${amount} other daemon${amount === 1 ? "" : "s"} left: ` +
    `${entries.join(", ")}. See: reeve auth doctor`,
  ];
}
