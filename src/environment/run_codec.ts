/**
 * A run as a document, and back.
 *
 * @module
 */

import type {
  DependencyRecord,
  RunState,
  ServiceRecord,
  UnitIdentity,
} from "./model.ts";
import { isoTime } from "./document_codec.ts";
import type { RunStateDocument } from "./run_schema.ts";

/** Version of the documents of a run. */
export const RUN_SCHEMA_VERSION = 1;

/** The document of a run of a repository. */
export function encodeRun(scope: string, run: RunState): RunStateDocument {
  return {
    "schema": "run_state",
    "schema_version": RUN_SCHEMA_VERSION,
    "scope": scope,
    "run_id": run.runId,
    "mode": run.mode,
    "projects": run.projects.map(({ name, root }) => ({ name, root })),
    "fingerprint": run.fingerprint,
    "services": run.services.map(encodeService),
    "dependencies": run.dependencies.map(encodeDependency),
    "ports": run.ports.map((plan) => ({ ...plan })),
    "created_at": isoTime(run.createdAt),
    "failure": run.failure ?? null,
  };
}

/** The run of a checked document. */
export function decodeRun(document: RunStateDocument): RunState {
  return {
    runId: document.run_id,
    mode: document.mode,
    projects: document.projects.map(({ name, root }) => ({ name, root })),
    fingerprint: document.fingerprint,
    services: document.services.map(decodeService),
    dependencies: document.dependencies.map(decodeDependency),
    ports: document.ports.map(decodePlan),
    createdAt: Date.parse(document.created_at),
    failure: document.failure ?? undefined,
  };
}

function decodePlan(
  { project, unit, requested, assigned, final, source, retries }: PlanDocument,
): RunState["ports"][number] {
  return { project, unit, requested, assigned, final, source, retries };
}

type PlanDocument = RunStateDocument["ports"][number];
type ServiceDocument = RunStateDocument["services"][number];
type DependencyDocument = RunStateDocument["dependencies"][number];
type IdentityDocument = ServiceDocument["identity"];

function encodeService(service: ServiceRecord): ServiceDocument {
  return {
    "name": service.name,
    "project": service.project,
    "slug": service.slug,
    "identity": encodeIdentity(service.identity),
    "cwd": service.cwd,
    "argv_hash": service.argvHash,
    "requested_port": service.requestedPort ?? null,
    "actual_port": service.actualPort ?? null,
    "log_path": service.logPath,
    "started_at": isoTime(service.startedAt),
    "status": service.status,
    "expects_listener": service.expectsListener,
    "critical": service.isCritical,
    "failure": service.failure ?? null,
    "public_url": service.publicUrl ?? null,
    "health_url": service.healthUrl ?? null,
  };
}

function decodeService(service: ServiceDocument): ServiceRecord {
  return {
    name: service.name,
    project: service.project,
    slug: service.slug,
    identity: decodeIdentity(service.identity),
    cwd: service.cwd,
    argvHash: service.argv_hash,
    requestedPort: service.requested_port ?? undefined,
    actualPort: service.actual_port ?? undefined,
    logPath: service.log_path,
    startedAt: Date.parse(service.started_at),
    status: service.status,
    expectsListener: service.expects_listener,
    isCritical: service.critical,
    failure: service.failure ?? undefined,
    publicUrl: service.public_url ?? undefined,
    healthUrl: service.health_url ?? undefined,
  };
}

function encodeDependency(dependency: DependencyRecord): DependencyDocument {
  return {
    "id": dependency.id,
    "project": dependency.project,
    "mode": dependency.mode,
    "identity": encodeIdentity(dependency.identity),
    "ports": { ...dependency.ports },
    "url": dependency.url ?? null,
    "data_directory": dependency.dataDirectory ?? null,
    "log_path": dependency.logPath ?? null,
    "status": dependency.status,
    "failure": dependency.failure ?? null,
    "retries": dependency.retries,
  };
}

function decodeDependency(dependency: DependencyDocument): DependencyRecord {
  return {
    id: dependency.id,
    project: dependency.project,
    mode: dependency.mode,
    identity: decodeIdentity(dependency.identity),
    ports: dependency.ports,
    url: dependency.url ?? undefined,
    dataDirectory: dependency.data_directory ?? undefined,
    logPath: dependency.log_path ?? undefined,
    status: dependency.status,
    failure: dependency.failure ?? undefined,
    retries: dependency.retries,
  };
}

function encodeIdentity(identity: UnitIdentity | undefined): IdentityDocument {
  if (identity === undefined) return null;
  return {
    "pid": identity.pid,
    "start_stamp": identity.startStamp,
    "boot_id": identity.bootId ?? null,
    "pid_namespace": identity.pidNamespace ?? null,
    "marker": identity.marker,
  };
}

function decodeIdentity(identity: IdentityDocument): UnitIdentity | undefined {
  if (identity === null) return undefined;
  return {
    pid: identity.pid,
    startStamp: identity.start_stamp,
    bootId: identity.boot_id ?? undefined,
    pidNamespace: identity.pid_namespace ?? undefined,
    marker: identity.marker,
  };
}
