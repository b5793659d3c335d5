/**
 * An event as its row and its body tell it, each without trusting the other.
 *
 * @module
 */

import type { SqlRow } from "../host/databases.ts";
import { canonicalJson } from "./canonical_json.ts";
import type { JsonObject, JsonValue } from "../state/json_value.ts";
import type { Draft } from "./envelope.ts";
import type { Envelope } from "./event.ts";
import type { EventClass } from "./registry.ts";

/** The row of an event. */
export interface StoredEvent extends SqlRow {
  readonly seq: number;
  readonly "event_id": string;
  readonly type: string;
  readonly class: string;
  readonly lane: string;
  readonly "order_role": string;
  readonly "coalesce_key": string | null;
  readonly "coalesced_n": number;
  readonly "dedupe_key": string | null;
  readonly lamport: number;
  readonly "clock_epoch": number;
  readonly "occurred_at": string;
  readonly "captured_at": number;
  readonly bytes: number;
  readonly sha256: string;
  readonly "content_sha256": string | null;
  readonly body: string | null;
  readonly "consent_epoch": number;
}

/** Its columns, from `events e`. */
export const EVENT_COLUMNS = `e.seq, e.event_id, e.type, e.class, e.lane,
  e.order_role, e.coalesce_key, e.coalesced_n, e.dedupe_key, e.lamport,
  e.clock_epoch, e.occurred_at, e.captured_at, e.bytes, e.sha256,
  e.content_sha256, e.body, e.consent_epoch`;

const CLASSES: readonly string[] = ["fact", "snapshot", "telemetry"];
const ROLES: readonly string[] = ["create", "update", "none"];

/** Whether a word is the class of an event. */
export function isEventClass(word: string): word is EventClass {
  return CLASSES.includes(word);
}

/** Whether a word says how an event changes its aggregate. */
export function isOrderRole(word: string): word is Draft["orderRole"] {
  return ROLES.includes(word);
}

const TEXTS = [
  "aggregate_id",
  "aggregate_type",
  "build_id",
  "correlation_id",
  "event_id",
  "event_type",
  "node_id",
  "project_uuid",
  "schema_version",
  "timestamp",
] as const;
const NULLABLE = [
  "causation_id",
  "git_branch",
  "head_commit_sha",
  "project_slug",
  "repo_slug",
] as const;
const NUMBERS = ["clock_epoch", "lamport_clock"] as const;

/** The envelope in a body that is the one spelling of one; else `undefined`. */
export function readEnvelope(body: string): Envelope | undefined {
  let value: JsonValue;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  return isEnvelope(value) && canonicalJson(value) === body ? value : undefined;
}

function isEnvelope(value: JsonValue): value is Envelope & JsonObject {
  if (!isObject(value)) return false;
  const size = TEXTS.length + NULLABLE.length + NUMBERS.length;
  const { payload = null } = value;
  return Object.keys(value).length === size + ["payload", "team_slug"].length &&
    TEXTS.every((key) => typeof value[key] === "string") &&
    NUMBERS.every((key) => Number.isSafeInteger(value[key])) &&
    NULLABLE.every((key) =>
      value[key] === null || typeof value[key] === "string"
    ) && isObject(payload) && value["team_slug"] === null;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The draft that an event was made of; its id counts as chosen. */
export function draftOf(row: StoredEvent, envelope: Envelope): Draft {
  return {
    eventId: row.event_id,
    type: envelope.event_type,
    class: isEventClass(row.class) ? row.class : "fact",
    aggregateType: envelope.aggregate_type,
    aggregateId: envelope.aggregate_id,
    orderRole: isOrderRole(row.order_role) ? row.order_role : "none",
    coalesceKey: row.coalesce_key,
    dedupeKey: row.dedupe_key,
    causationId: envelope.causation_id,
    correlationId: envelope.correlation_id,
    timestamp: envelope.timestamp,
    payload: canonicalJson(envelope.payload),
    origin: {
      projectId: envelope.project_uuid,
      projectSlug: envelope.project_slug,
      gitBranch: envelope.git_branch,
      headCommitSha: envelope.head_commit_sha,
      repoSlug: envelope.repo_slug,
    },
    hasOwnId: true,
  };
}
