/**
 * `reeve sync doctor`.
 *
 * @module
 */

import { collectSyncFacts } from "../../doctor/sync_facts.ts";
import { judgeSync } from "../../doctor/sync_findings.ts";
import { buildSyncReport } from "../../doctor/sync_report.ts";
import { findPlace } from "../../sync/project_sync.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { formatSyncReport } from "../sync_doctor_text.ts";
import { queueHost } from "../sync_project.ts";

/** Flags of `reeve sync doctor`. */
export interface SyncDoctorFlags extends JsonFlags {
  /** Ask the server too. */
  readonly server: boolean;
  /** Repair what can be repaired safely. */
  readonly fix: boolean;
}

/** Checks queue, settings, sign-in and delivery; changes nothing without --fix. */
export async function run(
  { host, isJson }: CommandContext,
  flags: SyncDoctorFlags,
): Promise<CommandResult> {
  const place = findPlace(host);
  const options = { asksServer: flags.server };
  let facts = await collectSyncFacts(host, place, options);
  let fixed: readonly string[] = [];
  if (flags.fix) {
    const { fixSync } = await import("../../doctor/sync_fix.ts");
    fixed = fixSync(await queueHost(host), place, facts);
    facts = await collectSyncFacts(host, place, options);
  }
  const verdict = judgeSync(facts);
  const report = buildSyncReport(facts, verdict, fixed);
  const exit = verdict.isHealthy ? EXIT.ok : EXIT.actionable;
  if (isJson) return { exit, json: { ...report, "exit_code": exit } };
  const { columns, hasColor } = host.terminal;
  return { exit, text: formatSyncReport(report, { columns, hasColor }) };
}
