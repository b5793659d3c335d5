/**
 * What an event must look like, key by key.
 *
 * @module
 */

import {
  DEPTH_LIMIT,
  formatCanonical,
  isRecord,
  keyOrder,
} from "./canonical_json.ts";

/** Largest payload of an event, in bytes of canonical JSON. */
export const PAYLOAD_LIMIT_BYTES = 65_536;

/** An event that may be stored. */
export interface ReceivedEvent {
  /** ULID, the key of deduplication. */
  readonly eventId: string;
  /** Name in the registry. */
  readonly eventType: string;
  /** Project that it belongs to. */
  readonly projectUuid: string;
  /** Installation that captured it. */
  readonly nodeId: string;
  /** Place in the order of that installation. */
  readonly lamportClock: number;
  /** Canonical JSON; equal text is equal `sha256`. */
  readonly body: string;
}

/** What an envelope is worth. */
export type EnvelopeVerdict =
  | { readonly kind: "valid"; readonly event: ReceivedEvent }
  | {
    readonly kind: "refused";
    readonly eventId: string;
    readonly code: "schema_mismatch" | "oversized_event";
    readonly error: string;
  }
  | { readonly kind: "unnamed" };

type Fields = Readonly<Record<string, unknown>>;
type Rule = readonly [key: string, is: Check, words: string];

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const NIL_UUID = "00000000-0000-0000-0000-000000000000";
const NODE_ID = /^[0-9a-f]{32}$/;
const EVENT_TYPE = /^[A-Z][A-Za-z0-9]{0,63}$/;
const TIMESTAMP =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isUlidOrNull: Check = (value) => value === null || isUlid(value);
const isTextOrNull: Check = (value) => value === null || isText(value);
const isName: Check = (value) =>
  typeof value === "string" && value.length >= 1 && value.length <= 200;
const isCount: Check = (value) =>
  typeof value === "number" && value >= 1 && Number.isSafeInteger(value);
const isInstant: Check = (value) =>
  typeof value === "string" && TIMESTAMP.test(value) &&
  !Number.isNaN(Date.parse(value));

function matches(pattern: RegExp): Check {
  return (value) => typeof value === "string" && pattern.test(value);
}

const RULES: readonly Rule[] = [
  ["event_type", matches(EVENT_TYPE), "must be a name such as TaskMoved"],
  ["schema_version", (value) => value === "3.0.0", 'must be "3.0.0"'],
  ["aggregate_type", isName, "must be text of 1 to 200 characters"],
  ["aggregate_id", isName, "must be text of 1 to 200 characters"],
  ["payload", isRecord, "must be an object"],
  ["node_id", matches(NODE_ID), "must be 32 lowercase hexadecimal digits"],
  ["lamport_clock", isCount, "must be an integer from 1"],
  ["clock_epoch", isCount, "must be an integer from 1"],
  ["causation_id", isUlidOrNull, "must be a ULID or null"],
  ["correlation_id", isUlid, "must be a ULID"],
  ["timestamp", isInstant, "must be RFC 3339 with an offset"],
  ["project_uuid", isProjectUuid, "must be a lowercase UUID and not nil"],
  ["project_slug", isTextOrNull, "must be text or null"],
  ["build_id", matches(UUID), "must be a lowercase UUID"],
  ["git_branch", isTextOrNull, "must be text or null"],
  ["head_commit_sha", isTextOrNull, "must be text or null"],
  ["repo_slug", isTextOrNull, "must be text or null"],
  ["team_slug", (value) => value === null, "must be null"],
];

/** Whether a value can name an event. */
export function isUlid(value: unknown): value is string {
  return typeof value === "string" && ULID.test(value);
}

/** Whether a value can name a project. */
export function isProjectUuid(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value) && value !== NIL_UUID;
}

/** Says what is wrong with an envelope, first problem first, if anything. */
export function findProblem(envelope: Fields): string | undefined {
  for (const [key, is, words] of RULES) {
    const value = envelope[key];
    if (value === undefined) return `${key}: is missing`;
    if (!is(value)) return `${key}: ${words}`;
  }
  return undefined;
}

/** Judges one parsed envelope by itself. */
export function judgeEnvelope(value: unknown): EnvelopeVerdict {
  if (!isRecord(value)) return { kind: "unnamed" };
  const eventId = value["event_id"];
  if (!isUlid(eventId)) return { kind: "unnamed" };
  const problem = findProblem(value);
  if (problem !== undefined) return mismatch(eventId, problem);
  const order = keyOrder(value);
  if (order === "too_deep") {
    return mismatch(eventId, `payload: is deeper than ${DEPTH_LIMIT} levels`);
  }
  const body = formatCanonical(value, order);
  if (isLongerThan(PAYLOAD_LIMIT_BYTES, body) && hasLargePayload(value)) {
    const error = `payload: is over ${PAYLOAD_LIMIT_BYTES} bytes`;
    return { kind: "refused", eventId, code: "oversized_event", error };
  }
  return { kind: "valid", event: received(eventId, value, body) };
}

/** Whether a text has more bytes than a limit in UTF-8. */
export function isLongerThan(limitBytes: number, text: string): boolean {
  // A unit of a string is one to three bytes, so most texts need no copy.
  if (text.length * 3 <= limitBytes) return false;
  return new TextEncoder().encode(text).length > limitBytes;
}

function mismatch(eventId: string, error: string): EnvelopeVerdict {
  return { kind: "refused", eventId, code: "schema_mismatch", error };
}

function hasLargePayload({ payload }: Fields): boolean {
  // Sorting moves bytes but changes no length.
  return isLongerThan(PAYLOAD_LIMIT_BYTES, JSON.stringify(payload));
}

function received(
  eventId: string,
  envelope: Fields,
  body: string,
): ReceivedEvent {
  return {
    eventId,
    eventType: String(envelope["event_type"]),
    projectUuid: String(envelope["project_uuid"]),
    nodeId: String(envelope["node_id"]),
    lamportClock: Number(envelope["lamport_clock"]),
    body,
  };
}
