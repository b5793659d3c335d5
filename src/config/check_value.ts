/**
 * Checks a value by its row of the table, from text and from JSON. Made by
 * hand: capturing an event reads settings, and a schema library would cost it
 * more than the rest together.
 *
 * @module
 */

import type { AnyValue, KeySpec, NumberKey } from "./key_type.ts";
import { parseServerUrl } from "./server_url.ts";

/** A value as the program uses it, or the word that it is none. */
export type Checked =
  | { readonly kind: "value"; readonly value: AnyValue }
  /** It is none, but the key takes its default then. */
  | { readonly kind: "ignored" }
  | { readonly kind: "bad" };

const UNITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  integer: {},
  size: { b: 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 },
  duration: {
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
    d: 86_400_000,
  },
};

const BAD: Checked = { kind: "bad" };

/** Checks what a flag, a variable or a line of a project's file says. */
export function checkText(spec: KeySpec, text: string): Checked {
  const word = text.trim().toLowerCase();
  switch (spec.type) {
    case "boolean":
      return found(readSwitch(word));
    case "enum":
      return checkEnum(spec, text);
    case "words":
      return checkWords(spec.words, word === "none" ? [] : splitWords(word));
    case "integer":
    case "size":
    case "duration":
      return checkNumber(spec, text.trim());
    case "url":
      return found(parseServerUrl(text.trim()));
    case "text":
      return found(matchWhole(spec.pattern, text.trim()));
  }
}

/** Checks what the person's file says. */
export function checkJson(spec: KeySpec, value: unknown): Checked {
  if (spec.type === "boolean") {
    return typeof value === "boolean" ? found(value) : BAD;
  }
  if (spec.type === "words") {
    return Array.isArray(value) ? checkWords(spec.words, value) : BAD;
  }
  if (spec.type === "enum") return checkEnum(spec, value);
  if (typeof value === "number") return checkPlainNumber(spec, value);
  if (typeof value !== "string" || spec.type === "integer") return BAD;
  return checkText(spec, value);
}

function found(value: AnyValue | undefined): Checked {
  return value === undefined ? BAD : { kind: "value", value };
}

function readSwitch(word: string): boolean | undefined {
  if (/^(?:1|true|yes|y|on)$/.test(word)) return true;
  return /^(?:0|false|no|n|off)$/.test(word) ? false : undefined;
}

function checkEnum(
  spec: KeySpec & { readonly type: "enum" },
  value: unknown,
): Checked {
  const word = typeof value === "string" ? value.trim().toLowerCase() : "";
  if (spec.words.includes(word)) return found(word);
  // An empty one is a slip that nobody means; it must not pass for a choice.
  return spec.isLenient && value !== "" ? { kind: "ignored" } : BAD;
}

function splitWords(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

function checkWords(
  allowed: readonly string[],
  given: readonly unknown[],
): Checked {
  const isListed = (word: unknown): word is string =>
    typeof word === "string" && allowed.includes(word);
  return given.every(isListed) ? found([...new Set(given)]) : BAD;
}

function checkNumber(spec: NumberKey, text: string): Checked {
  const [, digits = "", unit = ""] = /^(\d{1,15}) ?([a-z]*)$/i.exec(text) ?? [];
  if (digits === "") return BAD;
  if (unit === "") return checkPlainNumber(spec, Number(digits));
  const factor = UNITS[spec.type]?.[unit.toLowerCase()];
  if (factor === undefined) return BAD;
  return inRange(spec, Number(digits) * factor);
}

/** A number without a unit is no duration: nobody could tell of what. */
function checkPlainNumber(spec: KeySpec, value: number): Checked {
  switch (spec.type) {
    case "integer":
    case "size":
      return inRange(spec, value);
    case "duration":
      return value === 0 ? inRange(spec, value) : BAD;
    default:
      return BAD;
  }
}

function inRange({ min, max }: NumberKey, value: number): Checked {
  if (!Number.isSafeInteger(value) || value < min || value > max) return BAD;
  // Minus zero would be printed, stored and compared as something else.
  return found(value === 0 ? 0 : value);
}

function matchWhole(pattern: string, text: string): string | undefined {
  return new RegExp(`^(?:${pattern})$`).test(text) ? text : undefined;
}
