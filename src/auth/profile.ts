/**
 * Who a token belongs to, as its server tells.
 *
 * @module
 */

import {
  type Answer,
  type AskHost,
  type AskOptions,
  getWithToken,
} from "./ask_server.ts";
import { endOf, type GrantHost } from "./grant.ts";
import type { Session } from "./session.ts";
import { fromWorkspaceRecord } from "./session_record.ts";

/** A token and where it belongs. */
export type TokenAt = Pick<Session, "accessToken" | "server">;

/** The person, and where that person may work. */
export type Profile = Pick<Session, "email" | "name" | "userId" | "workspaces">;

/** Why the server did not tell. */
export type NoAnswer =
  /** The token is not valid, or not any more. */
  | { readonly kind: "rejected" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "aborted" };

/** Asks who is signed in. */
export async function askProfile(
  host: AskHost,
  token: TokenAt,
  options: AskOptions = {},
): Promise<NoAnswer | { readonly kind: "profile"; readonly profile: Profile }> {
  const { server } = token;
  const place = { server, path: "/api/v1/me" };
  const answer = await getWithToken(host, place, token, options);
  if (answer.kind !== "answered" || answer.status !== 200) {
    return toNoAnswer(answer);
  }
  const { profileReplySchema } = await import("./reply_schema.ts");
  const parsed = profileReplySchema.safeParse(answer.body);
  if (!parsed.success) {
    return { kind: "failed", reason: "its answer names no person" };
  }
  const { user_id: userId, email, name, workspaces } = parsed.data;
  return {
    kind: "profile",
    profile: {
      userId,
      email: email ?? "",
      name: name ?? "",
      workspaces: workspaces.map(fromWorkspaceRecord),
    },
  };
}

/** What the server says about a session. */
export interface SessionReply {
  /** Whether it knows the session, or why it did not tell. */
  readonly answer: NoAnswer | {
    readonly kind: "session";
    /** Whether the session is active. */
    readonly isActive: boolean;
    /** Its name. */
    readonly sessionId: string | undefined;
    /** End of its access token in epoch milliseconds, if it tells. */
    readonly accessExpiresAt: number | undefined;
  };
  /** How far our clock is ahead of the server's, if it tells the time. */
  readonly clockAheadMs: number | undefined;
}

/** Asks whether the server knows the session of a token. */
export async function askSession(
  host: GrantHost,
  token: TokenAt,
  options: AskOptions = {},
): Promise<SessionReply> {
  const askedAt = host.clock.now();
  const { server } = token;
  const place = { server, path: "/api/v1/session-status" };
  const answer = await getWithToken(host, place, token, options);
  const answeredAt = host.clock.now();
  const serverTime = "serverTime" in answer ? answer.serverTime : undefined;
  return {
    answer: await toSessionAnswer(answer, askedAt),
    clockAheadMs: serverTime === undefined
      ? undefined
      : clockAhead(askedAt, answeredAt, serverTime),
  };
}

async function toSessionAnswer(
  answer: Answer,
  askedAt: number,
): Promise<SessionReply["answer"]> {
  if (answer.kind !== "answered" || answer.status !== 200) {
    return toNoAnswer(answer);
  }
  const { statusReplySchema } = await import("./reply_schema.ts");
  const parsed = statusReplySchema.safeParse(answer.body);
  if (!parsed.success) {
    return { kind: "failed", reason: "its answer names no session" };
  }
  const { status, session_id: sessionId, expires_in: seconds } = parsed.data;
  return {
    kind: "session",
    isActive: status === "active",
    sessionId: sessionId ?? undefined,
    accessExpiresAt: endOf(seconds, askedAt),
  };
}

/**
 * How far our clock is ahead of a server that read its own between our question
 * and its answer, and told whole seconds only; 0 while both could be right.
 */
export function clockAhead(
  askedAt: number,
  answeredAt: number,
  serverTime: number,
): number {
  if (askedAt > serverTime + 999) return askedAt - serverTime - 999;
  if (answeredAt < serverTime) return answeredAt - serverTime;
  return 0;
}

function toNoAnswer(answer: Answer): NoAnswer {
  if (answer.kind === "aborted") return answer;
  if (answer.kind === "silent") {
    return { kind: "failed", reason: answer.reason };
  }
  if (answer.status === 401) return { kind: "rejected" };
  return { kind: "failed", reason: `it answered ${answer.status}` };
}
