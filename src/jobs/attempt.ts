/**
 * What becomes of a job when one attempt at it has ended.
 *
 * @module
 */

import { backoffMs } from "./backoff.ts";
import type { Claim, DeadReason, JobError, Settlement } from "./job.ts";
import { toJsonText } from "./json_text.ts";

/** How an attempt ended. */
export type AttemptEnd =
  /** The handler gave something back. */
  | { readonly kind: "completed"; readonly value: unknown }
  /** The handler threw. */
  | { readonly kind: "threw"; readonly error: unknown }
  /** The handler wants no other attempt. */
  | { readonly kind: "gave_up"; readonly why: string }
  /** What was enqueued cannot be given to the handler. */
  | { readonly kind: "bad_payload"; readonly why: string }
  /** It lasted too long. */
  | { readonly kind: "timed_out" }
  /** It was too late to begin. */
  | { readonly kind: "expired" }
  /** The worker stopped before the end. */
  | { readonly kind: "stopped" };

/** Longest result or word of progress, as JSON text in bytes. */
export const MAX_RESULT_BYTES = 65_536;

const MESSAGE_CHARACTERS = 2000;
const NAME_CHARACTERS = 100;
/** So many causes are looked through; a chain may be a ring. */
const CAUSES = 20;

/** Why a handler's signal aborts. */
export class AttemptAborted extends Error {
  /** Why, for programs. */
  readonly why: "lost" | "stopping" | "timeout";

  /** Creates the reason of an abort. */
  constructor(why: AttemptAborted["why"], message: string) {
    super(message);
    this.name = "AttemptAborted";
    this.why = why;
  }
}

/** What {@linkcode RunningJob.giveUp} throws; only {@linkcode endOf} knows it. */
export class GivenUp extends Error {
  /** Creates it with the handler's words. */
  constructor(why: string) {
    super(why);
    this.name = "GivenUp";
  }
}

/** How an attempt ended whose handler threw; wrapping hides no giving up. */
export function endOf(error: unknown): AttemptEnd {
  let cause = error;
  for (let depth = 0; depth < CAUSES && cause instanceof Error; depth++) {
    if (cause instanceof GivenUp) {
      return { kind: "gave_up", why: cause.message };
    }
    cause = cause.cause;
  }
  return { kind: "threw", error };
}

/** Why a settlement leaves out what the handler gave back, if it does. */
export function lostResult(
  end: AttemptEnd,
  settlement: Settlement,
): string | undefined {
  if (end.kind !== "completed" || end.value === undefined) return undefined;
  if (settlement.kind !== "complete" || settlement.result !== undefined) {
    return undefined;
  }
  const json = toJsonText(end.value, MAX_RESULT_BYTES, "result");
  return "problem" in json ? json.problem : undefined;
}

/**
 * How to settle a claim after an attempt. A result that cannot be kept is left
 * out: it must not undo work that is done.
 *
 * @param facts `random` is from 0 to just under 1.
 */
export function settleAttempt(
  claim: Claim,
  end: AttemptEnd,
  facts: { readonly nowMs: number; readonly random: number },
): Settlement {
  switch (end.kind) {
    case "completed":
      return { claim, kind: "complete", result: resultText(end.value) };
    case "stopped":
      return { claim, kind: "return" };
    case "gave_up":
      return dead(claim, "given_up", "GivenUp", end.why);
    case "bad_payload":
      return dead(claim, "given_up", "BadPayload", end.why);
    case "expired":
      return dead(
        claim,
        "expired",
        "Expired",
        `It was not begun before ${isoTime(claim.rules.expiresAt)}`,
      );
    case "timed_out":
      return failed(claim, "timeout", facts, {
        name: "TimedOut",
        message: `It took longer than ${claim.rules.timeoutMs} ms`,
      });
    case "threw":
      return failed(claim, "failed", facts, toJobError(end.error));
  }
}

function resultText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const json = toJsonText(value, MAX_RESULT_BYTES, "result");
  return "text" in json ? json.text : undefined;
}

function dead(
  claim: Claim,
  reason: DeadReason,
  name: string,
  message: string,
): Settlement {
  const error = { name, message: cut(message, MESSAGE_CHARACTERS) };
  return { claim, kind: "dead", reason, error };
}

function failed(
  claim: Claim,
  reason: DeadReason,
  facts: { readonly nowMs: number; readonly random: number },
  error: JobError,
): Settlement {
  const { attempts, backoff } = claim.rules;
  const attempt = claim.attempts + 1;
  if (attempt >= attempts) return { claim, kind: "dead", reason, error };
  const runAt = facts.nowMs + backoffMs(backoff, attempt, facts.random);
  return { claim, kind: "retry", error, runAt };
}

/** Whatever was thrown, as it is kept. */
export function toJobError(thrown: unknown): JobError {
  return {
    message: cut(textOf(thrown), MESSAGE_CHARACTERS),
    name: cut(nameOf(thrown), NAME_CHARACTERS),
  };
}

function nameOf(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return typeof thrown;
  try {
    const { name } = thrown as { readonly name?: unknown };
    const isOwnName = typeof name === "string" && name !== "" &&
      name !== "Error";
    const text = isOwnName ? name : thrown.constructor.name;
    return typeof text === "string" && text !== "" ? text : "object";
  } catch {
    return "object";
  }
}

function textOf(thrown: unknown): string {
  try {
    if (typeof thrown !== "object" || thrown === null) return String(thrown);
    const { message } = thrown as { readonly message?: unknown };
    if (typeof message === "string") return message;
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return "something that cannot be shown";
  }
}

function cut(text: string, characters: number): string {
  // Half of a pair is no text that every backend keeps.
  return text.slice(0, characters).toWellFormed();
}

function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
