/**
 * Values of the settings in words: what a key takes, and what it holds.
 *
 * @module
 */

import type { AnyValue, KeySpec, NumberKey } from "./key_type.ts";

const SIZES = [["TiB", 2 ** 40], ["GiB", 2 ** 30], ["MiB", 2 ** 20], [
  "KiB",
  2 ** 10,
]] as const;
const DURATIONS = [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], [
  "s",
  1000,
]] as const;

/** What a key takes, to follow "must be". */
export function describeAllowed(spec: KeySpec): string {
  switch (spec.type) {
    case "boolean":
      return "true or false";
    case "enum":
      return joinWords(spec.words, "or");
    case "words":
      return `a list of ${joinWords(spec.words, "and")}`;
    case "url":
      return "an https address without sign-in and query, or http on loopback";
    case "text":
      return spec.form;
    case "integer":
      return `a whole number from ${spec.min} to ${spec.max}`;
    case "size":
      return `a size such as 64MiB, from ${range(spec)}`;
    case "duration":
      return `a duration such as 30s, 5m or 1h, from ${range(spec)}`;
  }
}

/** A value as a person writes it: `256MiB`, `5m`, `commit,repo`. */
export function formatValue(spec: KeySpec, value: AnyValue): string {
  if (typeof value === "object") {
    return value.length === 0 ? "none" : value.join(",");
  }
  if (typeof value !== "number") return String(value);
  if (spec.type === "size") return withUnit(SIZES, value, "");
  if (spec.type === "duration") return withUnit(DURATIONS, value, "ms");
  return String(value);
}

/** A value as the person's file holds it; numbers stay numbers. */
export function toJsonValue(spec: KeySpec, value: AnyValue): AnyValue {
  if (typeof value !== "number") return value;
  const text = formatValue(spec, value);
  return /^\d+$/.test(text) ? value : text;
}

/** A value as a person writes it, or a dash for one that is not set. */
export function formatSetting(
  spec: KeySpec,
  value: AnyValue | undefined,
): string {
  return value === undefined ? "-" : formatValue(spec, value);
}

/** The kind of a key for the reference. */
export function describeType(spec: KeySpec): string {
  switch (spec.type) {
    case "integer":
      return `integer, ${spec.min} to ${spec.max}`;
    case "size":
    case "duration":
      return `${spec.type}, ${range(spec)}`;
    case "enum":
      return spec.words.join(", ");
    case "words":
      return `list of ${spec.words.join(", ")}`;
    default:
      return spec.type;
  }
}

function range(spec: NumberKey): string {
  return `${formatValue(spec, spec.min)} to ${formatValue(spec, spec.max)}`;
}

function withUnit(
  units: readonly (readonly [string, number])[],
  value: number,
  last: string,
): string {
  if (value === 0) return "0";
  const unit = units.find(([, factor]) => value % factor === 0);
  return unit === undefined
    ? `${value}${last}`
    : `${value / unit[1]}${unit[0]}`;
}

function joinWords(words: readonly string[], last: string): string {
  const end = words.at(-1) ?? "";
  return words.length < 2
    ? end
    : `${words.slice(0, -1).join(", ")} ${last} ${end}`;
}
