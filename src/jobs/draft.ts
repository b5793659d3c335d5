/**
 * Checks what somebody wants to enqueue and fills in what was left out.
 *
 * @module
 */

import { nearestName } from "../config/nearest.ts";
import { KnownError } from "../errors.ts";
import {
  type Backoff,
  type Dedupe,
  type JobDraft,
  type JobOptions,
  MAX_BODY_BYTES,
  type NewJob,
} from "./job.ts";
import { toJsonText } from "./json_text.ts";
import { checkQueueName, isJobId, JOB_ID_RULE, quote } from "./names.ts";

/** What checking a draft needs besides the draft. */
export interface DraftContext {
  /** Now, in epoch milliseconds. */
  readonly nowMs: number;
  /** Gives an id that has never been given before. */
  readonly newId: (nowMs: number) => string;
}

/** Attempts of a job that says nothing about them. */
export const DEFAULT_ATTEMPTS = 5;

/** Waits of a job that says nothing about them. */
export const DEFAULT_BACKOFF: Backoff = {
  type: "exponential",
  baseMs: 1000,
  capMs: 300_000,
  jitter: "full",
};

const DAY_MS = 86_400_000;
/** The last millisecond of the year 9999. */
const LATEST_MS = 253_402_300_799_999;
const LONGEST_DELAY_MS = 3650 * DAY_MS;
const LONGEST_BACKOFF_MS = 30 * DAY_MS;
const LONGEST_TIMEOUT_MS = 7 * DAY_MS;
const LONGEST_DEDUPE_MS = 366 * DAY_MS;
const LONGEST_KEY = 256;

type Names<T> = Readonly<Record<keyof T, true>>;

const DRAFT_NAMES: Names<JobDraft> = { data: true, options: true };
const OPTION_NAMES: Names<JobOptions> = {
  id: true,
  dedupe: true,
  delayMs: true,
  runAt: true,
  priority: true,
  attempts: true,
  backoff: true,
  timeoutMs: true,
  expiresAt: true,
};
const DEDUPE_NAMES: Names<Dedupe> = { key: true, ttlMs: true, mode: true };
const BACKOFF_NAMES: Names<Backoff> = {
  type: true,
  baseMs: true,
  capMs: true,
  jitter: true,
};

/**
 * Checks a draft and fills in its options.
 *
 * @throws {KnownError} `usage`, which names the queue, the field, its value
 * and what it may be.
 */
export function checkDraft(
  queue: string,
  draft: JobDraft,
  context: DraftContext,
): NewJob {
  checkQueueName(queue);
  const check = new Check(queue);
  check.names("the job", draft, DRAFT_NAMES);
  const { options = {} } = draft;
  check.names("options", options, OPTION_NAMES);
  const { nowMs } = context;
  const id = checkId(check, options.id);
  const runAt = checkRunAt(check, options, nowMs);
  return {
    body: checkData(check, draft.data),
    dedupe: checkDedupe(check, options.dedupe),
    hasOwnId: id !== undefined,
    runAt: Math.max(runAt ?? nowMs, nowMs),
    createdAt: nowMs,
    priority: check.whole("priority", options.priority, [0, 100]) ?? 0,
    rules: {
      attempts: check.whole("attempts", options.attempts, [1, 100]) ??
        DEFAULT_ATTEMPTS,
      backoff: checkBackoff(check, options.backoff),
      timeoutMs: check.whole(
        "timeoutMs",
        options.timeoutMs,
        [1, LONGEST_TIMEOUT_MS],
      ) ?? 0,
      expiresAt: checkExpiry(check, options.expiresAt, runAt),
    },
    id: id ?? context.newId(nowMs),
  };
}

function checkData(check: Check, data: unknown): string {
  const json = toJsonText(data, MAX_BODY_BYTES, "data");
  if ("text" in json) return json.text;
  return check.fail(
    json.problem,
    "Keep large data elsewhere and enqueue where it is; say dates and numbers without limit as text.",
  );
}

function checkId(check: Check, id: unknown): string | undefined {
  if (id === undefined) return undefined;
  if (typeof id === "string" && isJobId(id)) return id;
  return check.wrong("id", id, JOB_ID_RULE);
}

function checkRunAt(
  check: Check,
  options: JobOptions,
  nowMs: number,
): number | undefined {
  const delay = check.whole("delayMs", options.delayMs, [0, LONGEST_DELAY_MS]);
  const runAt = check.whole("runAt", options.runAt, [0, LATEST_MS]);
  if (delay === undefined) return runAt;
  if (runAt === undefined) return nowMs + delay;
  return check.fail(
    `delayMs is ${delay} and runAt is ${runAt}, of which only one may be given`,
    "Leave one of them out.",
  );
}

function checkExpiry(
  check: Check,
  value: unknown,
  runAt: number | undefined,
): number {
  const expiresAt = check.whole("expiresAt", value, [1, LATEST_MS]);
  if (expiresAt !== undefined && runAt !== undefined && expiresAt < runAt) {
    return check.fail(
      `expiresAt is ${expiresAt}, before its first attempt at ${runAt}`,
      "Let it expire later, or run earlier.",
    );
  }
  return expiresAt ?? 0;
}

function checkDedupe(check: Check, dedupe: unknown): NewJob["dedupe"] {
  if (dedupe === undefined) return undefined;
  const { key, ttlMs, mode = "ignore" } = check.names<Dedupe>(
    "dedupe",
    dedupe,
    DEDUPE_NAMES,
  );
  const isKey = typeof key === "string" && key.length >= 1 &&
    key.length <= LONGEST_KEY && key.isWellFormed();
  if (!isKey) {
    return check.wrong("dedupe.key", key, `1 to ${LONGEST_KEY} characters`);
  }
  return {
    key,
    ttlMs: check.whole("dedupe.ttlMs", ttlMs, [1, LONGEST_DEDUPE_MS]),
    mode: check.oneOf("dedupe.mode", mode, ["ignore", "replace"]),
  };
}

function checkBackoff(check: Check, backoff: unknown): Backoff {
  if (backoff === undefined) return DEFAULT_BACKOFF;
  const given = check.names<Partial<Backoff>>(
    "backoff",
    backoff,
    BACKOFF_NAMES,
  );
  const range = [0, LONGEST_BACKOFF_MS] as const;
  const base = check.whole("backoff.baseMs", given.baseMs, range);
  const cap = check.whole("backoff.capMs", given.capMs, range);
  if (base !== undefined && cap !== undefined && cap < base) {
    return check.wrong(
      "backoff.capMs",
      cap,
      `${base} (backoff.baseMs) to ${LONGEST_BACKOFF_MS}`,
    );
  }
  const { baseMs, capMs } = DEFAULT_BACKOFF;
  const type = check.oneOf("backoff.type", given.type ?? DEFAULT_BACKOFF.type, [
    "exponential",
    "fixed",
  ]);
  // Who says how long to wait means it.
  const jitter = type === "fixed" ? "none" : DEFAULT_BACKOFF.jitter;
  return {
    type,
    baseMs: base ?? Math.min(baseMs, cap ?? baseMs),
    capMs: cap ?? Math.max(capMs, base ?? capMs),
    jitter: check.oneOf("backoff.jitter", given.jitter ?? jitter, [
      "full",
      "none",
    ]),
  };
}

/** Checks single fields; every complaint names the queue. */
class Check {
  readonly #queue: string;

  constructor(queue: string) {
    this.#queue = queue;
  }

  /** A whole number within a range, if there is one. */
  whole(
    field: string,
    value: unknown,
    [least, most]: readonly [number, number],
  ): number | undefined {
    if (value === undefined) return undefined;
    if (
      typeof value === "number" && Number.isInteger(value) &&
      value >= least && value <= most
    ) {
      return value;
    }
    return this.wrong(field, value, `a whole number from ${least} to ${most}`);
  }

  /** One of some words. */
  oneOf<T extends string>(
    field: string,
    value: unknown,
    words: readonly T[],
  ): T {
    const word = words.find((one) => one === value);
    return word ?? this.wrong(field, value, words.join(" or "));
  }

  /** An object with no other names than those. */
  names<T>(field: string, value: unknown, names: Names<T>): T {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return this.wrong(field, value, "an object");
    }
    const known = Object.keys(names);
    const unknown = Object.keys(value).find((name) => !known.includes(name));
    if (unknown === undefined) return value as T;
    const nearest = nearestName(unknown, known);
    return this.fail(
      `${field} has ${quote(unknown)}, not one of ${known.join(", ")}`,
      nearest === undefined
        ? "Leave it out, or see the options of a job."
        : `Did you mean ${nearest}?`,
    );
  }

  /** Complains of a field's value. */
  wrong(field: string, value: unknown, allowed: string): never {
    return this.fail(
      `${field} is ${shown(value)}, not ${allowed}`,
      `Give ${field} another value, or leave it out.`,
    );
  }

  /** Complains. */
  fail(problem: string, hint: string): never {
    throw new KnownError(
      "usage",
      `Cannot add the job to ${this.#queue}: ${problem}`,
      { hint },
    );
  }
}

/** A value for people: short, whatever it is. */
function shown(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "function") return "a function";
  return String(value);
}
