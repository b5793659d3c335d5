/**
 * Checks an event against its type before anything is stored.
 *
 * @module
 */

import { findNotJson, type NotJson } from "./canonical_json.ts";
import type { JsonObject, JsonValue } from "../state/json_value.ts";
import type { EventArgs, QuarantineReason } from "./event.ts";
import type { EventType, FieldRule } from "./registry.ts";
import { isUlid } from "../state/ulid.ts";

/** The first thing that is wrong with an event. */
export interface Problem extends NotJson {
  /** In a word. */
  readonly reason: QuarantineReason;
}

/** The first thing that is wrong with what a program said, if anything. */
export function findProblem(
  type: EventType,
  args: EventArgs,
): Problem | undefined {
  return findEnvelopeProblem(args) ?? findPayloadProblem(type, args.payload);
}

/** Date and time with offset, as RFC 3339 has it. */
const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** Whether a text is an instant that the calendar has. */
export function isTimestamp(text: string): boolean {
  const [, year, month, day] = TIMESTAMP.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day);
}

/** Whether what was given, if anything, is text of a shape. */
function isGiven(
  value: string | undefined,
  isShaped: (text: string) => boolean,
): boolean {
  // A pattern would take a list with one such text for the text.
  return value === undefined || (typeof value === "string" && isShaped(value));
}

/** Names are texts of 1 to 200 characters. */
function findTextProblem(
  value: string | undefined,
  field: string,
): Problem | undefined {
  if (value === undefined) return undefined;
  const reason = "invalid_envelope";
  if (typeof value !== "string" || value.length === 0) {
    return { reason, field, rule: "must be text" };
  }
  return value.length <= 200
    ? undefined
    : { reason, field, rule: "must have at most 200 characters" };
}

/** SQLite gives text back only up to the first NUL. */
// deno-lint-ignore no-control-regex -- these are what it is about
const CONTROL = /[\u0000-\u001f\u007f]/;

function findEnvelopeProblem(args: EventArgs): Problem | undefined {
  const wrong = (field: string, rule: string): Problem => ({
    reason: "invalid_envelope",
    field,
    rule,
  });
  const { aggregateId, eventId, causationId, correlationId } = args;
  const { timestamp, dedupeKey } = args;
  const unnamed = findTextProblem(aggregateId ?? "", "aggregate_id");
  if (unnamed !== undefined) return unnamed;
  if (CONTROL.test(aggregateId)) {
    return wrong("aggregate_id", "must not have control characters");
  }
  const wrongId = !isGiven(eventId, isUlid)
    ? "event_id"
    : !isGiven(causationId, isUlid)
    ? "causation_id"
    : !isGiven(correlationId, isUlid)
    ? "correlation_id"
    : undefined;
  if (wrongId !== undefined) return wrong(wrongId, "must be a ULID");
  if (!isGiven(timestamp, isTimestamp)) {
    return wrong("timestamp", "must be an RFC 3339 time with offset");
  }
  return findTextProblem(dedupeKey, "dedupe_key");
}

function findPayloadProblem(
  type: EventType,
  payload: JsonObject,
): Problem | undefined {
  const reason = "invalid_payload";
  if (
    typeof payload !== "object" || payload === null || Array.isArray(payload)
  ) return { reason, field: "payload", rule: "must be an object" };
  const notJson = findNotJson(payload, "payload");
  if (notJson !== undefined) return { reason, ...notJson };
  const forbidden = findKey(payload, type.forbiddenKeys ?? [], "payload");
  if (forbidden !== undefined) {
    return {
      reason: "forbidden_key",
      field: forbidden,
      rule: "must not be there",
    };
  }
  const broken = findBroken(type, payload);
  if (broken !== undefined) return { reason, ...broken };
  const rule = type.check?.(payload);
  return rule === undefined ? undefined : { reason, field: "payload", rule };
}

function findKey(
  value: JsonValue,
  keys: readonly string[],
  field: string,
): string | undefined {
  if (keys.length === 0 || typeof value !== "object" || value === null) {
    return undefined;
  }
  for (const [key, entry] of Object.entries(value)) {
    const path = Array.isArray(value) ? `${field}[${key}]` : `${field}.${key}`;
    if (!Array.isArray(value) && keys.includes(key)) return path;
    if (entry === undefined) continue;
    const found = findKey(entry, keys, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findBroken(
  type: EventType,
  payload: JsonObject,
): NotJson | undefined {
  for (const name of Object.keys(type.fields)) {
    const rule = type.fields[name];
    if (rule === undefined) continue;
    const value = Object.hasOwn(payload, name) ? payload[name] : undefined;
    if (value === undefined) {
      if (!rule.required) continue;
      return { field: `payload.${name}`, rule: "must be there" };
    }
    const broken = breaks(value, rule, `payload.${name}`);
    if (broken !== undefined) return broken;
  }
  if (type.allowsOthers) return undefined;
  const other = Object.keys(payload).find((name) =>
    payload[name] !== undefined && !Object.hasOwn(type.fields, name) &&
    !type.strip?.includes(name)
  );
  return other === undefined
    ? undefined
    : { field: `payload.${other}`, rule: `is not a field of ${type.type}` };
}

/** The first way in which a value breaks its rule, if any. */
export function breaks(
  value: JsonValue,
  rule: FieldRule,
  field: string,
): NotJson | undefined {
  if (value === null) {
    return rule.nullable || rule.kind === "any"
      ? undefined
      : { field, rule: "must not be null" };
  }
  if (!isOfKind(value, rule.kind)) {
    return { field, rule: `must be ${KIND_TEXT[rule.kind]}` };
  }
  if (rule.values !== undefined && !rule.values.includes(String(value))) {
    return { field, rule: `must be one of ${rule.values.join(", ")}` };
  }
  if (rule.pattern !== undefined && typeof value === "string") {
    const isMatch = new RegExp(`^(?:${rule.pattern})$`, "u").test(value);
    if (!isMatch) return { field, rule: `must match ${rule.pattern}` };
  }
  return breaksSize(value, rule, field) ?? breaksItems(value, rule, field);
}

const KIND_TEXT: Readonly<Record<FieldRule["kind"], string>> = {
  any: "a value",
  array: "a list",
  boolean: "true or false",
  integer: "a whole number",
  number: "a number",
  object: "an object",
  string: "text",
};

function isOfKind(value: JsonValue, kind: FieldRule["kind"]): boolean {
  switch (kind) {
    case "any":
      return true;
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isSafeInteger(value);
    case "object":
      return typeof value === "object" && !Array.isArray(value);
    case "boolean":
      return typeof value === "boolean";
    case "number":
      return typeof value === "number";
    case "string":
      return typeof value === "string";
  }
}

function breaksSize(
  value: JsonValue,
  { min, max }: FieldRule,
  field: string,
): NotJson | undefined {
  const size = typeof value === "number"
    ? value
    : typeof value === "string" || Array.isArray(value)
    ? value.length
    : undefined;
  if (size === undefined) return undefined;
  const unit = typeof value === "number"
    ? ""
    : typeof value === "string"
    ? " characters"
    : " items";
  if (min !== undefined && size < min) {
    return { field, rule: `must be at least ${min}${unit}` };
  }
  if (max !== undefined && size > max) {
    return { field, rule: `must be at most ${max}${unit}` };
  }
  return undefined;
}

function breaksItems(
  value: JsonValue,
  { items }: FieldRule,
  field: string,
): NotJson | undefined {
  if (items === undefined || !Array.isArray(value)) return undefined;
  for (const [index, item] of value.entries()) {
    const broken = breaks(item, items, `${field}[${index}]`);
    if (broken !== undefined) return broken;
  }
  return undefined;
}
