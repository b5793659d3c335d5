/**
 * What is wrong with the job queue and what to do, decided on the facts alone.
 *
 * @module
 */

import { DEFAULT_TENANT } from "../jobs/names.ts";
import type { JobQueueFacts, JobsFacts, TenantFacts } from "./jobs_facts.ts";
import type {
  JobsCheck,
  JobsCheckName,
  JobsFinding,
  JobsVerdict,
} from "./jobs_finding.ts";
import { doing, quote, spanText, type SyncSeverity } from "./sync_finding.ts";

/** A ready job of which nobody takes any is worth a word after this. */
const WAIT_WARN_MS = 5 * 60_000;
const WAIT_ERROR_MS = 24 * 60 * 60_000;
/** A job that runs for longer than this is worth a word. */
const RUN_WARN_MS = 60 * 60_000;
const FULL = 0.8;

/** Judges the facts. */
export function judgeJobs(facts: JobsFacts): JobsVerdict {
  const findings = [
    ...settingsFindings(facts),
    ...facts.tenants.flatMap((tenant) => tenantFindings(facts, tenant)),
  ].toSorted((a, b) => a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  const names = ["settings", "backend", "work", "dead", "room"] as const;
  const checks = names.map((name) => checkOf(facts, findings, name));
  const isHealthy = checks.every(({ state }) =>
    state !== "error" && state !== "unknown"
  );
  return { isHealthy, checks, findings };
}

const WORST: readonly SyncSeverity[] = ["error", "warn", "info"];

function checkOf(
  { settings, tenants }: JobsFacts,
  findings: readonly JobsFinding[],
  name: JobsCheckName,
): JobsCheck {
  const own = findings.filter(({ check }) => check === name);
  const worst = WORST.find((severity) =>
    own.some((finding) => finding.severity === severity)
  );
  if (worst === "error") return { name, state: worst, reason: null };
  const gap = tenants.map(({ queues }) => queues)
    .find((queues) => "unknown" in queues);
  const isAboutJobs = name !== "settings" && name !== "backend";
  if (settings === undefined && name !== "settings") {
    return { name, state: "unknown", reason: "the settings are faulty" };
  }
  if (isAboutJobs && gap !== undefined && "unknown" in gap) {
    return { name, state: "unknown", reason: gap.unknown };
  }
  if (worst !== undefined) return { name, state: worst, reason: null };
  return tenants.length === 0 && name !== "settings"
    ? { name, state: "skipped", reason: "no job has been added yet" }
    : { name, state: "ok", reason: null };
}

function settingsFindings({ faults }: JobsFacts): readonly JobsFinding[] {
  return faults.map(({ message, hint, file, line }) => ({
    id: "Q-001",
    check: "settings",
    tenant: null,
    severity: "error",
    summary: `${message}.`,
    remediation: file === undefined
      ? doing("reeve config show", hint)
      : doing(`\${EDITOR:-vi} +${line ?? 1} ${quote(file)}`, hint),
  }));
}

function tenantFindings(
  facts: JobsFacts,
  tenant: TenantFacts,
): readonly JobsFinding[] {
  const { queues } = tenant;
  return [
    ...readinessFindings(facts, tenant),
    ...("unknown" in queues ? [] : [
      ...queues.flatMap((queue) => queueFindings(facts, tenant, queue)),
      ...roomFindings(facts, tenant, queues),
    ]),
  ];
}

/** The words that lead a command to the same tenant. */
function tenantWords({ tenant }: TenantFacts): string {
  return tenant === DEFAULT_TENANT ? "" : ` --tenant ${tenant}`;
}

function whose({ tenant }: TenantFacts): string {
  return tenant === DEFAULT_TENANT ? "" : ` of ${tenant}`;
}

function readinessFindings(
  { settings }: JobsFacts,
  tenant: TenantFacts,
): readonly JobsFinding[] {
  return tenant.readiness.checks.flatMap((check): JobsFinding[] => {
    const { level, detail, hint = "", code } = check;
    if (level === "ok") return [];
    const common = {
      check: "backend",
      tenant: tenant.tenant,
      summary: `${detail.replace(/\.$/, "")}.`,
    } as const;
    if (level === "warn") {
      const remediation = doing(null, hint);
      return [{ id: "Q-004", severity: "warn", ...common, remediation }];
    }
    if (code === "QUEUE_MOVED") {
      const other = settings?.backend === "redis" ? "sqlite" : "redis";
      const use = `reeve config set queue.backend ${other}`;
      const remediation = doing(use, "Uses the place where the jobs are now.");
      return [{ id: "Q-003", severity: "error", ...common, remediation }];
    }
    const isRedis = settings?.backend === "redis";
    const remediation = isRedis
      ? doing("reeve config show queue.redis_url", hint)
      : doing(null, hint);
    return [{ id: "Q-002", severity: "error", ...common, remediation }];
  });
}

function queueFindings(
  facts: JobsFacts,
  tenant: TenantFacts,
  queue: JobQueueFacts,
): readonly JobsFinding[] {
  return [
    ...waitFindings(facts, tenant, queue),
    ...activeFindings(facts, tenant, queue),
    ...pausedFindings(tenant, queue),
    ...deadFindings(tenant, queue),
  ];
}

function count(number: number): string {
  return `${number.toLocaleString("en-US")} job${number === 1 ? "" : "s"}`;
}

/** Whoever runs a job of a queue is at it, however long the others wait. */
function waitFindings(
  { generatedAt }: JobsFacts,
  tenant: TenantFacts,
  { queue, counts, oldestReadyAt, isPaused, silent }: JobQueueFacts,
): readonly JobsFinding[] {
  if (oldestReadyAt === undefined || isPaused) return [];
  const ageMs = generatedAt - oldestReadyAt;
  const isWorkedOn = counts.active > silent;
  if (ageMs < WAIT_WARN_MS || isWorkedOn) return [];
  return [{
    id: "Q-010",
    check: "work",
    tenant: tenant.tenant,
    severity: ageMs >= WAIT_ERROR_MS ? "error" : "warn",
    summary: `No worker seems to be at ${queue}${whose(tenant)}: ` +
      `${count(counts.ready)} ready, the oldest for ${spanText(ageMs)}.`,
    remediation: doing(
      `reeve queue worker --handler FILE${tenantWords(tenant)}`,
      "Runs them by the handler in FILE.",
    ),
  }];
}

function activeFindings(
  { generatedAt }: JobsFacts,
  tenant: TenantFacts,
  { queue, oldestActiveAt, silent }: JobQueueFacts,
): readonly JobsFinding[] {
  const found: JobsFinding[] = [];
  const words = tenantWords(tenant);
  const list = `reeve queue list ${queue} --state active${words}`;
  if (silent > 0) {
    found.push({
      id: "Q-011",
      check: "work",
      tenant: tenant.tenant,
      severity: "warn",
      summary: `The worker of ${count(silent)} in ${queue}${whose(tenant)} ` +
        "has fallen silent; the next worker takes over.",
      remediation: doing(
        `reeve queue worker --handler FILE${words}`,
        "Runs them again.",
      ),
    });
  }
  const ranMs = generatedAt - (oldestActiveAt ?? generatedAt);
  if (ranMs >= RUN_WARN_MS) {
    found.push({
      id: "Q-012",
      check: "work",
      tenant: tenant.tenant,
      severity: "warn",
      summary: `A job of ${queue}${whose(tenant)} has been running for ` +
        `${spanText(ranMs)}.`,
      remediation: doing(
        list,
        "Shows it; a time limit ends such jobs: --timeout.",
      ),
    });
  }
  return found;
}

function pausedFindings(
  tenant: TenantFacts,
  { queue, isPaused, counts }: JobQueueFacts,
): readonly JobsFinding[] {
  if (!isPaused) return [];
  const waiting = counts.ready + counts.scheduled;
  return [{
    id: "Q-013",
    check: "work",
    tenant: tenant.tenant,
    severity: waiting > 0 ? "warn" : "info",
    summary: `${queue}${whose(tenant)} is paused` +
      (waiting > 0 ? `, and ${count(waiting)} cannot begin.` : "."),
    remediation: doing(
      `reeve queue resume ${queue}${tenantWords(tenant)}`,
      "Lets its jobs begin again.",
    ),
  }];
}

function deadFindings(
  tenant: TenantFacts,
  { queue, counts }: JobQueueFacts,
): readonly JobsFinding[] {
  if (counts.dead === 0) return [];
  return [{
    id: "Q-020",
    check: "dead",
    tenant: tenant.tenant,
    severity: "warn",
    summary: `${count(counts.dead)} of ${queue}${whose(tenant)} ` +
      `${counts.dead === 1 ? "has" : "have"} failed for good.`,
    remediation: doing(
      `reeve queue dead list ${queue}${tenantWords(tenant)}`,
      "Shows why; from there they can be run again or deleted.",
    ),
  }];
}

function roomFindings(
  { settings }: JobsFacts,
  tenant: TenantFacts,
  queues: readonly JobQueueFacts[],
): readonly JobsFinding[] {
  if (settings === undefined) return [];
  const { maxJobs } = settings.limits;
  const used = queues.reduce(
    (sum, { counts }) => sum + counts.ready + counts.scheduled + counts.active,
    0,
  );
  if (used < maxJobs * FULL) return [];
  const isFull = used >= maxJobs;
  return [{
    id: "Q-030",
    check: "room",
    tenant: tenant.tenant,
    severity: isFull ? "error" : "warn",
    summary: `${count(used)}${whose(tenant)} of at most ` +
      `${maxJobs.toLocaleString("en-US")} wait` +
      (isFull ? ": no more are taken." : "."),
    remediation: doing(
      `reeve config set queue.max_jobs ${maxJobs * 2}`,
      "Takes more; more workers make them fewer.",
    ),
  }];
}
