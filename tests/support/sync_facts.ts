/**
 * Facts of a place in which all is well, for tests of what the doctor of
 * delivery makes of them.
 *
 * @module
 */

import { DEFAULT_LIMITS } from "../../src/queue/capacity.ts";
import type { QueueCounts } from "../../src/queue/counts.ts";
import type { Target } from "../../src/queue/target.ts";
import type { SyncFacts } from "../../src/doctor/sync_facts.ts";
import type { OpenQueueFacts } from "../../src/doctor/sync_queue_facts.ts";
import type { SessionFacts } from "../../src/doctor/session_facts.ts";
import type { SyncSettings } from "../../src/sync/sync_settings.ts";

/** When the facts were gathered. */
export const NOW: number = Date.UTC(2026, 0, 10);
/** Where events go. */
export const SERVER = "https://sync.example";

/** Numbers of a queue that is done. */
export const COUNTS: QueueCounts = {
  captured: 9,
  delivered: 9,
  ready: 0,
  inflight: 0,
  retry: 0,
  pendingRemote: 0,
  parked: {},
  dead: {},
  skipped: 0,
  sealed: 0,
  liveRows: 9,
  liveBytes: 900,
  quarantined: 0,
  refused: 0,
  dropped: 0,
  coalesced: 0,
  overflowBytes: 0,
  oldestReadyAt: undefined,
  nextRetryAt: undefined,
  lamport: 9,
};

/** A target that works. */
export const TARGET: Target = {
  url: SERVER,
  workspace: "acme",
  account: "ada",
  "paused_reason": null,
  "paused_detail": null,
  "paused_at": null,
  circuit: "closed",
  "next_attempt_at": 0,
  failures: 0,
  "last_error_code": null,
  "last_error": null,
  "server_max_events": null,
  "server_max_bytes": null,
  "limits_at": null,
  "hint_events": null,
  "hint_bytes": null,
  "clean_batches": 0,
  "last_pass_at": NOW - 1000,
  "last_success_at": NOW - 1000,
  "last_pass": `{"stoppedBecause":"done","detail":""}`,
  "acked_lamport": 9,
};

/** A queue in which all is well. */
export const QUEUE: OpenQueueFacts = {
  kind: "open",
  counts: COUNTS,
  consent: { openEpoch: 1, fromSeq: 1, since: NOW - 9000, keptLocal: 0 },
  target: TARGET,
  fill: 0.01,
  oldestWaitingAt: undefined,
  oldestParkedAt: undefined,
  lastPass: { at: NOW - 1000, reason: "done", detail: "" },
  holder: undefined,
  integrity: { kind: "ok" },
};

/** Settings of a person who delivers to a server. */
export const SETTINGS: SyncSettings = {
  mode: "teamspace",
  serverUrl: SERVER,
  workspace: undefined,
  autoStart: undefined,
  durability: "full",
  overflow: "spill",
  limits: DEFAULT_LIMITS,
  size: { maxEvents: 1000, maxBytes: 200_000 },
  finalFlush: "auto",
  intervalMs: 300_000,
  hasWebSocket: true,
  stallWarningMs: 3_600_000,
  keepBodiesMs: 7 * 86_400_000,
  privacy: [],
};

/** A sign-in that works. */
export const SESSION: SessionFacts = {
  state: "active",
  hasEnvToken: false,
  summary: {
    "schema_version": 1,
    generation: 1,
    method: "browser",
    server: SERVER,
    "session_id": "s1",
    "user_id": "u1",
    email: "ada@example.com",
    name: "Ada",
    workspaces: [],
    workspace: "acme",
    "issued_at": "2026-01-01T00:00:00Z",
    "access_expires_at": null,
    "refresh_expires_at": null,
    "can_refresh": true,
  },
};

/** Facts in which all is well. */
export const FACTS: SyncFacts = {
  generatedAt: NOW,
  os: "linux",
  files: {
    root: "/r",
    auth: "/r/auth",
    session: "/r/auth/session.json",
    queue: "/r/projects/p/queue.db",
  },
  project: { slug: "app", root: "/app", id: "p", fault: undefined },
  settings: SETTINGS,
  daemonPolicy: "auto",
  serverOrigin: { source: "user", where: "/r/config.json line 3" },
  faults: [],
  warnings: [],
  isDisabled: false,
  disk: {
    directory: "/r/projects/p",
    freeBytes: 64 * 1024 ** 3,
    isRemote: false,
    looseModes: [],
    modeProblem: undefined,
    setAside: [],
    walBytes: 0,
  },
  signIn: {
    session: SESSION,
    isEnvDamaged: false,
    externalVariable: null,
    hasExternalToken: false,
  },
  queue: QUEUE,
  unassignedBytes: 0,
  daemon: { kind: "healthy", pid: 7 },
  server: undefined,
};
