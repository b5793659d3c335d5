/**
 * What the live channel says, and what it understands.
 *
 * @module
 */

import type { Verdict } from "../queue/settle.ts";
import { VERSION } from "../version.ts";
import { refusalOf, verdictOf } from "./reply_verdict.ts";
import { SYNC_PROTOCOL } from "./send_batch.ts";

/** Largest frame to us, in bytes. */
export const FRAME_IN_BYTES: number = 1024 * 1024;
/** Largest frame to the server, in bytes. */
export const FRAME_OUT_BYTES: number = 256 * 1024;

const TIMESTAMP_LIMIT = 64;

/** A frame to us. */
export type Frame =
  | { readonly kind: "snapshot" | "pong" | "unknown" }
  | { readonly kind: "ping"; readonly timestamp: string | null }
  | {
    readonly kind: "ack";
    readonly eventId: string;
    readonly verdict: Verdict;
  }
  | { readonly kind: "event"; readonly event: unknown }
  | {
    readonly kind: "error";
    readonly code: string;
    readonly meaning: ErrorMeaning;
  };

/** What the code of an error says about us. */
export type ErrorMeaning = "denied" | "noted" | "unauthorized";

const SIGN_IN_CODES: readonly string[] = [
  "session_ended",
  "session_invalid",
  "token_expired",
  "unauthorized",
];

/** Whether a text has more bytes than a limit in UTF-8. */
export function isLargerThan(limitBytes: number, text: string): boolean {
  if (text.length > limitBytes) return true;
  // A unit of a string is one to three bytes, so most texts need no copy.
  if (text.length * 3 <= limitBytes) return false;
  return new TextEncoder().encode(text).length > limitBytes;
}

/** The first thing to say. */
export function encodeHello(projectId: string, lastLamport: number): string {
  return JSON.stringify({
    type: "hello",
    protocol: SYNC_PROTOCOL,
    "client_version": VERSION,
    "project_uuid": projectId,
    "last_lamport": lastLamport,
  });
}

/** An event, exactly as it is stored. */
export function encodeEvent(body: string): string {
  return JSON.stringify({ type: "event", event: body });
}

/** A question for a sign of life, or the answer to one. */
export function encodeBeat(
  type: "ping" | "pong",
  timestamp: string | null,
): string {
  return JSON.stringify({ type, timestamp });
}

/** What a frame says; what we do not understand is `unknown`. */
export function parseFrame(text: string): Frame {
  const frame = parseMap(text);
  switch (frame?.["type"]) {
    case "snapshot":
    case "pong":
      return { kind: frame["type"] };
    case "ping":
      return { kind: "ping", timestamp: timestampOf(frame["timestamp"]) };
    case "ack":
      return typeof frame["event_id"] === "string"
        ? {
          kind: "ack",
          eventId: frame["event_id"],
          verdict: verdictOf(frame),
        }
        : { kind: "unknown" };
    case "event":
      return { kind: "event", event: frame["event"] };
    case "error": {
      const code = codeOf(frame["code"]);
      return { kind: "error", code, meaning: meaningOf(code) };
    }
    default:
      return { kind: "unknown" };
  }
}

type JsonMap = Readonly<Record<string, unknown>>;

function parseMap(text: string): JsonMap | undefined {
  try {
    const value = JSON.parse(text);
    const isMap = typeof value === "object" && !Array.isArray(value);
    return isMap ? value ?? undefined : undefined;
  } catch {
    return undefined;
  }
}

function timestampOf(value: unknown): string | null {
  const isShort = typeof value === "string" && value.length <= TIMESTAMP_LIMIT;
  return isShort ? value : null;
}

/** A code is a word; anything longer could be a text to mislead people. */
function codeOf(value: unknown): string {
  const isWord = typeof value === "string" && /^[a-z0-9_]{1,64}$/.test(value);
  return isWord ? value : "unknown";
}

function meaningOf(code: string): ErrorMeaning {
  if (SIGN_IN_CODES.includes(code)) return "unauthorized";
  if (code === "protocol_mismatch") return "denied";
  return refusalOf(code).kind === "parked" ? "denied" : "noted";
}
