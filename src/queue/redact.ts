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

/** The payload as it may be stored. */
export function redactPayload(
  { strip = [], freeText = [] }: EventType,
  payload: JsonObject,
  home: string | undefined,
): JsonObject {
  if (strip.length === 0 && freeText.length === 0) return payload;
  return Object.fromEntries(
    Object.entries(payload)
      .filter(([key]) => !strip.includes(key))
      .map(([key, value]) => [
        key,
        value !== undefined && freeText.includes(key)
          ? redactValue(value, home)
          : value,
      ]),
  );
}
