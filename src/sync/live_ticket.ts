/**
 * Asks for the ticket that opens one connection.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { LiveEvent } from "./live_state.ts";
import { judgeReply, type ReplyVerdict } from "./reply_verdict.ts";
import { isLoopback, signedHeaders, urlOf } from "./send_batch.ts";
import type { Token } from "./token_source.ts";

/** What opens one connection. */
export interface Ticket {
  readonly kind: "ticket";
  /** Where to. */
  readonly url: string;
  /** Good for one connection. Secret. */
  readonly secret: string;
}

const TIMEOUT_MS = 10_000;
const REPLY_LIMIT_BYTES = 64 * 1024;
/** Visible ASCII: anything else could leave its header. */
const SECRET = /^[!-~]{1,4096}$/;

/** Asks once; what is no ticket is told as what happened to the channel. */
export async function askTicket(
  host: Pick<Host, "clock" | "web">,
  token: Token,
  signal: AbortSignal,
): Promise<Ticket | LiveEvent> {
  if (token.workspace === undefined) {
    return denied("workspace_missing", "no workspace is chosen");
  }
  const reply = await host.web.request({
    url: urlOf(token.server, "/api/v1/ws-token/"),
    method: "POST",
    headers: { ...signedHeaders(token), "Content-Type": "application/json" },
    body: JSON.stringify({ workspace: token.workspace }),
    timeoutMs: TIMEOUT_MS,
    maxBytes: REPLY_LIMIT_BYTES,
    signal,
  });
  // What is good is a ticket, not the results of a batch; the rest means the
  // same here as there.
  const isTicket = reply.kind === "reply" && reply.status === 200 &&
    parseJson(reply.body) !== undefined;
  return isTicket
    ? parseTicket(reply.body, token.server)
    : eventOf(judgeReply(reply, [], host.clock.now()));
}

function parseJson(
  text: string,
): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Reads a ticket that must lead to the server that gave it. */
export function parseTicket(body: string, server: string): Ticket | LiveEvent {
  const { ws_token: secret, ws_url: url } = parseJson(body) ?? {};
  if (typeof secret !== "string" || typeof url !== "string") {
    return failed("bad_ticket", "the server gave no ticket");
  }
  if (!SECRET.test(secret)) return failed("bad_ticket", "it is not a token");
  const problem = findUrlProblem(url, server);
  if (problem !== undefined) return denied("ws_url_refused", problem);
  return url.includes(secret)
    ? denied("ws_url_refused", "the address of the socket holds the ticket")
    : { kind: "ticket", url, secret };
}

/** What is wrong with the place where a ticket would be sent, if anything. */
export function findUrlProblem(
  url: string,
  server: string,
): string | undefined {
  const target = URL.parse(url);
  const from = URL.parse(server);
  if (target === null || from === null) {
    return "the address of the socket is no URL";
  }
  const { protocol, origin, pathname } = target;
  if (protocol !== "wss:" && protocol !== "ws:") {
    return "the address of the socket is not one of a WebSocket";
  }
  if (target.host !== from.host) {
    return "the address of the socket is on another host";
  }
  const isPlain = protocol === "ws:";
  if (isPlain && !(from.protocol === "http:" && isLoopback(url))) {
    return "the address of the socket is not encrypted";
  }
  return target.href === origin + pathname
    ? undefined
    : "the address of the socket is more than host and path";
}

function failed(code: string, detail: string): LiveEvent {
  return { kind: "failed", error: { code, detail } };
}

function denied(code: string, detail: string): LiveEvent {
  return { kind: "denied", error: { code, detail } };
}

function eventOf(verdict: ReplyVerdict): LiveEvent {
  switch (verdict.kind) {
    case "unauthorized":
      return {
        kind: "unauthorized",
        error: { code: "unauthorized", detail: "HTTP 401" },
      };
    case "pause":
      return denied(verdict.reason, `HTTP ${verdict.http}`);
    case "refused":
      return denied("refused", `HTTP ${verdict.http}`);
    case "later": {
      const { code, http, retryAfterMs } = verdict;
      const detail = http === undefined ? verdict.detail : `HTTP ${http}`;
      const error = { code, detail };
      return retryAfterMs === undefined
        ? { kind: "failed", error }
        : { kind: "failed", error, retryAfterMs };
    }
    default:
      return failed("bad_ticket", "the answer is no ticket");
  }
}
