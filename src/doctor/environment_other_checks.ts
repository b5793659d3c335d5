/**
 * What the job queue, delivery and its daemon come to, in a line each: their
 * own doctors tell more.
 *
 * @module
 */

import {
  checksOf,
  type CheckStatus,
  type EnvironmentCheck,
} from "./environment_check.ts";
import type { JobsCheckName, JobsVerdict } from "./jobs_finding.ts";
import { isUnknown, type SyncFacts } from "./sync_facts.ts";
import type { SyncVerdict } from "./sync_findings.ts";

const jobsCheck = checksOf("jobs");
const JOBS_DOCTOR = "reeve queue doctor";

/** Whether jobs can be kept, and whether they get done. */
export function jobsChecks(verdict: JobsVerdict): readonly EnvironmentCheck[] {
  return [
    jobsPart(verdict, "readiness", ["settings", "backend", "room"], {
      fine: "Jobs can be added and kept",
    }),
    jobsPart(verdict, "liveness", ["work", "dead"], {
      fine: "No job waits for a worker that is not there",
    }),
  ];
}

function jobsPart(
  { checks, findings }: JobsVerdict,
  name: string,
  about: readonly JobsCheckName[],
  { fine }: { readonly fine: string },
): EnvironmentCheck {
  const own = checks.filter((one) => about.includes(one.name));
  const found = findings.filter((one) => about.includes(one.check));
  const unknown = own.filter(({ state }) => state === "unknown");
  const evidence = {
    "checks": Object.fromEntries(own.map((one) => [one.name, one.state])),
    "findings": found.map(({ id, tenant }) => ({ id, tenant })),
  };
  const status = statusOf(own.map(({ state }) => state));
  const worst = found.find(({ severity }) => statusOf([severity]) === status);
  if (worst !== undefined) {
    const more = found.length === 1 ? "" : ` (and ${found.length - 1} more)`;
    const text = worst.summary.replace(/\.$/, "");
    return jobsCheck(name, status, `${text}${more}`, {
      evidence,
      remedy: JOBS_DOCTOR,
    });
  }
  const [gap] = unknown;
  if (gap !== undefined) {
    return jobsCheck(name, "fail", `Not known: ${gap.reason}`, {
      evidence,
      remedy: JOBS_DOCTOR,
    });
  }
  const isUnused = own.some(({ state }) => state === "skipped");
  const text = isUnused ? "No job has been added yet" : fine;
  return jobsCheck(name, "pass", text, { evidence });
}

const WORDS: Readonly<Record<string, CheckStatus>> = {
  error: "fail",
  unknown: "fail",
  warn: "warn",
  info: "info",
};

const ORDER: readonly CheckStatus[] = ["fail", "warn", "info", "pass"];

function statusOf(states: readonly string[]): CheckStatus {
  const all = states.map((state) => WORDS[state] ?? "pass");
  return ORDER.find((status) => all.includes(status)) ?? "pass";
}

const syncCheck = checksOf("sync");
const SYNC_DOCTOR = "reeve sync doctor";

/** Whether events are delivered; services run without that. */
export function syncChecks(
  facts: SyncFacts,
  { findings }: SyncVerdict,
): readonly EnvironmentCheck[] {
  const count = (severity: string) =>
    findings.filter((one) => one.severity === severity).length;
  const [errors, warnings] = [count("error"), count("warn")];
  const evidence = { "errors": errors, "warnings": warnings };
  const total = errors + warnings;
  const delivery = total === 0
    ? syncCheck("delivery", "pass", "Nothing is wrong with delivery", {
      evidence,
    })
    : syncCheck(
      "delivery",
      errors > 0 ? "warn" : "info",
      `Its own doctor has ${total} word${total === 1 ? "" : "s"} on delivery`,
      { evidence, remedy: SYNC_DOCTOR },
    );
  return [delivery, daemonCheck(facts)];
}

function daemonCheck({ daemon }: SyncFacts): EnvironmentCheck {
  if (isUnknown(daemon)) {
    return syncCheck("daemon", "warn", `Not known: ${daemon.unknown}`, {
      remedy: "reeve auth doctor",
    });
  }
  switch (daemon.kind) {
    case "none":
      return syncCheck("daemon", "info", "No sync daemon is recorded", {
        evidence: { "state": daemon.kind },
      });
    case "healthy":
      return syncCheck(
        "daemon",
        "pass",
        `The sync daemon runs: ${daemon.pid}`,
        {
          evidence: { "state": daemon.kind, "pid": daemon.pid },
        },
      );
    case "unhealthy":
      return syncCheck(
        "daemon",
        "warn",
        `The sync daemon is not well: ${daemon.reason}`,
        {
          evidence: { "state": daemon.kind },
          remedy: "reeve auth doctor",
        },
      );
  }
}
