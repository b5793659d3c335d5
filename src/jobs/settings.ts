/**
 * The settings that the job queue follows, out of all settings, and the one
 * secret that is none of them.
 *
 * @module
 */

import type { KeyName } from "../config/keys.ts";
import { type Config, requireSound } from "../config/read_config.ts";
import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import type { JobLimits } from "./limits.ts";
import { DEFAULT_TENANT } from "./names.ts";

/** The password of Redis, which wins over the file with it. */
export const PASSWORD_VARIABLE = "REEVE_QUEUE_REDIS_PASSWORD";

/** Where Redis is and who we are there. */
export interface RedisSettings {
  /** Its address without user and password. */
  readonly url: string;
  /** Whom to sign in as. */
  readonly username: string | undefined;
  /** File with the password. */
  readonly passwordFile: string | undefined;
}

/** Settings of the job queue. */
export interface QueueSettings {
  /** Where jobs are kept. */
  readonly backend: "redis" | "sqlite";
  /** The state root. */
  readonly root: string;
  /** Whose jobs are meant when nobody says; `_default` without tenants. */
  readonly tenant: string;
  /** Redis. */
  readonly redis: RedisSettings;
  /** Most jobs at the same time in one worker process. */
  readonly concurrency: number;
  /** How long a job is held without a heartbeat, in milliseconds. */
  readonly leaseMs: number;
  /** What a tenant may keep. */
  readonly limits: JobLimits;
  /** Whether each job is flushed to disk before it counts. */
  readonly durability: "full" | "relaxed";
}

/** Keys that the job queue reads. */
export const QUEUE_KEYS: readonly KeyName[] = [
  "queue.backend",
  "queue.redis_url",
  "queue.redis_password_file",
  "queue.tenant",
  "queue.concurrency",
  "queue.lease",
  "queue.max_jobs",
  "queue.max_bytes",
  "queue.durability",
];

/**
 * Reads them out of all settings.
 *
 * @throws {KnownError} for a fault in one of them: a wrong address must not
 * lead to jobs in another place.
 */
export function readQueueSettings(config: Config, root: string): QueueSettings {
  requireSound(config, QUEUE_KEYS);
  return {
    backend: config.get("queue.backend"),
    root,
    tenant: config.get("queue.tenant") ?? DEFAULT_TENANT,
    redis: {
      ...splitUser(config.get("queue.redis_url")),
      passwordFile: config.get("queue.redis_password_file"),
    },
    concurrency: config.get("queue.concurrency"),
    leaseMs: config.get("queue.lease"),
    limits: {
      maxJobs: config.get("queue.max_jobs"),
      maxBytes: config.get("queue.max_bytes"),
    },
    durability: config.get("queue.durability"),
  };
}

function splitUser(text: string): Omit<RedisSettings, "passwordFile"> {
  const [, scheme = "", username, place = ""] =
    /^(rediss?:\/\/)(?:([^@/]+)@)?(.*)$/.exec(text) ?? [];
  return { url: scheme + place, username };
}

/** Permission bits of everybody but the owner. */
const OTHERS = 0o077;
const PASSWORD_LIMIT_BYTES = 4096;

/**
 * The password of Redis: from the environment, else from its file.
 *
 * @throws {KnownError} for a file that others may read, or that is not there.
 */
export function readRedisPassword(
  host: Pick<Host, "blocking" | "env">,
  { passwordFile: path }: Pick<RedisSettings, "passwordFile">,
): string | undefined {
  const given = host.env.get(PASSWORD_VARIABLE);
  if (given !== undefined) return given;
  if (path === undefined) return undefined;
  try {
    const mode = host.blocking.stat(path)?.mode;
    if (mode !== undefined && (mode & OTHERS) !== 0) {
      throw new KnownError(
        "unusable",
        `Cannot use ${path}: it holds a password and others may use it ` +
          `(mode ${(mode & 0o777).toString(8)})`,
        { hint: `Keep it to yourself: chmod 600 '${path}'` },
      );
    }
    // Editors and echo end the line, which is no part of the password.
    return host.blocking.readText(path, PASSWORD_LIMIT_BYTES)
      .replace(/\r?\n$/, "");
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const reason = error.code.replaceAll("_", " ");
    throw new KnownError(
      "unreadable",
      `Cannot read the password of Redis in ${path}: ${reason}`,
      {
        hint: "Name another file: reeve config set queue.redis_password_file " +
          "PATH",
        cause: error,
      },
    );
  }
}
