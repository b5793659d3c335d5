/**
 * Every key of the settings as data: reading, writing, checking, help and the
 * reference all follow this table.
 *
 * @module
 */

import type { KeySpec, ValueOf } from "./key_type.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const TIB = 1024 * 1024 * MIB;
const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The table of keys. */
export const KEYS = {
  "sync.server_url": {
    type: "url",
    env: "REEVE_SERVER_URL",
    description: "Server that events are delivered to",
  },
  "sync.workspace": {
    type: "text",
    pattern: "[A-Za-z0-9][A-Za-z0-9._:-]{0,127}",
    form: "an id or slug of letters, digits and . _ : -",
    description: "Workspace that events go to, if you have several",
  },
  "sync.auto_start": {
    type: "boolean",
    places: "user_and_project",
    description: "Whether a program may start networking by itself",
  },
  "sync.mode": {
    type: "enum",
    words: ["local", "teamspace", "external", "off"],
    default: "teamspace",
    description:
      "Where events go: kept here, to the server, elsewhere, nowhere",
  },
  "sync.external.endpoint": {
    type: "url",
    description: "Receiver of the mode external",
  },
  "sync.external.auth_env": {
    type: "text",
    pattern: "[A-Za-z_][A-Za-z0-9_]{0,127}",
    form: "the name of a variable",
    description: "Variable that holds the token for that receiver",
  },
  "sync.durability": {
    type: "enum",
    words: ["full", "relaxed"],
    default: "full",
    env: "REEVE_SYNC_DURABILITY",
    description: "Whether each event is flushed to disk before it counts",
  },
  "sync.overflow": {
    type: "enum",
    words: ["spill", "refuse", "block"],
    default: "spill",
    description: "What happens to an event when the queue is full",
  },
  "sync.max_rows": {
    type: "integer",
    min: 1,
    max: 100_000_000,
    default: 100_000,
    description: "Most events in the queue of a project",
  },
  "sync.max_bytes": {
    type: "size",
    min: MIB,
    max: TIB,
    default: 256 * MIB,
    description: "Most bytes in the queue of a project",
  },
  "sync.min_free_disk": {
    type: "size",
    min: 0,
    max: TIB,
    default: 512 * MIB,
    description: "Free space that the queue leaves to others",
  },
  "sync.retain_days": {
    type: "integer",
    min: 0,
    max: 3650,
    default: 7,
    description: "Days that the body of a delivered event is kept",
  },
  "sync.dead_days": {
    type: "integer",
    min: 1,
    max: 3650,
    default: 90,
    description: "Days that an event that cannot be delivered is kept",
  },
  "sync.final_flush": {
    type: "enum",
    words: ["auto", "never"],
    default: "auto",
    env: "REEVE_SYNC_FINAL_FLUSH",
    description: "Whether a program delivers what is left before it ends",
  },
  "sync.interval_s": {
    type: "integer",
    min: 10,
    max: 86_400,
    default: 300,
    description: "Seconds between two deliveries in the background",
  },
  "sync.batch.max_events": {
    type: "integer",
    min: 1,
    max: 10_000,
    default: 1000,
    description: "Most events in one request",
  },
  "sync.batch.max_bytes": {
    type: "size",
    min: 4 * KIB,
    max: 16 * MIB,
    default: 235_929,
    description: "Most bytes in one request, before compression",
  },
  "sync.websocket": {
    type: "boolean",
    default: true,
    env: "REEVE_SYNC_WS",
    description: "Whether a lasting connection to the server is kept",
  },
  "sync.daemon": {
    type: "enum",
    words: ["auto", "manual", "off"],
    default: "auto",
    isLenient: true,
    env: "REEVE_SYNC_DAEMON",
    description: "Whether programs may start the daemon in the background",
  },
  "sync.stall_warning": {
    type: "duration",
    min: 0,
    max: 365 * DAY_MS,
    default: HOUR_MS,
    description:
      "Age of an undelivered event that is worth a word; 0 for never",
  },
  "sync.privacy.include": {
    type: "words",
    words: ["branch", "commit", "repo", "machine", "developer", "paths"],
    default: ["commit", "repo"],
    description: "What events may tell of you and your machine",
  },
  "queue.backend": {
    type: "enum",
    words: ["sqlite", "redis"],
    default: "sqlite",
    env: "REEVE_QUEUE_BACKEND",
    description: "Where jobs are kept: on this machine, or in Redis",
  },
  "queue.redis_url": {
    type: "text",
    // No place for a password: this value is shown to people.
    pattern: "rediss?://(?:[A-Za-z0-9._-]{1,128}@)?" +
      "(?:[A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])" +
      "(?::[0-9]{1,5})?(?:/[0-9]{0,5})?",
    form: "a redis:// or rediss:// address without a password; " +
      "that belongs in the file of queue.redis_password_file",
    default: "redis://127.0.0.1:6379",
    env: "REEVE_QUEUE_REDIS_URL",
    description: "Redis that keeps jobs, without its password",
  },
  "queue.redis_password_file": {
    type: "text",
    pattern: "(?:/|[A-Za-z]:[\\\\/])[^\\u0000-\\u001f]{1,1000}",
    form: "an absolute path",
    env: "REEVE_QUEUE_REDIS_PASSWORD_FILE",
    description: "File with the password of Redis, readable by you alone",
  },
  "queue.tenant": {
    type: "text",
    pattern: "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
    form: "1 to 63 letters a-z, digits and inner dashes",
    places: "user_and_project",
    env: "REEVE_QUEUE_TENANT",
    description: "Tenant whose jobs these are, if there are several",
  },
  "queue.concurrency": {
    type: "integer",
    min: 1,
    max: 1000,
    default: 4,
    places: "user_and_project",
    description: "Most jobs that one worker process runs at a time",
  },
  "queue.lease": {
    type: "duration",
    min: SECOND_MS,
    max: HOUR_MS,
    default: 30 * SECOND_MS,
    description: "How long a job waits for a worker that has fallen silent",
  },
  "queue.max_jobs": {
    type: "integer",
    min: 1,
    max: 100_000_000,
    default: 100_000,
    description: "Most unfinished jobs of a tenant",
  },
  "queue.max_bytes": {
    type: "size",
    min: MIB,
    max: TIB,
    default: 256 * MIB,
    description: "Most bytes of unfinished jobs of a tenant",
  },
  "queue.durability": {
    type: "enum",
    words: ["full", "relaxed"],
    default: "full",
    env: "REEVE_QUEUE_DURABILITY",
    description: "Whether each job is flushed to disk before it counts",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Name of a key. */
export type KeyName = keyof typeof KEYS;

/** What a key holds. */
export type KeyValue<K extends KeyName> = ValueOf<(typeof KEYS)[K]>;

/** Every key, in the order of the table. */
export const KEY_NAMES: readonly KeyName[] = Object.keys(KEYS) as KeyName[];

/** The row of a key, for code that treats all keys alike. */
export function specOf(key: KeyName): KeySpec {
  return KEYS[key];
}

/** Whether a text is the name of a key. */
export function isKeyName(text: string): text is KeyName {
  return Object.hasOwn(KEYS, text);
}

/** Whether a key may stand in a project's file. */
export function isProjectKey(key: KeyName): boolean {
  return specOf(key).places === "user_and_project";
}

/** The name of a key in a project's file: `REEVE_SYNC_AUTO_START`. */
export function lineNameOf(key: KeyName): string {
  return `REEVE_${key.toUpperCase().replaceAll(".", "_")}`;
}
