/**
 * Who may ask: the access token, the version of the protocol, the workspace.
 *
 * @module
 */

import type { MiddlewareHandler } from "hono";
import { type Desk, type Exchange, type Known, refuse } from "./desk.ts";
import { hashText } from "./hash_text.ts";
import { expireToken, findSession, type Session } from "./session_store.ts";

/** Version of the protocol that is spoken here. */
export const PROTOCOL = "3.0";
/** Session of the token that a receiver was started with. */
export const FIXED_SESSION = "fixed";

type Check = MiddlewareHandler<Known>;

/** Lets only a good access token pass. */
export function checkSession(desk: Desk): Check {
  const uses = new Map<string, number>();
  return async (c, next) => {
    const session = readSession(desk, c);
    if (session === undefined) return unauthorized(c, "not valid");
    const expiry = desk.faults.find("expire-tokens");
    if (expiry !== undefined) {
      const used = uses.get(session.tokenHash) ?? 0;
      uses.set(session.tokenHash, used + 1);
      if (used >= expiry.amount) {
        desk.faults.take("expire-tokens");
        if (expiry.count === undefined) expireToken(desk.db, session.tokenHash);
        return unauthorized(c, "not valid any more");
      }
    }
    c.set("session", session);
    return await next();
  };
}

/** The token behind `Bearer`, if there is one. */
export function readBearer(c: Exchange): string | undefined {
  const header = c.req.header("authorization") ?? "";
  return /^Bearer ([\x21-\x7e]+)$/i.exec(header)?.[1];
}

function readSession(desk: Desk, c: Exchange): Session | undefined {
  const token = readBearer(c);
  if (token === undefined) return undefined;
  const { settings, host } = desk;
  const now = host.clock.now();
  if (settings.token !== undefined) {
    const tokenHash = hashText(token);
    if (tokenHash === hashText(settings.token)) {
      const expiresAt = now + settings.accessSeconds * 1000;
      return { sessionId: FIXED_SESSION, tokenHash, expiresAt };
    }
  }
  return findSession(desk.db, token, { user: settings.user, now });
}

function unauthorized(c: Exchange, why: string): Response {
  c.header("WWW-Authenticate", "Bearer");
  return refuse(c, 401, "unauthorized", `The access token is ${why}`);
}

/** Lets only our version of the protocol pass. */
export function checkProtocol(desk: Desk): Check {
  return async (c, next) => {
    const stated = c.req.header("x-reeve-sync-protocol") ?? "none";
    const isRefused = desk.faults.take("protocol") !== undefined;
    if (stated === PROTOCOL && !isRefused) return await next();
    const advice = isRefused
      ? "Update the client"
      : `Speak version ${PROTOCOL} instead of ${stated}`;
    return refuse(c, 412, "protocol_mismatch", advice);
  };
}

/** Lets only a workspace of the user pass. */
export function checkWorkspace(desk: Desk): Check {
  return async (c, next) => {
    const slug = c.req.header("x-reeve-workspace");
    if (slug === undefined || slug === "") {
      const message = "The header X-Reeve-Workspace is missing";
      return refuse(c, 403, "workspace_missing", message);
    }
    if (!desk.settings.workspaces.includes(slug)) {
      return refuse(c, 403, "forbidden", `No workspace ${slug} is yours`);
    }
    c.set("workspace", slug);
    return await next();
  };
}
