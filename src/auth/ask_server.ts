/**
 * One question to the server: within 10 seconds, without a redirect, and a
 * token only to the server that it belongs to.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { WebRequest } from "../host/web.ts";
import { cliVersion } from "../version.ts";

/** Limit of one question, in milliseconds. */
export const ASK_LIMIT_MS = 10_000;
const REPLY_LIMIT_BYTES = 256 * 1024;
/** Version of the protocol, for headers. */
export const SYNC_PROTOCOL = "3.0";

/** Words by which servers refuse that we know; others are never repeated. */
const REFUSALS = [
  "access_denied",
  "authorization_pending",
  "expired_token",
  "invalid_client",
  "invalid_grant",
  "invalid_request",
  "invalid_scope",
  "refresh_replay_benign_retry",
  "server_error",
  "session_invalid",
  "slow_down",
  "temporarily_unavailable",
  "unauthorized_client",
  "unsupported_grant_type",
  "unsupported_response_type",
] as const;

/** Why a server refuses, in its own word. */
export type Refusal = typeof REFUSALS[number];

/** What asking gave. */
export type Answer =
  | {
    readonly kind: "answered";
    /** HTTP status. */
    readonly status: number;
    /** Body as JSON, or `undefined` when it is none. */
    readonly body: unknown;
    /** The word of an error body, if we know it. */
    readonly refusal: Refusal | undefined;
    /** Time of the server in epoch milliseconds, if it tells. */
    readonly serverTime: number | undefined;
  }
  | { readonly kind: "aborted" }
  | { readonly kind: "silent"; readonly reason: string };

/** What asking needs of the world. */
export type AskHost = Pick<Host, "env" | "web">;

/** Limits of one question. */
export interface AskOptions {
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
  /** Limit in milliseconds. @default 10000 */
  readonly timeoutMs?: number;
}

/** A place at a server. */
export interface Endpoint {
  /** Base URL of the server. */
  readonly server: string;
  /** Path below it, with its first slash. */
  readonly path: string;
}

/** Posts a form; no token goes along but those in it. */
export async function postForm(
  host: AskHost,
  endpoint: Endpoint,
  fields: Readonly<Record<string, string>>,
  options: AskOptions = {},
): Promise<Answer> {
  return await ask(host, {
    url: urlOf(endpoint),
    method: "POST",
    headers: {
      ...headersOf(host),
      "content-type": "application/x-www-form-urlencoded",
    },
    body: new URLSearchParams(fields).toString(),
  }, options);
}

/**
 * Gets something in the name of whoever has the token.
 *
 * @throws {TypeError} when the token belongs to another server.
 */
export async function getWithToken(
  host: AskHost,
  endpoint: Endpoint,
  token: { readonly accessToken: string; readonly server: string },
  options: AskOptions = {},
): Promise<Answer> {
  const url = urlOf(endpoint);
  if (!isSameOrigin(url, token.server)) {
    throw new TypeError("A token is only sent to the server that gave it");
  }
  return await ask(host, {
    url,
    method: "GET",
    headers: {
      ...headersOf(host),
      "authorization": `Bearer ${token.accessToken}`,
      "x-reeve-sync-protocol": SYNC_PROTOCOL,
    },
  }, options);
}

/** The absolute address of a place at a server. */
export function urlOf({ server, path }: Endpoint): string {
  return server.replace(/\/+$/, "") + path;
}

/** Whether two addresses have the same scheme, host and port. */
export function isSameOrigin(a: string, b: string): boolean {
  const [left, right] = [URL.parse(a), URL.parse(b)];
  if (left === null || right === null || left.origin === "null") return false;
  return left.origin === right.origin;
}

/** The word of an error body, flat or nested, if we know it. */
export function readRefusal(body: unknown): Refusal | undefined {
  const error = fieldOf(body, "error");
  const word = typeof error === "object" ? fieldOf(error, "code") : error;
  return REFUSALS.find((known) => known === word);
}

/** A word that came from outside, if it is one that we know. */
export function knownRefusal(word: string | null): Refusal | undefined {
  return REFUSALS.find((known) => known === word);
}

function fieldOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

function headersOf({ env }: Pick<Host, "env">): Record<string, string> {
  return {
    "accept": "application/json",
    "user-agent": `reeve/${cliVersion(env)}`,
  };
}

async function ask(
  host: AskHost,
  request: Omit<WebRequest, "maxBytes" | "timeoutMs">,
  { signal, timeoutMs = ASK_LIMIT_MS }: AskOptions,
): Promise<Answer> {
  const reply = await host.web.request({
    ...request,
    timeoutMs,
    maxBytes: REPLY_LIMIT_BYTES,
    ...(signal === undefined ? {} : { signal }),
  });
  switch (reply.kind) {
    case "aborted":
      return { kind: "aborted" };
    case "timeout":
      return { kind: "silent", reason: `no answer within ${timeoutMs} ms` };
    case "too_large":
      return { kind: "silent", reason: "its answer is too large" };
    case "unreachable":
      return { kind: "silent", reason: reply.reason };
    case "reply": {
      const body = parseJson(reply.body);
      return {
        kind: "answered",
        status: reply.status,
        body,
        refusal: reply.status < 400 ? undefined : readRefusal(body),
        serverTime: readTime(reply.header("date")),
      };
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readTime(text: string | undefined): number | undefined {
  const epochMs = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}
