/**
 * Reeve as a library: the decisions, which are pure, and the operations, which
 * take a host. Importing it does nothing.
 *
 * ```ts ignore
 * import { daemonContext, scan, toRecord } from "@reeve/reeve";
 * import { denoHost } from "@reeve/reeve/host";
 *
 * const context = await daemonContext(denoHost);
 * const found = await scan(denoHost, context.families);
 * for (const candidate of found.candidates) {
 *   console.log(toRecord(candidate, found.viewpoint));
 * }
 * ```
 *
 * @module
 */

export { KnownError } from "./src/errors.ts";
export type { ErrorCode, KnownErrorOptions } from "./src/errors.ts";
export {
  cliVersion,
  compareVersions,
  PROTOCOL_VERSION,
  VERSION,
} from "./src/version.ts";

export {
  compareIdentity,
  comparePlace,
  type IdentityVerdict,
  type Place,
  type ProcessIdentity,
} from "./src/process/identity.ts";
export type { IdentityLook } from "./src/process/identity_look.ts";
export { ownerOf, type PortOwner } from "./src/process/listener.ts";
export {
  type Proof,
  terminate,
  type TerminateOptions,
  type TerminateOutcome,
} from "./src/process/terminate.ts";

export type { StepEntry } from "./src/process/step_journal.ts";

export {
  DASHBOARD_PORTS,
  FAMILIES,
  familiesOf,
  type Family,
  type FamilyFiles,
  type FamilyName,
  type Product,
  type SpawnShape,
  SYNC_PORTS,
} from "./src/daemon/family.ts";
export type {
  Candidate,
  CredentialFacts,
  HealthFacts,
  ProcessSummary,
  ScopeView,
  Singleton,
  SpawnFacts,
  Viewpoint,
} from "./src/daemon/candidate.ts";
export {
  classify,
  type CleanupClass,
  type IdentitySource,
  type SkipReason,
  type Verdict,
} from "./src/daemon/classify.ts";
export {
  collectEvidence,
  type Evidence,
  type EvidenceRole,
} from "./src/daemon/evidence.ts";
export { findFlips, type Flip } from "./src/daemon/flip.ts";
export {
  type DaemonIdentityRecord,
  toRecord,
} from "./src/daemon/identity_record.ts";
export {
  explainVerdict,
  type Remediation,
  remediationFor,
} from "./src/daemon/reason_text.ts";
export {
  type PlannedStop,
  planSweep,
  type SkippedEntry,
  START_WINDOW_MS,
  type SweepConsent,
  type SweepPlan,
} from "./src/daemon/sweep_plan.ts";
export {
  type Compatibility,
  decideCompatibility,
  type Release,
} from "./src/daemon/compatibility.ts";
export {
  decideRetirement,
  type Retirement,
  type RetirementFacts,
  SYNC_DAEMON_IDLE_RETIREMENT_SECONDS,
  SYNC_DAEMON_TICK_SECONDS,
} from "./src/daemon/retirement.ts";
export {
  type BackgroundDaemonPolicy,
  type DaemonIntent,
  decideStartGate,
  type StartGate,
  type StartGateFacts,
} from "./src/daemon/start_gate.ts";

export {
  type DaemonContext,
  daemonContext,
  type DaemonHost,
} from "./src/daemon/context.ts";
export {
  PROBE_TIMEOUT_MS,
  type Scan,
  scan,
  type ScanHost,
  type ScanOptions,
} from "./src/daemon/scan.ts";
export {
  type FailedEntry,
  sweep,
  type SweepOptions,
  type SweepResult,
  type SweptEntry,
} from "./src/daemon/sweep.ts";
export {
  type CleanupPath,
  type FailureReason,
  type StopHost,
} from "./src/daemon/stop_target.ts";
export { type Target, targetOf } from "./src/daemon/target.ts";
export {
  type Journal,
  type JournalEntry,
  type JournalStep,
  type JournalTarget,
  openJournal,
} from "./src/daemon/journal.ts";
export type { StartOutcome } from "./src/daemon/reuse.ts";
export { startDaemon, type StartOptions } from "./src/daemon/start.ts";
export { stopDaemon, type StopDaemonOutcome } from "./src/daemon/stop.ts";
export { type StatePaths, statePaths, stateRoot } from "./src/state/paths.ts";
export type * from "./src/host/host.ts";
export type * from "./src/host/processes.ts";
export type * from "./src/host/blocking_files.ts";
export type * from "./src/host/databases.ts";
export type * from "./src/host/web.ts";
export type * from "./src/host/modules.ts";
export type * from "./src/host/programs.ts";
export type * from "./src/host/tcp.ts";
export type * from "./src/host/keyboard.ts";

export {
  type EmitterSetup,
  getEmitter,
  getRuntime,
  peekRuntime,
} from "./src/library/get_emitter.ts";
export { type BatchItem, Emitter } from "./src/queue/emitter.ts";
export type {
  EmitFailureReason,
  EmitOutcome,
  EventArgs,
  QuarantineReason,
  SpillReason,
} from "./src/queue/event.ts";
export type { JsonObject, JsonValue } from "./src/state/json_value.ts";
export {
  BUILT_IN_TYPES,
  createRegistry,
  type EventClass,
  type EventType,
  type FieldRule,
  type Registry,
} from "./src/queue/registry.ts";
export type { SyncRuntime } from "./src/sync/runtime.ts";
export type {
  RuntimeMode,
  RuntimeState,
  StopReport,
} from "./src/sync/runtime_options.ts";
export {
  type AutoStart,
  type AutoStartFacts,
  type AutoStartReason,
  decideAutoStart,
} from "./src/sync/auto_start.ts";
export type { PassReport, StopReason } from "./src/sync/pass_report.ts";
export type { LaterCode } from "./src/sync/reply_verdict.ts";
export type { PauseReason } from "./src/queue/target.ts";
export type { QueueCounts } from "./src/queue/counts.ts";

export type {
  BackendKind,
  CancelResult,
  Capabilities,
  ClaimRequest,
  DeadFilter,
  JobEvent,
  JobFilter,
  MovedJob,
  QueueBackend,
  QueueStats,
  Settled,
  Startable,
  StopOptions as QueueStopOptions,
  StopReport as QueueStopReport,
} from "./src/jobs/backend.ts";
export type * from "./src/jobs/handler.ts";
export type * from "./src/jobs/job.ts";
export type { JobLimits } from "./src/jobs/limits.ts";
export { DEFAULT_TENANT, isTenantId, tenantOf } from "./src/jobs/names.ts";
export type { Named } from "./src/jobs/not_ready_text.ts";
export { openBackend, type OpenHost } from "./src/jobs/open_backend.ts";
export {
  type NotReadyCode,
  type NotReadyDetails,
  QueueNotReadyError,
  type Readiness,
  type ReadyCheck,
} from "./src/jobs/readiness.ts";
export {
  type ReadyRule,
  type Runtime,
  type RuntimeBackend,
  type RuntimeOptions,
  startRuntime,
  stopRuntime,
} from "./src/jobs/runtime.ts";
export type { QueueSettings, RedisSettings } from "./src/jobs/settings.ts";
export { type SlotLimits, SlotPool } from "./src/jobs/slot_pool.ts";
export type { Slots } from "./src/jobs/slots.ts";
export type { TenantOptions } from "./src/jobs/tenant_options.ts";
export { TenantRuntimes } from "./src/jobs/tenants.ts";
export type { WorkHost } from "./src/jobs/worker.ts";
export { openMemoryBackend } from "./src/library/memory_backend.ts";
