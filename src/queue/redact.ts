/**
 * Takes out of an event what must not leave the machine: fields that its type
 * strips, and home paths and secrets in its free text.
 *
 * @module
 */

import type { JsonObject, JsonValue } from "../state/json_value.ts";
import { redactText } from "../state/secret_text.ts";
import type { EventType } from "./registry.ts";

function redactValue(value: JsonValue, home: string | undefined): JsonValue {
  if (typeof value === "string") return redactText(value, home);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((item: JsonValue) => redactValue(item, home));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      entry === undefined ? undefined : redactValue(entry, home),
    ]),
  );
}

/** What redaction made of a payload. */
export interface Redacted {
  /** The payload as it may be stored. */
  readonly payload: JsonObject;
  /** Whether it says something else than before. */
  readonly isChanged: boolean;
}

/** Redacts a payload as its type wants it; does not change what it is given. */
export function redactPayload(
  { strip = [], freeText = [] }: EventType,
  given: JsonObject,
  home: string | undefined,
): Redacted {
  if (strip.length === 0 && freeText.length === 0) {
    return { payload: given, isChanged: false };
  }
  // A getter may answer otherwise the next time: what was looked at is kept.
  const payload = { ...given };
  const clean = new Map<string, JsonValue>();
  for (const key of freeText) {
    const value = payload[key];
    const redacted = value === undefined ? value : redactValue(value, home);
    if (redacted !== undefined && redacted !== value) clean.set(key, redacted);
  }
  const isChanged = clean.size > 0 ||
    strip.some((key) => Object.hasOwn(payload, key));
  if (!isChanged) return { payload, isChanged };
  const kept = Object.entries(payload)
    .filter(([key]) => !strip.includes(key))
    .map(([key, value]) => [key, clean.get(key) ?? value]);
  return { payload: Object.fromEntries(kept), isChanged };
}
