/**
 * The documents that describe a run on disk.
 *
 * @module
 */

import { type ArtifactName, ARTIFACTS } from "../state/environment_paths.ts";
import type { JsonObject } from "../state/json_value.ts";
import { sealText } from "../state/sealed_document.ts";
import { fingerprintOf, formatDocument, isoTime } from "./document_codec.ts";
import type {
  DependencyRecord,
  PortPlan,
  Project,
  RunState,
  ServiceRecord,
} from "./model.ts";
import { encodeRun } from "./run_codec.ts";
import { runtimeMapOf } from "./runtime_map.ts";

/** Version of the documents that are derived from a run. */
export const ARTIFACT_VERSION = 1;

/** The text of every document of one revision. */
export type ArtifactTexts = Readonly<Record<ArtifactName, string>>;

/** Something of a run that is not well. */
export interface RunError {
  /** Project, or `undefined` for the run as a whole. */
  readonly project: string | undefined;
  /** Slug of a service or id of a dependency. */
  readonly unit: string | undefined;
  /** What it was found doing. */
  readonly status: string;
  /** Whether the environment is broken by it. */
  readonly isCritical: boolean;
  /** What happened, in a sentence. */
  readonly message: string;
  /** Where its output is. */
  readonly logPath: string | undefined;
}

/**
 * Writes down a run as texts.
 *
 * @param now epoch milliseconds.
 */
export function artifactsOf(
  scope: string,
  run: RunState,
  now: number,
): ArtifactTexts {
  return {
    "run_state": sealText(formatDocument(encodeRun(scope, run))),
    "runtime_map": formatDocument(runtimeMapOf(scope, run)),
    "ports_manifest": formatDocument(portsManifestOf(scope, run)),
    "error_report": formatDocument(errorReportOf(scope, run, now)),
    "readiness_report": formatDocument(readinessReportOf(scope, run, now)),
  };
}

/** One fingerprint for all documents of a revision. */
export async function fingerprintTexts(texts: ArtifactTexts): Promise<string> {
  const parts = await Promise.all(
    ARTIFACTS.map(async (name) =>
      `${name} ${await fingerprintOf(texts[name])}\n`
    ),
  );
  return await fingerprintOf(parts.join(""));
}

/** What of a run is not well, the run itself first. */
export function errorsOf(run: RunState): readonly RunError[] {
  const whole: readonly RunError[] = run.failure === undefined ? [] : [{
    project: undefined,
    unit: undefined,
    status: "failed",
    isCritical: true,
    message: run.failure,
    logPath: undefined,
  }];
  return [
    ...whole,
    ...run.services.filter(isBad).map(describeService),
    ...run.dependencies.filter(isBad).map(describeDependency),
  ];
}

/** A unit that should be there and is not well. */
function isBad(unit: ServiceRecord | DependencyRecord): boolean {
  if (unit.failure !== undefined) return true;
  switch (unit.status) {
    case "finished":
    case "running":
    case "starting":
    case "stopped":
      return false;
    default:
      return true;
  }
}

function describeService(service: ServiceRecord): RunError {
  return {
    project: service.project,
    unit: service.slug,
    status: service.status,
    isCritical: service.isCritical,
    message: service.failure ?? plain(service.name, service.status),
    logPath: service.logPath,
  };
}

function describeDependency(dependency: DependencyRecord): RunError {
  const { project, id, status, failure, logPath } = dependency;
  const message = failure ?? plain(`${project} ${id}`, status);
  // Whoever asks for a dependency cannot do without it.
  return { project, unit: id, status, isCritical: true, message, logPath };
}

function plain(name: string, status: string): string {
  return `${name} is ${status.replaceAll("_", " ")}`;
}

function head(schema: string, scope: string, run: RunState): JsonObject {
  return {
    "schema": schema,
    "schema_version": ARTIFACT_VERSION,
    "scope": scope,
    "run_id": run.runId,
    "mode": run.mode,
  };
}

function portsManifestOf(scope: string, run: RunState): JsonObject {
  // What worktrees share belongs to a project that need not be of the run.
  const names = new Set([...run.projects, ...run.ports.map(toProject)]
    .map(({ name }) => name));
  const roots = new Map(run.projects.map(({ name, root }) => [name, root]));
  return {
    ...head("ports_manifest", scope, run),
    "projects": [...names].map((name) => ({
      "project": name,
      "root": roots.get(name) ?? null,
      "ports": Object.fromEntries(
        run.ports.filter(({ project }) => project === name).map((plan) => [
          plan.unit,
          {
            "requested": plan.requested,
            "assigned": plan.assigned,
            "final": plan.final,
            "source": plan.source,
            "retries": plan.retries,
          },
        ]),
      ),
    })),
  };
}

function toProject(plan: PortPlan): Pick<Project, "name"> {
  return { name: plan.project };
}

function errorReportOf(scope: string, run: RunState, now: number): JsonObject {
  return {
    ...head("error_report", scope, run),
    "generated_at": isoTime(now),
    "errors": errorsOf(run).map(encodeError),
  };
}

function readinessReportOf(
  scope: string,
  run: RunState,
  now: number,
): JsonObject {
  const errors = errorsOf(run);
  const blocking = errors.filter(({ isCritical }) => isCritical);
  const waiting = [...run.services, ...run.dependencies]
    .filter(({ status }) => status === "starting").length;
  return {
    ...head("readiness_report", scope, run),
    "generated_at": isoTime(now),
    "passed": blocking.length === 0 && waiting === 0,
    "errors": blocking.map(({ message }) => message),
    "warnings": errors.filter(({ isCritical }) => !isCritical)
      .map(({ message }) => message),
    "summary": {
      "services": run.services.length,
      "dependencies": run.dependencies.length,
      "starting": waiting,
      "failing": errors.length,
    },
  };
}

function encodeError(error: RunError): JsonObject {
  return {
    "project": error.project ?? null,
    "unit": error.unit ?? null,
    "status": error.status,
    "critical": error.isCritical,
    "message": error.message,
    "log_path": error.logPath ?? null,
  };
}
