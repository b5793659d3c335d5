/**
 * Everything that `reeve doctor` looks at, brought together.
 *
 * @module
 */

import { judgeJobs } from "../doctor/jobs_findings.ts";
import {
  checksOf,
  type EnvironmentCheck,
} from "../doctor/environment_check.ts";
import {
  examineElsewhere,
  examineRepository,
} from "../doctor/environment_exam.ts";
import { jobsChecks, syncChecks } from "../doctor/environment_other_checks.ts";
import type { DoctorExam } from "../doctor/environment_report.ts";
import { collectSyncFacts } from "../doctor/sync_facts.ts";
import { judgeSync } from "../doctor/sync_findings.ts";
import type { EnvironmentPlace } from "../environment/place.ts";
import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import { absolutePath } from "../host/path.ts";
import { stateRoot } from "../state/paths.ts";
import { findPlace } from "../sync/project_sync.ts";
import type { CommandContext } from "./command.ts";
import { collectJobs } from "./commands/queue_doctor.ts";
import { readInstall } from "./environment_doctor_install.ts";

/** A repository, or why there is none. */
export type WhereToLook =
  | { readonly kind: "repository"; readonly place: EnvironmentPlace }
  | { readonly kind: "none"; readonly reason: KnownError };

/** What is asked for besides. */
export interface ExamOptions {
  /** Whether warnings count as failures. */
  readonly isStrict: boolean;
  /** Whether to tell of the installation. */
  readonly withInstall: boolean;
}

/** Looks at everything; changes nothing. */
export async function examine(
  context: CommandContext,
  where: WhereToLook,
  { isStrict, withInstall }: ExamOptions,
): Promise<DoctorExam> {
  const { host } = context;
  const root = absolutePath(host.env.cwd, stateRoot(host.env));
  const place = where.kind === "repository" ? where.place : undefined;
  const [own, jobs, sync, install] = await Promise.all([
    place === undefined
      ? examineElsewhere(host, root)
      : examineRepository(host, place),
    guarded("jobs", () => examineJobs(context)),
    guarded("sync", () => examineSync(context)),
    withInstall ? readInstall(host) : undefined,
  ]);
  const isOutside = where.kind === "none" && where.reason.code === "unusable";
  return {
    at: host.clock.now(),
    repository: place?.repositoryRoot,
    scope: place?.scope,
    root: place?.paths.root ?? root,
    checks: [
      ...own,
      ...where.kind === "none" && !isOutside ? [unreadable(where.reason)] : [],
      ...jobs,
      ...sync,
    ],
    leftOut: where.kind === "none"
      ? [{
        areas: ["settings", "state", "runtime", "orphans"],
        reason: where.reason.message,
      }]
      : [],
    isStrict,
    install,
  };
}

function unreadable({ message, hint }: KnownError): EnvironmentCheck {
  return checksOf("settings")("read", "fail", message, { remedy: hint });
}

/** What one part refuses to tell must not hide the others. */
async function guarded(
  area: "jobs" | "sync",
  look: () => Promise<readonly EnvironmentCheck[]>,
): Promise<readonly EnvironmentCheck[]> {
  try {
    return await look();
  } catch (error) {
    const isExpected = error instanceof KnownError ||
      error instanceof HostError;
    if (!isExpected) throw error;
    const hint = error instanceof KnownError ? error.hint : undefined;
    const status = area === "jobs" ? "fail" : "warn";
    return [
      checksOf(area)("unknown", status, error.message, { remedy: hint }),
    ];
  }
}

async function examineJobs(
  context: CommandContext,
): Promise<readonly EnvironmentCheck[]> {
  return jobsChecks(judgeJobs(await collectJobs(context, {})));
}

async function examineSync(
  { host }: CommandContext,
): Promise<readonly EnvironmentCheck[]> {
  const options = { asksServer: false };
  const facts = await collectSyncFacts(host, findPlace(host), options);
  return syncChecks(facts, judgeSync(facts));
}
