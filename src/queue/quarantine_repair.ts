/**
 * Capturing what was not valid, once it is: because the types have changed, or
 * because a person has corrected it.
 *
 * @module
 */

import { addAudit } from "./audit.ts";
import type { JsonObject, JsonValue } from "../state/json_value.ts";
import { Emitter } from "./emitter.ts";
import type { Draft } from "./envelope.ts";
import type { EmitOutcome, EnvelopeOrigin, EventArgs } from "./event.ts";
import { findKnown } from "./known.ts";
import type { QuarantineRow } from "./quarantine.ts";
import type { Registry } from "./registry.ts";
import type { EventSink } from "./event_sink.ts";
import type { QueueHost, Store } from "./store.ts";
import { isUlid } from "../state/ulid.ts";
import { isTimestamp } from "./validate.ts";

/** What a person has corrected. */
export interface QuarantineEdit {
  /** A payload in place of the stored one. */
  readonly payload?: JsonObject | undefined;
  /** What it is about, in place of the stored one. */
  readonly aggregateId?: string | undefined;
}

/** How to repair. */
export interface RepairOptions {
  /** Types that are known now. */
  readonly registry: Registry;
  /** Where the event goes. */
  readonly sink: EventSink;
  /** Project that it belongs to. */
  readonly origin: EnvelopeOrigin;
  /** What was corrected. @default nothing */
  readonly edit?: QuarantineEdit;
  /** Who wants it. */
  readonly actor: string;
  /** Whether only to look at what would come of it. @default false */
  readonly isTrial?: boolean;
}

/** What came of a repair. */
export type Repaired =
  | { readonly kind: "captured"; readonly eventId: string }
  /** A trial found it valid. */
  | { readonly kind: "valid" }
  /** It is still not valid. */
  | { readonly kind: "invalid"; readonly field: string; readonly rule: string }
  /** What is stored is no event: a torn line, or text that was too long. */
  | { readonly kind: "not_an_event" }
  /** It is valid, but could not be stored. */
  | { readonly kind: "not_stored"; readonly outcome: EmitOutcome };

/**
 * Checks an entry against the types that are known now and captures it as a
 * new event. The entry goes once the event is on disk; dying in between leaves
 * both, and the next repair finds the same event again.
 */
export function repairQuarantined(
  host: Pick<QueueHost, "clock" | "random" | "env">,
  store: Store,
  row: QuarantineRow,
  options: RepairOptions,
): Repaired {
  const { sink, isTrial = false, registry, origin, edit = {} } = options;
  const args = readArgs(row, edit);
  if ("kind" in args) return args;
  const emitter = new Emitter(host, {
    registry,
    sink: guardSink(host, store, { sink, isTrial }),
    origin: () => origin,
    isOff: false,
    warn: () => {},
  });
  const outcome = emitter.emit(row.type, args);
  if (outcome.kind === "quarantined") {
    return { kind: "invalid", field: outcome.field, rule: outcome.rule };
  }
  if (!("eventId" in outcome)) return { kind: "not_stored", outcome };
  if (isTrial) return { kind: "valid" };
  removeRepaired(store, row, {
    actor: options.actor,
    eventId: outcome.eventId,
    isEdited: Object.values(edit).some((value) => value !== undefined),
    nowMs: host.clock.now(),
  });
  return { kind: "captured", eventId: outcome.eventId };
}

/** What cannot be captured is in the quarantine already, so it stays as it is. */
function guardSink(
  host: Pick<QueueHost, "clock">,
  store: Store,
  { sink, isTrial }: { readonly sink: EventSink; readonly isTrial: boolean },
): EventSink {
  const captureOne = (draft: Draft): EmitOutcome => {
    const known = findKnown(store, draft, host.clock.now());
    if (known === "id_conflict") {
      const rule = "is stored with other content";
      return { kind: "quarantined", reason: known, field: "event_id", rule };
    }
    const { eventId } = draft;
    if (isTrial || known === "duplicate") return { kind: "duplicate", eventId };
    return sink.capture([draft])[0] ?? CLOSED;
  };
  return {
    capture: (drafts) => drafts.map(captureOne),
    quarantine: ({ problem }) => ({ kind: "quarantined", ...problem }),
    close: () => {},
  };
}

const CLOSED: EmitOutcome = {
  kind: "failed",
  reason: "internal",
  detail: "the sink gave no outcome",
};

function removeRepaired(
  store: Store,
  row: QuarantineRow,
  facts: {
    readonly actor: string;
    readonly eventId: string;
    readonly isEdited: boolean;
    readonly nowMs: number;
  },
): void {
  const { actor, eventId, isEdited, nowMs } = facts;
  const { db } = store;
  db.transaction(() => {
    db.run("DELETE FROM quarantine WHERE q_id = ?", row.q_id);
    const details = {
      "q_id": row.q_id,
      type: row.type,
      reason: row.reason,
      "event_id": eventId,
      "is_edited": isEdited,
    };
    addAudit(store, actor, "quarantine_repair", details, nowMs);
  });
}

/**
 * What the caller gave, as far as the entry has kept it and it can be used:
 * ids and times that are none are left out. Pure.
 */
export function readArgs(
  row: QuarantineRow,
  edit: QuarantineEdit,
): EventArgs | Extract<Repaired, { kind: "invalid" | "not_an_event" }> {
  const given = parseObject(row.body);
  if (given === undefined || !("payload" in given)) {
    return { kind: "not_an_event" };
  }
  const payload = edit.payload ?? given["payload"];
  if (payload === undefined || !isObject(payload)) {
    return { kind: "invalid", field: "payload", rule: "must be an object" };
  }
  const text = (key: string, isUsable: (text: string) => boolean) => {
    const value = given[key];
    return typeof value === "string" && isUsable(value) ? value : undefined;
  };
  const isAny = () => true;
  // A conflict is about the id, so it needs another one.
  const eventId = row.reason === "id_conflict"
    ? undefined
    : text("eventId", isUlid);
  const causationId = text("causationId", isUlid);
  const correlationId = text("correlationId", isUlid);
  return {
    aggregateId: edit.aggregateId ?? text("aggregateId", isAny) ?? "",
    payload,
    ...(eventId === undefined ? {} : { eventId }),
    ...(causationId === undefined ? {} : { causationId }),
    ...(correlationId === undefined ? {} : { correlationId }),
    timestamp: text("timestamp", isTimestamp) ?? new Date(row.at).toISOString(),
    // Repairing twice must not capture twice.
    dedupeKey: text("dedupeKey", isAny) ?? `quarantine:${row.q_id}:${row.at}`,
  };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
