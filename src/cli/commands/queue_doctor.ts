/**
 * `reeve queue doctor`.
 *
 * @module
 */

import type { Config } from "../../config/read_config.ts";
import { type JobsFacts, lookAtTenant } from "../../doctor/jobs_facts.ts";
import { judgeJobs } from "../../doctor/jobs_findings.ts";
import { buildJobsReport } from "../../doctor/jobs_report.ts";
import { listTenants } from "../../jobs/list_tenants.ts";
import { openBackend } from "../../jobs/open_backend.ts";
import {
  QUEUE_KEYS,
  type QueueSettings,
  readQueueSettings,
} from "../../jobs/settings.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { formatJobsReport } from "../queue_doctor_text.ts";
import { chosenTenants, type TenantsFlag } from "../queue_place.ts";
import { readScope } from "./config_scope.ts";

/** Checks where jobs are kept and whether they get done; changes nothing. */
export async function run(
  context: CommandContext,
  flags: JsonFlags & TenantsFlag,
): Promise<CommandResult> {
  const { host, isJson } = context;
  const facts = await collectJobs(context, flags);
  const verdict = judgeJobs(facts);
  const report = buildJobsReport(facts, verdict);
  const exit = verdict.isHealthy ? EXIT.ok : EXIT.actionable;
  if (isJson) return { exit, json: { ...report, "exit_code": exit } };
  const { columns, hasColor } = host.terminal;
  return { exit, text: formatJobsReport(report, { columns, hasColor }) };
}

/** Looks at every tenant that the flags mean. */
export async function collectJobs(
  context: Pick<CommandContext, "host">,
  flags: TenantsFlag,
): Promise<JobsFacts> {
  const { host } = context;
  const { root, config } = readScope(host);
  const faults = faultsOf(config);
  const base = { generatedAt: host.clock.now(), root, faults };
  if (faults.length > 0) return { ...base, settings: undefined, tenants: [] };
  const settings = readQueueSettings(config, root);
  return { ...base, settings, tenants: await look(context, settings, flags) };
}

function faultsOf({ faults }: Config): Config["faults"] {
  return faults.filter(({ key }) =>
    key === undefined || QUEUE_KEYS.includes(key)
  );
}

async function look(
  context: Pick<CommandContext, "host">,
  settings: QueueSettings,
  flags: TenantsFlag,
): Promise<JobsFacts["tenants"]> {
  const { host } = context;
  const existing = await listTenants(host, settings);
  const chosen = await chosenTenants(context, settings, flags);
  // Whoever has no job yet wants to know whether there could be one.
  const tenants = chosen.length === 0 ? [settings.tenant] : chosen;
  const facts: JobsFacts["tenants"][number][] = [];
  for (const tenant of tenants) {
    const backend = await openBackend(host, settings, tenant);
    facts.push(await lookAtTenant(host, backend, existing.includes(tenant)));
  }
  return facts;
}
