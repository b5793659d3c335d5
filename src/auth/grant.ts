/**
 * Tokens from the server: asking for them, and giving them back.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import {
  type Answer,
  type AskHost,
  type AskOptions,
  postForm,
  type Refusal,
} from "./ask_server.ts";
import type { TokenReply } from "./reply_schema.ts";
import type { Session } from "./session.ts";

/** Name under which the server knows this program. */
export const CLIENT_ID = "reeve_cli";
/** What we ask to be allowed. */
export const SCOPE = "offline_access";

/** What asking for tokens needs of the world. */
export type GrantHost = AskHost & Pick<Host, "clock">;

/** What a server gives to whoever signs in. */
export type Tokens = Pick<
  Session,
  | "accessExpiresAt"
  | "accessToken"
  | "refreshExpiresAt"
  | "refreshToken"
  | "sessionId"
>;

/** What asking for tokens gave. */
export type GrantReply =
  | { readonly kind: "tokens"; readonly tokens: Tokens }
  /** The server has understood and says no. */
  | {
    readonly kind: "refused";
    readonly refusal: Refusal | undefined;
    readonly reason: string;
  }
  /** Nothing is known; it may work later. */
  | { readonly kind: "transient"; readonly reason: string }
  | { readonly kind: "aborted" };

/** Asks for tokens by some grant. */
export async function requestTokens(
  host: GrantHost,
  server: string,
  grant: Readonly<Record<string, string>>,
  options: AskOptions = {},
): Promise<GrantReply> {
  // Lives count from before the question: no token is used after its end.
  const askedAt = host.clock.now();
  const answer = await postForm(
    host,
    { server, path: "/oauth/token" },
    { ...grant, "client_id": CLIENT_ID },
    options,
  );
  if (answer.kind !== "answered" || answer.status !== 200) {
    return toFailure(answer);
  }
  const { tokenReplySchema } = await import("./reply_schema.ts");
  const parsed = tokenReplySchema.safeParse(answer.body);
  return parsed.success
    ? { kind: "tokens", tokens: toTokens(parsed.data, askedAt) }
    : { kind: "transient", reason: "its answer holds no tokens" };
}

/** Sorts what is no success: a refusal, or trouble that may pass. */
export function toFailure(answer: Answer): Exclude<
  GrantReply,
  { readonly kind: "tokens" }
> {
  if (answer.kind === "aborted") return answer;
  if (answer.kind === "silent") {
    return { kind: "transient", reason: answer.reason };
  }
  const { status, refusal } = answer;
  const reason = refusal === undefined
    ? `it answered ${status}`
    : `it answered ${status}, ${refusal}`;
  const isLasting = status >= 400 && status < 500 && status !== 408 &&
    status !== 429;
  return isLasting
    ? { kind: "refused", refusal, reason }
    : { kind: "transient", reason };
}

function toTokens(reply: TokenReply, askedAt: number): Tokens {
  return {
    accessToken: reply.access_token,
    accessExpiresAt: endOf(reply.expires_in, askedAt),
    refreshToken: reply.refresh_token ?? undefined,
    refreshExpiresAt: endOf(reply.refresh_expires_in, askedAt),
    sessionId: reply.session_id ?? undefined,
  };
}

/** When a life of so many seconds ends; what nobody said is not guessed. */
export function endOf(
  seconds: number | null | undefined,
  askedAt: number,
): number | undefined {
  if (seconds === null || seconds === undefined) return undefined;
  return askedAt + Math.round(seconds * 1000);
}

/** What became of giving tokens back. */
export type Revocation = "confirmed" | "unconfirmed";

/** Tells the server that these tokens are no longer wanted. */
export async function revokeTokens(
  host: AskHost,
  session: Pick<Session, "accessToken" | "refreshToken" | "server">,
  options: AskOptions = {},
): Promise<Revocation> {
  const { server, refreshToken, accessToken } = session;
  const answer = await postForm(host, { server, path: "/oauth/revoke" }, {
    "token": refreshToken ?? accessToken,
    "token_type_hint": refreshToken === undefined
      ? "access_token"
      : "refresh_token",
    "client_id": CLIENT_ID,
  }, options);
  const isDone = answer.kind === "answered" && answer.status === 200;
  return isDone ? "confirmed" : "unconfirmed";
}
