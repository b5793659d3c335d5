/**
 * The faults that the receiver can be told to have, as data.
 *
 * @module
 */

/** How one fault is written. */
export interface FaultKind {
  /** What stands behind `=`. */
  readonly value: "none" | "number" | "text";
  /** Its value when none is given; without it a value is required. */
  readonly standard?: string;
  /** What it does. */
  readonly brief: string;
}

/** Every fault by name. */
export const FAULTS = {
  "clock-skew": {
    value: "number",
    brief: "the Date header is this many seconds off",
  },
  "drop-after-commit": {
    value: "number",
    standard: "0",
    brief: "stores the batch, then breaks the connection or answers 502",
  },
  "drop-before-commit": {
    value: "number",
    standard: "0",
    brief: "the same, but stores nothing",
  },
  "duplicate-results": { value: "none", brief: "every result comes twice" },
  "error": {
    value: "number",
    standard: "503",
    brief: "answers a batch with this status",
  },
  "expire-tokens": {
    value: "number",
    standard: "1",
    brief: "an access token expires after so many requests",
  },
  "hang": { value: "none", brief: "never answers below /api/" },
  "html": { value: "none", brief: "answers like a captive portal" },
  "max-bytes": { value: "number", brief: "413 for more bytes, unpacked" },
  "max-events": { value: "number", brief: "413 for more events" },
  "missing-results": { value: "none", brief: "leaves the last result out" },
  "not-admitted": {
    value: "text",
    standard: "",
    brief: "403 not_admitted for this project, or for all",
  },
  "pending": { value: "none", brief: "202 for a batch, and stores nothing" },
  "poison": { value: "text", brief: "400 for a batch with this event type" },
  "poison-results": {
    value: "text",
    brief: "rejects events of this type, each by itself",
  },
  "protocol": { value: "none", brief: "412 as if the version did not fit" },
  "redirect": { value: "none", brief: "sends every request elsewhere" },
  "slow": {
    value: "number",
    standard: "1000",
    brief: "waits so many milliseconds before a batch",
  },
  "throttle": {
    value: "number",
    standard: "1",
    brief: "429 for a batch, with Retry-After in seconds",
  },
  "unknown-status": {
    value: "none",
    brief: "stores the batch, but says a status that nobody knows",
  },
  "ws-close": {
    value: "number",
    standard: "1012",
    brief: "closes a socket with this code when it says hello",
  },
  "ws-drop-acks": { value: "none", brief: "stores, but acknowledges nothing" },
  "ws-silent": { value: "none", brief: "a socket opens and says nothing" },
} as const satisfies Readonly<Record<string, FaultKind>>;

/** The name of a fault. */
export type FaultName = keyof typeof FAULTS;
