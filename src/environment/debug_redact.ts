/**
 * Takes secrets out of a bundle: what is known to be one, in whatever form it
 * is found, and what only looks like one.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { baseName } from "../host/path.ts";
import { REDACTED, redactText } from "../state/secret_text.ts";
import type { JsonObject, JsonValue } from "../state/json_value.ts";
import { formsOf, MIN_SECRET } from "./debug_encodings.ts";
import { hideNamed, isSecretKey, isTrivial } from "./debug_names.ts";
import { type EventField, shapeOf } from "./event_registry.ts";

/** Something that must not leave the machine. */
export interface Secret {
  /** Where it is from, for people; never its value. */
  readonly origin: string;
  /** Its value. */
  readonly value: string;
}

/** What a redactor knows. */
export interface RedactorFacts {
  /** What must not leave the machine. */
  readonly secrets: readonly Secret[];
  /** The person's home directory, which becomes `~`. */
  readonly home: string | undefined;
  /** Random text for hashes, which nobody keeps. */
  readonly salt: string;
}

/** Redacts everything of one bundle. */
export interface Redactor {
  /** A text without secrets. */
  text(text: string): string;
  /** A value without secrets at any depth, in keys too. */
  value(value: JsonValue): JsonValue;
  /** An event by what its registry says of its fields. */
  event(event: JsonObject): JsonObject;
  /** A hash that means something within this bundle only. */
  hash(text: string): string;
  /** Where a known secret is from that a text still holds. */
  find(text: string): string | undefined;
}

/** Values that are shorter only count where they stand alone. */
const LONG_SECRET = 6;
const ROUNDS = 4;
const HASH_LETTERS = 16;

/** Makes the redactor of one bundle. */
export function makeRedactor({ secrets, home, salt }: RedactorFacts): Redactor {
  const finder = makeFinder(secrets);
  const mark = finder.mark;
  const hash = (text: string) => hashWith(salt, text);
  const text = (dirty: string): string => {
    const known = finder.replace(dirty);
    const looks = hideNamed(redactText(known, home), mark);
    return finder.replace(looks.replaceAll(REDACTED, mark));
  };
  const value = (dirty: JsonValue): JsonValue => {
    if (typeof dirty === "string") return text(dirty);
    if (typeof dirty === "number") {
      return finder.find(String(dirty)) === undefined ? dirty : mark;
    }
    if (typeof dirty !== "object" || dirty === null) return dirty;
    if (isList(dirty)) return dirty.map(value);
    return object(dirty);
  };
  const object = (dirty: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(dirty).flatMap(([key, inner]) =>
        inner === undefined ? [] : [[text(key), field(key, inner)]]
      ),
    );
  const field = (key: string, inner: JsonValue): JsonValue => {
    if (SECRET_FIELDS.has(key)) return inner === null ? null : mark;
    if (key === "command" && isList(inner)) return inner.map(word);
    if (HASHED_FIELDS.has(key)) return hashed(inner);
    if (isSecretKey(key) && typeof inner === "string") return mark;
    return value(inner);
  };
  const word = (inner: JsonValue, at: number): JsonValue => {
    const whole = String(inner);
    if (at === 0) return text(baseName(whole));
    const [flag] = /^--?[A-Za-z][\w-]{0,40}(?==|$)/.exec(whole) ?? [];
    const rest = flag === undefined ? whole : whole.slice(flag.length + 1);
    const shape = `<${rest.length} letters, ${hash(rest)}>`;
    if (flag === undefined) return shape;
    return text(flag) + (whole === flag ? "" : `=${shape}`);
  };
  const hashed = (inner: JsonValue): JsonValue =>
    inner === null ? null : hash(JSON.stringify(inner));
  return {
    text,
    value,
    hash,
    find: finder.find,
    event(event) {
      const fields: Readonly<Record<string, EventField>> =
        shapeOf(String(event["event"]))?.fields ?? {};
      return Object.fromEntries(
        Object.entries(event).flatMap(([key, inner]) => {
          if (inner === undefined) return [];
          const care = COMMON.has(key) ? "public" : fields[key]?.care;
          if (care === undefined || care === "secret") return [[key, mark]];
          if (care === "hashed") return [[key, hashed(inner)]];
          return [[key, value(inner)]];
        }),
      );
    },
  };
}

/** Fields of an event that its shape does not name. */
const COMMON: ReadonlySet<string> = new Set([
  "event",
  "schema",
  "schema_version",
  "timestamp",
  "trace_id",
]);

/** Fields of our own documents that nobody else may see. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(["marker"]);

/** Fields of our own documents that somebody could guess the meaning of. */
const HASHED_FIELDS: ReadonlySet<string> = new Set([
  "argv_hash",
  "fingerprint",
]);

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function hashWith(salt: string, text: string): string {
  const bytes = new TextEncoder().encode(`${salt}\n${text}`);
  return `hash:${sha256(bytes).toHex().slice(0, HASH_LETTERS)}`;
}

interface Form {
  readonly text: string;
  readonly origin: string;
  /** Whether it only counts between letters that are none. */
  readonly isShort: boolean;
}

interface Finder {
  readonly mark: string;
  replace(text: string): string;
  find(text: string): string | undefined;
}

/** What stands for a secret; the first that holds none itself. */
const MARKS = [REDACTED, "<removed>", "***", ""] as const;

function makeFinder(secrets: readonly Secret[]): Finder {
  const forms = secrets.flatMap(({ origin, value }) => [
    { origin, value },
    ...linesOf(value).map((line) => ({ origin, value: line })),
  ]).filter(({ value }) => !isTrivial(value)).flatMap(({ origin, value }) => {
    const isShort = value.length < LONG_SECRET;
    return formsOf(value).map((text): Form => ({ text, origin, isShort }));
  }).toSorted((a, b) => b.text.length - a.text.length);
  const pairs = new Uint8Array(PAIRS);
  for (const { text } of forms) pairs[pairAt(text, 0)] = 1;
  const byStart = Map.groupBy(forms, ({ text }) => text.slice(0, MIN_SECRET));
  // Nearly every place of a text is passed over by its first two letters.
  const match = (text: string, at: number): Form | undefined =>
    pairs[pairAt(text, at)] === 0
      ? undefined
      : byStart.get(text.slice(at, at + MIN_SECRET))?.find((form) =>
        text.startsWith(form.text, at) &&
        (!form.isShort || isWord(text, at, form))
      );
  const find = (text: string): Form | undefined => {
    if (forms.length === 0) return undefined;
    for (let at = 0; at + MIN_SECRET <= text.length; at++) {
      const form = match(text, at);
      if (form !== undefined) return form;
    }
    return undefined;
  };
  const mark = MARKS.find((mark) => find(mark) === undefined) ?? "";
  const once = (text: string): string => {
    let clean = "";
    let from = 0;
    for (let at = 0; at + MIN_SECRET <= text.length; at++) {
      const form = match(text, at);
      if (form === undefined) continue;
      clean += text.slice(from, at) + mark;
      from = at + form.text.length;
      at = from - 1;
    }
    return clean + text.slice(from);
  };
  return {
    mark,
    find: (text) => find(text)?.origin,
    replace(text) {
      if (forms.length === 0) return text;
      let clean = text;
      // What is left of two that overlap may be a third.
      for (let round = 0; round < ROUNDS; round++) {
        const next = once(clean);
        if (next === clean) return clean;
        clean = next;
      }
      return clean;
    },
  };
}

const SECRET_LINE = 12;

/** Lines of a key; who writes to a log may write each on its own. */
function linesOf(value: string): readonly string[] {
  if (!value.includes("\n")) return [];
  return value.split(/\r?\n/).filter((line) => line.length >= SECRET_LINE);
}

const PAIRS = 2 ** 16;

function pairAt(text: string, at: number): number {
  return (text.charCodeAt(at) * 251 + text.charCodeAt(at + 1)) % PAIRS;
}

function isWord(text: string, at: number, { text: form }: Form): boolean {
  const before = text.charAt(at - 1);
  const after = text.charAt(at + form.length);
  return !/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(after);
}
