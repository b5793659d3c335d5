/**
 * The few bytes of other servers' languages that tell whether they are ready.
 *
 * @module
 */

import type { Credentials } from "./dependency_endpoint.ts";

/** What a server's answer says. */
export type WireVerdict =
  | { readonly kind: "ready" }
  /** It is the right server and will be ready. */
  | { readonly kind: "starting"; readonly reason: string }
  /** It is the right server, and does not want us. */
  | { readonly kind: "refused"; readonly reason: string }
  /** It does not speak that language. */
  | { readonly kind: "foreign" };

const MAX_REASON = 200;
const PROTOCOL_3 = 196_608;
const LENGTH_BYTES = 4;

/** Starting up, shutting down or recovering: it will speak again. */
const NOT_YET: readonly string[] = ["57P01", "57P02", "57P03"];

/** Asks PostgreSQL for a session, which it grants, delays or refuses. */
export function postgresGreeting(
  { user = "postgres", database = "postgres" }: Partial<Credentials>,
): Uint8Array {
  const words = ["user", user, "database", database];
  const text = new TextEncoder().encode(`${words.join("\0")}\0\0`);
  const bytes = new Uint8Array(2 * LENGTH_BYTES + text.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, bytes.length);
  view.setInt32(LENGTH_BYTES, PROTOCOL_3);
  bytes.set(text, 2 * LENGTH_BYTES);
  return bytes;
}

/** Whether an answer of PostgreSQL is there as far as it is needed. */
export function isPostgresAnswer(bytes: Uint8Array): boolean {
  const length = messageLength(bytes);
  return bytes[0] !== letter("E") || length === undefined ||
    bytes.length > length;
}

/** What PostgreSQL's answer says. It is not asked for more than its name. */
export function readPostgres(bytes: Uint8Array): WireVerdict {
  const length = messageLength(bytes);
  if (length === undefined) return { kind: "foreign" };
  // A question for the password, or a word about the protocol.
  if (bytes[0] === letter("R") || bytes[0] === letter("v")) {
    return { kind: "ready" };
  }
  if (bytes[0] !== letter("E")) return { kind: "foreign" };
  const fields = errorFields(bytes.subarray(1 + LENGTH_BYTES, 1 + length));
  const code = fields.get("C") ?? "";
  if (!/^[0-9A-Z]{5}$/.test(code)) return { kind: "foreign" };
  if (NOT_YET.includes(code)) {
    return { kind: "starting", reason: printable(fields.get("M") ?? code) };
  }
  // Whoever knows that we may not come in is there for others.
  if (/^(?:28|3D)/.test(code)) return { kind: "ready" };
  return { kind: "refused", reason: printable(fields.get("M") ?? code) };
}

/** A message's length field, if it can be one. */
function messageLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < 1 + LENGTH_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getInt32(1);
  return length >= LENGTH_BYTES && length < 30_000 ? length : undefined;
}

function errorFields(bytes: Uint8Array): ReadonlyMap<string, string> {
  const text = new TextDecoder().decode(bytes);
  return new Map(
    text.split("\0").filter((field) => field !== "")
      .map((field) => [field.charAt(0), field.slice(1)]),
  );
}

/** Asks Redis for an answer, after a word about who we are. */
export function redisGreeting(
  { user, password }: Partial<Credentials>,
): Uint8Array {
  const account = user === undefined ? [] : [user];
  const commands = [
    ...(password === undefined ? [] : [["AUTH", ...account, password]]),
    ["PING"],
  ];
  return new TextEncoder().encode(commands.map(encodeCommand).join(""));
}

function encodeCommand(words: readonly string[]): string {
  const encoder = new TextEncoder();
  const parts = words.map((word) =>
    `$${encoder.encode(word).length}\r\n${word}\r\n`
  );
  return `*${words.length}\r\n${parts.join("")}`;
}

/** Whether an answer of Redis to so many commands is complete. */
export function isRedisAnswer(bytes: Uint8Array, commands: number): boolean {
  const text = new TextDecoder().decode(bytes);
  if (!/^[+-]/.test(text)) return true;
  return text.split("\r\n").length > commands;
}

/** What Redis's answer says. */
export function readRedis(bytes: Uint8Array): WireVerdict {
  const text = new TextDecoder().decode(bytes);
  if (!/^[+-][^\r\n]*\r\n/.test(text)) return { kind: "foreign" };
  const lines = text.split("\r\n").filter((line) => line !== "");
  const fault = lines.find((line) => line.startsWith("-"));
  if (fault === undefined) {
    return lines.includes("+PONG") ? { kind: "ready" } : { kind: "foreign" };
  }
  const reason = printable(fault.slice(1));
  return /^(?:LOADING|BUSY|MASTERDOWN)\b/.test(reason)
    ? { kind: "starting", reason }
    : { kind: "refused", reason };
}

/** What {@linkcode nameServer} calls those whose languages probes speak. */
export const SERVER_NAMES = {
  http: "an HTTP server",
  postgres: "a PostgreSQL server",
  redis: "a Redis server",
} as const;

/** What kind of server gives such an answer, if it can be told. */
export function nameServer(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 64));
  if (text.startsWith("HTTP/")) return SERVER_NAMES.http;
  if (text.startsWith("SSH-")) return "an SSH server";
  if (/^[+-][A-Z][^\r\n]*\r?\n?/.test(text)) return SERVER_NAMES.redis;
  if (/^220[ -]/.test(text)) return "a mail or FTP server";
  if (bytes[3] === 0 && bytes[LENGTH_BYTES] === 10) return "a MySQL server";
  if (bytes[0] === 0x15 && bytes[1] === 3) return "a TLS server";
  if (readPostgres(bytes).kind !== "foreign") return SERVER_NAMES.postgres;
  return undefined;
}

/** Text of a server, in one short line. */
export function printable(text: string): string {
  return text.replace(/\p{C}+/gu, " ").trim().slice(0, MAX_REASON);
}

function letter(text: string): number {
  return text.charCodeAt(0);
}
