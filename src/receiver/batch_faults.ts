/**
 * What can go wrong on purpose with a batch: before it is read, before it is
 * stored, and in the answer.
 *
 * @module
 */

import type { MiddlewareHandler } from "hono";
import type { BatchAnswer } from "./batch.ts";
import type { EnvelopeVerdict } from "./envelope.ts";
import { type Desk, type Exchange, type Known, refuse } from "./desk.ts";
import type { Faults } from "./faults.ts";

type Step = MiddlewareHandler<Known>;

/** A batch before it is stored. */
interface SentBatch {
  readonly verdicts: readonly EnvelopeVerdict[];
  readonly bytes: number;
}

/** Faults of a server that is too busy, before anything is read. */
export function delayBatch(desk: Desk): Step {
  return async (c, next) => {
    const slow = desk.faults.take("slow");
    if (slow !== undefined) {
      await desk.host.clock.sleep(slow.amount, desk.closing);
    }
    const throttle = desk.faults.take("throttle");
    if (throttle !== undefined) {
      c.header("Retry-After", throttle.value);
      return refuse(c, 429, "throttled", "Too many requests");
    }
    const error = desk.faults.take("error");
    if (error === undefined) return await next();
    const body = JSON.stringify({
      error: { code: "fault", message: "The server fails on purpose" },
    });
    const headers = { "content-type": "application/json" };
    return new Response(body, { status: error.amount, headers });
  };
}

/** Faults that let nothing of a batch be stored. */
export function refuseByFault(
  desk: Desk,
  c: Exchange,
  batch: SentBatch,
): Response | undefined {
  const { faults } = desk;
  const isOver = batch.verdicts.length > limitOf(faults, "max-events") ||
    batch.bytes > limitOf(faults, "max-bytes");
  if (isOver) {
    faults.take("max-events");
    faults.take("max-bytes");
    return refuse(c, 413, "too_large", "The batch is too large");
  }
  if (hasType(batch, faults.find("poison")?.value)) {
    faults.take("poison");
    return refuse(c, 400, "schema_mismatch", "One of the events is no good");
  }
  if (isUnadmitted(faults, batch)) {
    faults.take("not-admitted");
    return refuse(c, 403, "not_admitted", "The project is not admitted");
  }
  const drop = faults.take("drop-before-commit");
  if (drop !== undefined) return breakOff(c, drop.amount);
  return faults.take("pending") && answerPending(c, batch);
}

function limitOf(faults: Faults, name: "max-events" | "max-bytes"): number {
  return faults.find(name)?.amount ?? Infinity;
}

function hasType(
  { verdicts }: SentBatch,
  eventType: string | undefined,
): boolean {
  return verdicts.some((verdict) =>
    verdict.kind === "valid" && verdict.event.eventType === eventType
  );
}

function isUnadmitted(faults: Faults, { verdicts }: SentBatch): boolean {
  const fault = faults.find("not-admitted");
  if (fault === undefined) return false;
  return fault.value === "" ||
    verdicts.some((verdict) =>
      verdict.kind === "valid" && verdict.event.projectUuid === fault.value
    );
}

function answerPending(c: Exchange, { verdicts }: SentBatch): Response {
  const results = verdicts.flatMap((verdict) =>
    verdict.kind === "valid"
      ? [{ "event_id": verdict.event.eventId, status: "pending" }]
      : []
  );
  return c.json({ results, "max_lamport": {} }, 202);
}

/** Rejects the events of one type, each by itself. */
export function withPoisonedResults(
  faults: Faults,
  verdicts: readonly EnvelopeVerdict[],
): readonly EnvelopeVerdict[] {
  const fault = faults.find("poison-results");
  if (!hasType({ verdicts, bytes: 0 }, fault?.value)) return verdicts;
  faults.take("poison-results");
  return verdicts.map((verdict): EnvelopeVerdict => {
    if (verdict.kind !== "valid") return verdict;
    const { eventId, eventType } = verdict.event;
    if (eventType !== fault?.value) return verdict;
    const error = `event_type: ${eventType} is no good here`;
    return { kind: "refused", eventId, code: "schema_mismatch", error };
  });
}

/** Answers a batch that is stored, as far as the faults let it through. */
export function answerWithFaults(
  desk: Desk,
  c: Exchange,
  answer: BatchAnswer,
): Response {
  const { faults } = desk;
  const drop = faults.take("drop-after-commit");
  if (drop !== undefined) return breakOff(c, drop.amount);
  let { results } = answer;
  if (faults.take("unknown-status")) {
    results = results.map((result) => ({ ...result, status: "levitating" }));
  }
  if (faults.take("missing-results")) results = results.slice(0, -1);
  if (faults.take("duplicate-results")) results = [...results, ...results];
  return c.json({ ...answer, results });
}

/** Ends an exchange as a proxy or a lost connection does. */
function breakOff(c: Exchange, status: number): Response {
  if (status !== 0) return refuse(c, 502, "bad_gateway", "Nobody answers");
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"resu'));
      controller.close();
    },
  });
  // The server cannot go on after a body that is shorter than it said.
  const headers = {
    "content-type": "application/json",
    "content-length": "1000",
  };
  return new Response(body, { status: 200, headers });
}
