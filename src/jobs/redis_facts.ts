/**
 * What a Redis server tells of itself, and whether the queue can live with it.
 *
 * @module
 */

import type { NotReadyCode, ReadyCheck } from "./readiness.ts";

/** What was learned of a server that answers; `undefined` is not known. */
export interface RedisFacts {
  /** `redis` or a server that speaks its protocol. */
  readonly software: "dragonfly" | "redis" | "valkey";
  /** Its version, such as `7.0.15`. */
  readonly version: string | undefined;
  /** Whether it is still reading its data from disk. */
  readonly isLoading: boolean;
  /** `master`, or a copy of another server. */
  readonly role: string | undefined;
  /** What it does when its memory is full. */
  readonly evictionPolicy: string | undefined;
  /** Whether each write goes to a file. */
  readonly hasAppendFile: boolean | undefined;
  /** Bytes in use. */
  readonly usedBytes: number | undefined;
  /** Bytes it may use; 0 is no limit. */
  readonly maxBytes: number | undefined;
}

/** The fields of an answer to INFO, by name. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith("#")) {
      fields.set(line.slice(0, colon), line.slice(colon + 1));
    }
  }
  return fields;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function flagOf(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : text === "1" || text === "yes";
}

/**
 * Reads the facts from INFO, and from CONFIG where a server lets us ask.
 *
 * @param config answers to CONFIG GET, by name; empty where it is forbidden.
 */
export function readFacts(
  info: ReadonlyMap<string, string>,
  config: ReadonlyMap<string, string>,
): RedisFacts {
  const valkey = info.get("valkey_version");
  const dragonfly = info.get("dragonfly_version");
  const version = valkey ?? dragonfly?.replace(/^df-v/, "") ??
    info.get("redis_version");
  return {
    software: valkey !== undefined
      ? "valkey"
      : dragonfly !== undefined
      ? "dragonfly"
      : "redis",
    version,
    isLoading: info.get("loading") === "1",
    role: info.get("role"),
    evictionPolicy: config.get("maxmemory-policy") ??
      info.get("maxmemory_policy"),
    hasAppendFile: flagOf(config.get("appendonly") ?? info.get("aof_enabled")),
    usedBytes: numberOf(info.get("used_memory")),
    maxBytes: numberOf(config.get("maxmemory") ?? info.get("maxmemory")),
  };
}

/** Oldest versions that have every command that the queue uses. */
const OLDEST: Readonly<Record<RedisFacts["software"], readonly number[]>> = {
  dragonfly: [1, 0],
  redis: [6, 2],
  valkey: [7, 2],
};

/** Whether a version such as `7.0.15` is at least `[6, 2]`. */
export function isAtLeast(version: string, oldest: readonly number[]): boolean {
  const numbers = version.split(".").map((part) => parseInt(part, 10));
  for (const [index, wanted] of oldest.entries()) {
    const has = numbers[index] ?? 0;
    if (Number.isNaN(has) || has < wanted) return false;
    if (has > wanted) return true;
  }
  return true;
}

function ok(check: string, detail: string): ReadyCheck {
  return { check, level: "ok", detail };
}

function warn(check: string, detail: string, hint: string): ReadyCheck {
  return { check, level: "warn", detail, hint };
}

function fail(
  check: string,
  code: NotReadyCode,
  detail: string,
  hint: string,
): ReadyCheck {
  return { check, level: "fail", detail, code, hint };
}

function judgeRole(facts: RedisFacts): ReadyCheck {
  if (facts.isLoading) {
    return fail(
      "role",
      "QUEUE_REDIS_LOADING",
      "Redis is still reading its data from disk.",
      "Wait until it has finished.",
    );
  }
  if (facts.role !== undefined && facts.role !== "master") {
    return fail(
      "role",
      "QUEUE_REDIS_READONLY",
      "This Redis is a read-only copy of another one.",
      "Use the address of the primary server.",
    );
  }
  return ok("role", "It is the primary server.");
}

function judgeVersion(facts: RedisFacts): ReadyCheck {
  const { software, version } = facts;
  if (version === undefined) {
    return warn(
      "version",
      "The server does not tell its version.",
      "Check that it is Redis 6.2 or newer.",
    );
  }
  const oldest = OLDEST[software];
  if (!isAtLeast(version, oldest)) {
    return fail(
      "version",
      "QUEUE_REDIS_VERSION",
      `The server is ${software} ${version}.`,
      `Use ${software} ${oldest.join(".")} or newer.`,
    );
  }
  return ok("version", `The server is ${software} ${version}.`);
}

function judgeEviction(facts: RedisFacts): ReadyCheck {
  const policy = facts.evictionPolicy;
  if (policy === undefined) {
    return warn(
      "eviction policy",
      "The server does not tell its eviction policy.",
      "Make sure that maxmemory-policy is noeviction.",
    );
  }
  if (policy !== "noeviction") {
    return fail(
      "eviction policy",
      "QUEUE_REDIS_EVICTION",
      `Its eviction policy is ${policy}: it would drop jobs when memory is full.`,
      "Set maxmemory-policy to noeviction.",
    );
  }
  return ok("eviction policy", "It never drops data to make room.");
}

/** Looks at who answers, before anything is written; ends at a failure. */
export function judgeServer(facts: RedisFacts): readonly ReadyCheck[] {
  const checks: ReadyCheck[] = [];
  for (const judge of [judgeRole, judgeVersion, judgeEviction]) {
    const check = judge(facts);
    checks.push(check);
    if (check.level === "fail") break;
  }
  return checks;
}

/** Share of its memory from which a person should know. */
const NEARLY_FULL = 0.9;

/** Difference of two clocks from which a person should know. */
const SKEW_MS = 5_000;

function judgePersistence(facts: RedisFacts): ReadyCheck {
  return facts.hasAppendFile
    ? ok("persistence", "Writes go to its append-only file.")
    : warn(
      "persistence",
      facts.hasAppendFile === undefined
        ? "The server does not tell whether writes go to disk."
        : "Writes do not go to an append-only file.",
      "Set appendonly to yes, so that a crash of Redis loses at most a second.",
    );
}

function judgeMemory(facts: RedisFacts): ReadyCheck {
  const { usedBytes, maxBytes } = facts;
  if (usedBytes === undefined || maxBytes === undefined) {
    return warn(
      "memory",
      "The server does not tell how full its memory is.",
      "Watch its memory elsewhere.",
    );
  }
  if (maxBytes === 0) return ok("memory", "It has no limit of its own.");
  const percent = Math.floor((usedBytes / maxBytes) * 100);
  return usedBytes >= maxBytes * NEARLY_FULL
    ? warn(
      "memory",
      `${percent} % of its memory is used.`,
      "Raise maxmemory, or run the jobs that wait.",
    )
    : ok("memory", `${percent} % of its memory is used.`);
}

/** @param skewMs its clock minus ours in milliseconds; NaN is not known. */
function judgeClock(skewMs: number): ReadyCheck {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return Math.abs(skewMs) >= SKEW_MS
    ? warn(
      "clock",
      `Its clock is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} ours.`,
      "Set the clocks of both machines from the same source.",
    )
    : ok("clock", "Its clock and ours agree.");
}

/**
 * What a person should know although the queue works.
 *
 * @param skewMs its clock minus ours in milliseconds.
 */
export function judgeCare(
  facts: RedisFacts,
  skewMs: number,
): readonly ReadyCheck[] {
  return [judgePersistence(facts), judgeMemory(facts), judgeClock(skewMs)];
}
