/**
 * The routes of OAuth that a program asks: tokens, devices, revocation.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { CLIENT_ID } from "./authorize_routes.ts";
import type { Desk, Exchange } from "./desk.ts";
import { readForm } from "./form.ts";
import { CONSENT_SECONDS, type Grants, makeUserCode } from "./grants.ts";
import {
  beginSession,
  endSession,
  type Grant,
  type GrantTerms,
  refreshSession,
} from "./session_store.ts";
import { CLOSE_SESSION_ENDED } from "./socket_hub.ts";

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const VERIFIER = /^[\w.~-]{43,128}$/;
/** What RFC 8628 adds to the pause of a device that asks too often. */
const SLOW_DOWN_MS = 5000;

function fail(
  c: Exchange,
  error: string,
  description: string,
  status: ContentfulStatusCode = 400,
): Response {
  c.header("Cache-Control", "no-store");
  return c.json({ error, "error_description": description }, status);
}

/** Gives tokens for a code, a refresh token or a device. */
export async function answerToken(
  desk: Desk,
  grants: Grants,
  c: Exchange,
): Promise<Response> {
  const form = await readForm(c.req.raw);
  if (form === undefined) return fail(c, "invalid_request", "Send a form");
  if (form.get("client_id") !== CLIENT_ID) {
    return fail(c, "invalid_client", `client_id must be ${CLIENT_ID}`, 401);
  }
  switch (form.get("grant_type")) {
    case "authorization_code":
      return useCode(desk, grants, c, form);
    case "refresh_token":
      return refresh(desk, c, form.get("refresh_token") ?? "");
    case DEVICE_GRANT:
      return pollDevice(desk, grants, c, form.get("device_code") ?? "");
    default:
      return fail(c, "unsupported_grant_type", "No such grant type");
  }
}

function useCode(
  desk: Desk,
  grants: Grants,
  c: Exchange,
  form: URLSearchParams,
): Response {
  const request = grants.codes.take(form.get("code") ?? "");
  if (request === undefined || request === "expired") {
    return fail(c, "invalid_grant", "The code is used up or unknown");
  }
  if (form.get("redirect_uri") !== request.redirectUri) {
    return fail(c, "invalid_grant", "redirect_uri is not the same");
  }
  const verifier = form.get("code_verifier") ?? "";
  const isProved = VERIFIER.test(verifier) &&
    challengeOf(verifier) === request.challenge;
  if (!isProved) return fail(c, "invalid_grant", "code_verifier is wrong");
  return begin(desk, c);
}

/** The challenge that a PKCE verifier answers. */
export function challengeOf(verifier: string): string {
  const hash = sha256(new TextEncoder().encode(verifier));
  return hash.toBase64({ alphabet: "base64url", omitPadding: true });
}

function begin(desk: Desk, c: Exchange): Response {
  const { db, host } = desk;
  return give(desk, c, beginSession(db, host.random, terms(desk)));
}

function terms({ settings, host }: Desk): GrantTerms {
  const { user, accessSeconds, refreshSeconds } = settings;
  return { user, accessSeconds, refreshSeconds, now: host.clock.now() };
}

function give({ settings }: Desk, c: Exchange, grant: Grant): Response {
  c.header("Cache-Control", "no-store");
  return c.json({
    "access_token": grant.accessToken,
    "token_type": "Bearer",
    "expires_in": settings.accessSeconds,
    "refresh_token": grant.refreshToken,
    "refresh_expires_in": settings.refreshSeconds,
    "session_id": grant.sessionId,
  });
}

function refresh(desk: Desk, c: Exchange, refreshToken: string): Response {
  const { db, host } = desk;
  const request = { ...terms(desk), refreshToken };
  const refreshed = refreshSession(db, host.random, request);
  switch (refreshed.kind) {
    case "granted":
      return give(desk, c, refreshed.grant);
    case "raced":
      return fail(c, "refresh_replay_benign_retry", "Replaced just now", 409);
    case "ended":
      return fail(c, "session_invalid", "The session has ended");
    case "replayed":
      endSockets(desk, refreshed.sessionId);
      return fail(c, "invalid_grant", "Used before: the session has ended");
    case "unknown":
      return fail(c, "invalid_grant", "The refresh token is unknown");
  }
}

function endSockets(desk: Desk, sessionId: string): void {
  desk.hub.close(CLOSE_SESSION_ENDED, "session ended", sessionId);
}

/** Lets a device wait for a person. */
export async function answerDevice(
  desk: Desk,
  grants: Grants,
  c: Exchange,
): Promise<Response> {
  const form = await readForm(c.req.raw);
  if (form?.get("client_id") !== CLIENT_ID) {
    return fail(c, "invalid_client", `client_id must be ${CLIENT_ID}`, 401);
  }
  const { pollSeconds } = desk.settings;
  const userCode = makeUserCode(desk.host.random);
  const deviceCode = grants.devices.put({
    userCode,
    decision: "pending",
    polledAt: 0,
    pauseMs: pollSeconds * 1000,
  }, CONSENT_SECONDS);
  const page = new URL("/device", c.req.url);
  const complete = new URL(page);
  complete.searchParams.set("user_code", userCode);
  c.header("Cache-Control", "no-store");
  return c.json({
    "device_code": deviceCode,
    "user_code": userCode,
    "verification_uri": page.href,
    "verification_uri_complete": complete.href,
    "expires_in": CONSENT_SECONDS,
    interval: pollSeconds,
  });
}

function pollDevice(
  desk: Desk,
  grants: Grants,
  c: Exchange,
  deviceCode: string,
): Response {
  const device = grants.devices.find(deviceCode);
  if (device === undefined) {
    return fail(c, "invalid_grant", "The device code is used up or unknown");
  }
  if (device === "expired") return fail(c, "expired_token", "Begin anew");
  if (device.decision === "denied") {
    grants.devices.take(deviceCode);
    return fail(c, "access_denied", "The person has denied it");
  }
  if (device.decision === "approved") {
    grants.devices.take(deviceCode);
    return begin(desk, c);
  }
  const now = desk.host.clock.now();
  const isEarly = now - device.polledAt < device.pauseMs;
  device.polledAt = now;
  if (!isEarly) return fail(c, "authorization_pending", "Nobody has decided");
  device.pauseMs += SLOW_DOWN_MS;
  return fail(c, "slow_down", `Wait ${device.pauseMs / 1000} seconds`);
}

/** Ends the session of a token; an unknown one is fine. */
export async function answerRevoke(desk: Desk, c: Exchange): Promise<Response> {
  const token = (await readForm(c.req.raw))?.get("token") ?? "";
  const sessionId = endSession(desk.db, token, desk.host.clock.now());
  if (sessionId !== undefined) endSockets(desk, sessionId);
  return c.json({});
}
