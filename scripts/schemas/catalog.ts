/**
 * Every document that a command prints, and every message and file that other
 * programs write or read, with its schema.
 *
 * @module
 */

import type * as z from "zod/mini";
import { refreshLockSchema } from "../../src/auth/schema.ts";
import { configSchema } from "../../src/config/schema.ts";
import { ownerRecordSchema } from "../../src/daemon/schema.ts";
import { snapshotSchema } from "../../src/daemon/snapshot_schema.ts";
import { resetPlanSchema } from "../../src/doctor/schema.ts";
import { archiveManifestSchema } from "../../src/queue/archive_schema.ts";
import { eventTypesSchema } from "../../src/queue/types_schema.ts";
import { authDoctor } from "./auth_doctor_document.ts";
import * as auth from "./auth_documents.ts";
import * as care from "./care_documents.ts";
import * as config from "./config_documents.ts";
import * as daemon from "./daemon_documents.ts";
import { syncDiagnose } from "./diagnose_document.ts";
import { errorDocument } from "./error_document.ts";
import * as debug from "./environment_debug.ts";
import * as doctor from "./environment_doctor.ts";
import * as environment from "./environment_documents.ts";
import * as plans from "./environment_plans.ts";
import * as worktrees from "./environment_worktrees.ts";
import * as event from "./event_documents.ts";
import * as queue from "./job_documents.ts";
import { queueDoctor, queueMigrate } from "./job_reports.ts";
import * as message from "./messages.ts";
import * as sync from "./sync_documents.ts";
import { versionDocument } from "./version_document.ts";

/** A document of commands. */
export interface CommandDocument {
  /** Name of its schema file; that of the document but where two share one. */
  readonly name: string;
  /** Commands that print it, without `reeve`. */
  readonly commands: readonly string[];
  /** Its check, which refuses keys that it does not know. */
  readonly schema: z.ZodMiniType;
}

/** A message or a file. */
export interface OtherShape {
  /** Name of its schema file. */
  readonly name: string;
  /** What it is and where. */
  readonly what: string;
  /** Its check. */
  readonly schema: z.ZodMiniType;
  /** Whether it refuses keys that it does not know. @default false */
  readonly isClosed?: boolean;
}

function row(
  name: string,
  schema: z.ZodMiniType,
  ...commands: readonly string[]
): CommandDocument {
  return { name, commands, schema };
}

/** The document of an error, in place of the one of any command. */
export const ERROR: CommandDocument = row("error", errorDocument);

/** Every document of a command that went well. */
export const DOCUMENTS: readonly CommandDocument[] = [
  row("auth_doctor", authDoctor, "auth doctor"),
  row("auth_login", auth.authLogin, "auth login"),
  row("auth_logout", auth.authLogout, "auth logout"),
  row("auth_status", auth.authStatus, "auth status"),
  row("auth_whoami", auth.authWhoami, "auth whoami"),
  row("config_change", config.configChange, "config set", "config unset"),
  row("config_edit", config.configEdit, "config edit"),
  row("config_path", config.configPath, "config path"),
  row("config_show", config.configShow, "config show"),
  row("config_value", config.configGet, "config get"),
  row(
    "daemon_explanation",
    daemon.daemonExplanation,
    "auth doctor --explain",
  ),
  row("daemon_logs", daemon.daemonLogs, "daemon logs"),
  row("daemon_record", daemon.daemonRecord, "auth doctor --record"),
  row("daemon_replay", daemon.daemonReplay, "daemon replay"),
  row("daemon_restart", daemon.daemonRestart, "daemon restart"),
  row("daemon_start", daemon.daemonStart, "daemon start"),
  row("daemon_status", daemon.daemonStatus, "daemon status"),
  row("daemon_stop", daemon.daemonStop, "daemon stop"),
  row("environment_debug_last", debug.debugLast, "debug-last"),
  row("environment_debug_pack", debug.debugPack, "debug-pack"),
  row("environment_debug_report", debug.debugReport, "debug-report"),
  row(
    "environment_care",
    doctor.environmentCare,
    "doctor --repair",
    "doctor --reclaim",
  ),
  row("environment_doctor", doctor.environmentDoctor, "doctor"),
  row("environment_config", config.environmentConfig, "config"),
  row("environment_clear_logs", environment.environmentClearLogs, "clear-logs"),
  row("environment_commands", plans.environmentCommands, "list-commands"),
  row("environment_endpoints", environment.environmentEndpoints, "endpoints"),
  row("environment_errors", environment.environmentErrors, "errors"),
  row("environment_health", environment.environmentHealth, "health"),
  row(
    "environment_log_line",
    environment.environmentLogLine,
    "logs --follow",
  ),
  row("environment_logs", environment.environmentLogs, "logs"),
  row(
    "environment_preview",
    plans.environmentPreview,
    "explain-startup",
    "preflight",
  ),
  row("environment_plan", worktrees.environmentPlan, "plan"),
  row("environment_settings", plans.environmentSettings, "show-config"),
  row(
    "environment_start",
    environment.environmentStart,
    "start",
    "resume",
    "restart",
  ),
  row("environment_state", plans.environmentState, "show-state"),
  row("environment_status", environment.environmentStatus, "dashboard"),
  row("environment_stop", environment.environmentStop, "stop", "stop-all"),
  row(
    "environment_targets",
    plans.environmentTargets,
    "list-targets",
    "list-trees",
  ),
  row(
    "environment_worktree",
    worktrees.environmentWorktree,
    "ensure-worktree",
  ),
  row("event_emit", event.eventEmit, "event emit"),
  row("queue_cancel", queue.queueCancel, "queue cancel"),
  row("queue_dead_job", queue.queueDeadShow, "queue dead show"),
  row("queue_dead_list", queue.queueDeadList, "queue dead list"),
  row("queue_dead_purge", queue.queueDeadPurge, "queue dead purge"),
  row("queue_dead_replay", queue.queueDeadReplay, "queue dead replay"),
  row("queue_doctor", queueDoctor, "queue doctor"),
  row("queue_drain", queue.queueDrain, "queue drain"),
  row("queue_enqueue", queue.queueEnqueue, "queue enqueue"),
  row("queue_job", queue.queueShow, "queue show"),
  row("queue_list", queue.queueList, "queue list"),
  row("queue_migrate", queueMigrate, "queue migrate"),
  row("queue_pause", queue.queuePause, "queue pause"),
  row("queue_resume", queue.queueResume, "queue resume"),
  row("queue_status", queue.queueStatus, "queue status"),
  row("queue_worker", queue.queueWorker, "queue worker"),
  row("reset_plan", resetPlanSchema, "auth doctor --plan"),
  row("server_check", event.serverCheck, "server check"),
  row("server_run", event.serverRun, "server run"),
  row("signal_journal", daemon.daemonJournal, "daemon journal"),
  row("sync_archive", care.syncArchive, "sync archive"),
  row("sync_archive_check", care.syncArchiveCheck, "sync archive --verify"),
  row("sync_dead_letter", care.deadShow, "sync dead show"),
  row("sync_dead_list", care.deadList, "sync dead list"),
  row("sync_dead_purge", care.deadPurge, "sync dead purge"),
  row("sync_dead_replay", care.deadReplay, "sync dead replay"),
  row("sync_dead_skip", care.deadSkip, "sync dead skip"),
  row("sync_diagnose", syncDiagnose, "sync diagnose"),
  row("sync_doctor", sync.syncDoctor, "sync doctor"),
  row("sync_events", care.syncEvents, "sync events"),
  row("sync_gc", care.syncGc, "sync gc"),
  row("sync_now", sync.syncNow, "sync now"),
  row("sync_optin", sync.syncOptin, "sync optin"),
  row("sync_optout", sync.syncOptout, "sync optout"),
  row("sync_purge", care.syncPurge, "sync purge"),
  row("sync_quarantine_entry", care.quarantineShow, "sync quarantine show"),
  row("sync_quarantine_list", care.quarantineList, "sync quarantine list"),
  row("sync_quarantine_purge", care.quarantinePurge, "sync quarantine purge"),
  row(
    "sync_quarantine_repair",
    care.quarantineRepair,
    "sync quarantine repair",
  ),
  row("sync_salvage", care.syncSalvage, "sync salvage"),
  row("sync_status", sync.syncStatus, "sync status"),
  row("sync_verify", care.syncVerify, "sync verify"),
  row("sync_watch", sync.syncWatch, "sync watch"),
];

/** Every message between a client and a server of events. */
export const MESSAGES: readonly OtherShape[] = [
  {
    name: "event_envelope",
    what: "An event, as it is stored and sent",
    schema: message.envelope,
  },
  {
    name: "batch_request",
    what: "Body of `POST /api/v1/events/batch/`",
    schema: message.batchRequest,
  },
  {
    name: "batch_reply",
    what: "Its answer with results",
    schema: message.batchReply,
  },
  {
    name: "protocol_error",
    what: "Answer that refuses a request as a whole",
    schema: message.protocolError,
  },
  {
    name: "sync_health",
    what: "Answer to `GET /api/v1/sync/health/`",
    schema: message.syncHealth,
  },
  {
    name: "lookup_request",
    what: "Body of `POST /api/v1/events/lookup/`",
    schema: message.lookupRequest,
  },
  {
    name: "lookup_reply",
    what: "Its answer",
    schema: message.lookupReply,
  },
  {
    name: "watermark_reply",
    what: "Answer to `GET /api/v1/projects/<project_uuid>/watermark/`",
    schema: message.watermarkReply,
  },
];

/** Every file that a person or another program may read or write. */
export const FILES: readonly OtherShape[] = [
  {
    name: "version",
    what: "What `reeve --version --json` prints",
    schema: versionDocument,
  },
  {
    name: "config",
    what: "A person's settings: `config.json` in the state root",
    schema: configSchema(),
  },
  {
    name: "daemon_snapshot",
    what: "What `reeve auth doctor --record` writes",
    schema: snapshotSchema,
  },
  {
    name: "event_archive",
    what: "The manifest that `reeve sync archive` writes",
    schema: archiveManifestSchema,
  },
  {
    name: "event_types",
    what: "Event types: what `--types` reads",
    schema: eventTypesSchema,
    isClosed: true,
  },
  {
    name: "owner_record",
    what: "What a daemon leaves about itself",
    schema: ownerRecordSchema,
  },
  {
    name: "refresh_lock",
    what: "The lock of whoever refreshes the sign-in",
    schema: refreshLockSchema,
  },
  {
    name: "reset_plan",
    what: "What `reeve auth doctor --plan` writes and `--apply` reads",
    schema: resetPlanSchema,
  },
  {
    name: "runtime_event",
    what: "A line of the events of environments",
    schema: debug.runtimeEvent,
  },
  {
    name: "signal_journal_line",
    what: "A line of the journal of signals",
    schema: daemon.journalEntry,
  },
];
