/**
 * What the server says of itself and of the sign-in. Nothing is refreshed and
 * nothing is stored.
 *
 * @module
 */

import { readEnvToken } from "../auth/env_token.ts";
import { askSession, clockAhead, type TokenAt } from "../auth/profile.ts";
import { isExpiring } from "../auth/session.ts";
import { readSession } from "../auth/token_store.ts";
import type { Host } from "../host/host.ts";
import type { SyncPlace } from "../sync/project_sync.ts";
import { urlOf } from "../sync/send_batch.ts";

/** What asking for its health gave. */
export type Health =
  | {
    readonly kind: "health";
    /** `ok`, if it is. */
    readonly status: string;
    /** Version of the protocol that it speaks. */
    readonly protocol: string;
    /** Most events in a request, if it says so. */
    readonly maxEvents: number | undefined;
    /** Most bytes of a request before compression, if it says so. */
    readonly maxBytes: number | undefined;
  }
  | { readonly kind: "silent"; readonly reason: string }
  | { readonly kind: "stranger"; readonly status: number };

/** What the server says of the sign-in. */
export type SessionWord =
  | { readonly kind: "active" | "rejected" | "not_asked" }
  | { readonly kind: "unknown"; readonly reason: string };

/** What a server says. */
export interface ServerFacts {
  /** Its base URL. */
  readonly url: string;
  /** How it is. */
  readonly health: Health;
  /** How far our clock is ahead of its own, if it tells the time. */
  readonly clockAheadMs: number | undefined;
  /** Whether it knows the sign-in. */
  readonly session: SessionWord;
}

type AskHost = Pick<Host, "clock" | "env" | "files" | "web">;

const TIMEOUT_MS = 5000;
const REPLY_LIMIT_BYTES = 64 * 1024;

/** Asks the server that events go to; `undefined` when none is configured. */
export async function askServer(
  host: AskHost,
  place: SyncPlace,
): Promise<ServerFacts | undefined> {
  const { serverUrl: url, mode } = place.settings;
  if (url === undefined) return undefined;
  const [health, session] = await Promise.all([
    askHealth(host, url),
    mode === "teamspace"
      ? askAboutSession(host, place, url)
      : { kind: "not_asked" as const },
  ]);
  return { url, session, ...health };
}

async function askHealth(
  host: AskHost,
  url: string,
): Promise<Pick<ServerFacts, "clockAheadMs" | "health">> {
  const askedAt = host.clock.now();
  const reply = await host.web.request({
    url: urlOf(url, "/api/v1/sync/health/"),
    method: "GET",
    timeoutMs: TIMEOUT_MS,
    maxBytes: REPLY_LIMIT_BYTES,
  });
  if (reply.kind !== "reply") {
    const reason = reply.kind === "unreachable"
      ? reply.reason
      : reply.kind.replaceAll("_", " ");
    return { health: { kind: "silent", reason }, clockAheadMs: undefined };
  }
  const serverTime = Date.parse(reply.header("date") ?? "");
  return {
    health: parseHealth(reply.status, reply.body),
    clockAheadMs: Number.isNaN(serverTime)
      ? undefined
      : clockAhead(askedAt, host.clock.now(), serverTime),
  };
}

/** Reads an answer; what is not one of ours comes from a stranger. Pure. */
export function parseHealth(status: number, body: string): Health {
  const stranger: Health = { kind: "stranger", status };
  if (status !== 200) return stranger;
  try {
    const value = JSON.parse(body);
    if (typeof value?.protocol !== "string") return stranger;
    return {
      kind: "health",
      status: String(value.status),
      protocol: value.protocol,
      maxEvents: limitOf(value.max_events_per_batch),
      maxBytes: limitOf(value.max_decompressed_bytes_per_batch),
    };
  } catch {
    return stranger;
  }
}

function limitOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) > 0
    ? Number(value)
    : undefined;
}

async function askAboutSession(
  host: AskHost,
  place: SyncPlace,
  url: string,
): Promise<SessionWord> {
  const token = await readToken(host, place, url);
  if ("kind" in token) return token;
  const { answer } = await askSession(host, token, { timeoutMs: TIMEOUT_MS });
  switch (answer.kind) {
    case "session":
      return { kind: answer.isActive ? "active" : "rejected" };
    case "rejected":
      return { kind: "rejected" };
    case "failed":
      return { kind: "unknown", reason: answer.reason };
    case "aborted":
      return { kind: "unknown", reason: "interrupted" };
  }
}

/** A token that is good as it is: a refresh would change the sign-in. */
async function readToken(
  host: AskHost,
  { paths }: SyncPlace,
  url: string,
): Promise<SessionWord | TokenAt> {
  const given = readEnvToken(host.env);
  if (given.kind === "token") {
    return { accessToken: given.accessToken, server: url };
  }
  if (given.kind === "damaged") return { kind: "not_asked" };
  const stored = await readSession(host, paths);
  if (stored.kind !== "found") return { kind: "not_asked" };
  const { accessToken, server } = stored.session;
  if (server !== url) return { kind: "not_asked" };
  if (isExpiring(stored.session, host.clock.now())) {
    return { kind: "unknown", reason: "the access token has to be refreshed" };
  }
  return { accessToken, server };
}
