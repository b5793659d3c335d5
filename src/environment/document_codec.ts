/**
 * Documents of environments as text, and the hash that proves such a text.
 *
 * @module
 */

import type { JsonObject, JsonValue } from "../state/json_value.ts";

/** A document with sorted keys, two spaces and a final newline. */
export function formatDocument(value: JsonObject): string {
  return `${JSON.stringify(sorted(value), null, 2)}\n`;
}

function sorted(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== "object" || value === null) return value;
  if (isItems(value)) return value.map((item) => sorted(item) ?? null);
  // Entries become own keys even if one is called __proto__.
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, sorted(inner)] as const)
      .sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0),
  );
}

function isItems(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** SHA-256 of a text, as 64 lowercase hexadecimal digits. */
export async function fingerprintOf(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** A moment as ISO 8601 in UTC; `at` is in epoch milliseconds. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}
