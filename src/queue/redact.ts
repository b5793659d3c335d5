/**
 * Takes out of an event what must not leave the machine: fields that its type
 * strips, and home paths and secrets in its free text.
 *
 * @module
 */

import type { JsonObject, JsonValue } from "../state/json_value.ts";
import type { EventType } from "./registry.ts";

const REDACTED = "<redacted>";

/** Texts that look like credentials, whoever made them. */
const SECRETS: readonly RegExp[] = [
  // JSON Web Tokens
  /\beyJ[\w-]{8,500}\.[\w-]{8,}\.[\w-]*/g,
  // keys of GitHub, GitLab, Slack, Stripe, OpenAI and AWS by their prefixes
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abpr]-|[sr]k_live_|sk-)[\w-]{12,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/** `Bearer x`, `password=x`, `"api_key": "x"` and the like keep their name. */
const NAMED_SECRET =
  /\b(bearer\s+|(?:pass(?:word|wd)?|secret|token|api[_-]?key|authorization)["']?\s*[:=]\s*["']?(?:bearer\s+|basic\s+)?)([^\s"',;&]{4,})/gi;

/** User and password inside a URL; looking for its scheme would take long. */
const URL_SECRET = /(:\/\/)[^\s/@:]+:[^\s/@]+@/g;

/** Redacts one text; `home` becomes `~`. */
export function redactText(text: string, home: string | undefined): string {
  let clean = text;
  if (home !== undefined && home.length > 1) {
    clean = clean.replaceAll(home, "~");
  }
  clean = clean.replace(URL_SECRET, `$1${REDACTED}@`);
  for (const secret of SECRETS) clean = clean.replace(secret, REDACTED);
  return clean.replace(NAMED_SECRET, `$1${REDACTED}`);
}

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
