/**
 * The decision about a batch: what is new, what was there, what is refused.
 *
 * @module
 */

import {
  type EnvelopeVerdict,
  judgeEnvelope,
  type ReceivedEvent,
} from "./envelope.ts";

/** What became of one event, as it goes over the wire. */
export interface EventResult {
  /** Which event. */
  readonly "event_id": string;
  /** What became of it. */
  readonly status: string;
  /** Why it is refused, in a word. */
  readonly code?: string;
  /** Why it is refused, for a person. */
  readonly error?: string;
}

/** The body of an answer to a batch. */
export interface BatchAnswer {
  /** One result for each event. */
  readonly results: readonly EventResult[];
  /** The largest clock of each node. */
  readonly "max_lamport": Readonly<Record<string, number>>;
}

/** The events of one request, each judged by itself. */
export type ParsedBatch =
  | { readonly kind: "events"; readonly verdicts: readonly EnvelopeVerdict[] }
  | { readonly kind: "broken"; readonly reason: string };

/** What to store and what to answer. */
export interface BatchJudgement {
  /** Events to store now. */
  readonly fresh: readonly ReceivedEvent[];
  /** One result for each event, in the order of the batch. */
  readonly results: readonly EventResult[];
}

/** Judges each event of a list; one without an id spoils the whole list. */
export function parseBatch(events: unknown): ParsedBatch {
  if (!Array.isArray(events)) {
    return { kind: "broken", reason: "events: must be a list" };
  }
  const verdicts: EnvelopeVerdict[] = [];
  for (const event of events) {
    const verdict = judgeEnvelope(event);
    if (verdict.kind === "unnamed") {
      const at = verdicts.length;
      return { kind: "broken", reason: `events[${at}].event_id: not a ULID` };
    }
    verdicts.push(verdict);
  }
  return { kind: "events", verdicts: ofOneProject(verdicts) };
}

function ofOneProject(
  verdicts: readonly EnvelopeVerdict[],
): readonly EnvelopeVerdict[] {
  const first = verdicts.find((verdict) => verdict.kind === "valid");
  if (first === undefined) return verdicts;
  const { projectUuid } = first.event;
  return verdicts.map((verdict): EnvelopeVerdict => {
    if (verdict.kind !== "valid") return verdict;
    if (verdict.event.projectUuid === projectUuid) return verdict;
    return {
      kind: "refused",
      eventId: verdict.event.eventId,
      code: "schema_mismatch",
      error: `project_uuid: must be ${projectUuid} as in the rest of the batch`,
    };
  });
}

/** Decides by what is stored already, as canonical JSON by event id. */
export function judgeBatch(
  verdicts: readonly EnvelopeVerdict[],
  stored: ReadonlyMap<string, string>,
): BatchJudgement {
  const bodies = new Map(stored);
  const fresh: ReceivedEvent[] = [];
  const results: EventResult[] = [];
  for (const verdict of verdicts) {
    if (verdict.kind === "unnamed") continue;
    if (verdict.kind === "refused") {
      results.push(rejected(verdict.eventId, verdict.code, verdict.error));
      continue;
    }
    const { event } = verdict;
    const known = bodies.get(event.eventId);
    results.push(compare(event, known));
    if (known !== undefined) continue;
    bodies.set(event.eventId, event.body);
    fresh.push(event);
  }
  return { fresh, results };
}

function compare(event: ReceivedEvent, known: string | undefined): EventResult {
  const id = event.eventId;
  if (known === undefined) return { "event_id": id, status: "success" };
  if (known === event.body) return { "event_id": id, status: "duplicate" };
  return rejected(id, "id_conflict", "event_id: has other content here");
}

/** The result of an event that is not stored. */
export function rejected(
  eventId: string,
  code: string,
  error: string,
): EventResult {
  return { "event_id": eventId, status: "rejected", code, error };
}
