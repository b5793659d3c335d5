/**
 * Spans and instants as a person writes them in a flag.
 *
 * @module
 */

import { checkText } from "../config/check_value.ts";

const LONGEST_MS = 3650 * 86_400_000;

/**
 * Reads `500ms`, `5s`, `2m`, `1h`, `3d`, as milliseconds.
 *
 * @throws {SyntaxError} for anything else.
 */
export function parseSpan(text: string): number {
  const checked = checkText({
    type: "duration",
    min: 0,
    max: LONGEST_MS,
    description: "",
  }, text);
  if (checked.kind === "value" && typeof checked.value === "number") {
    return checked.value;
  }
  throw new SyntaxError(
    `Cannot use the span ${text}: write 500ms, 5s, 2m, 1h or 3d`,
  );
}

/**
 * Reads a date with or without time, as epoch milliseconds.
 *
 * @throws {SyntaxError} for anything else.
 */
export function parseInstant(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new SyntaxError(
    `Cannot use the time ${text}: write 2026-01-31 or 2026-01-31T08:00:00Z`,
  );
}
