/** A plain client of the sign-in, for tests of the receiver. */

import { assertEquals } from "@std/assert";
import type { StartedReceiver } from "#support/receiver.ts";
import { type Answer, ask } from "./receiver_client.ts";

/** Where the browser is led back to. */
export const CALLBACK = "http://127.0.0.1:45678/callback";
const VERIFIER = "v".repeat(43);
// base64url of the SHA-256 of the verifier, as RFC 7636 asks for.
const CHALLENGE = await challengeOf(VERIFIER);

async function challengeOf(verifier: string): Promise<string> {
  const bytes = new TextEncoder().encode(verifier);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hash.toBase64({ alphabet: "base64url", omitPadding: true });
}

const QUERY = {
  "response_type": "code",
  "client_id": "reeve_cli",
  "redirect_uri": CALLBACK,
  "state": "a&b<c>",
  "code_challenge": CHALLENGE,
  "code_challenge_method": "S256",
  "scope": "offline_access",
};

/** The page that asks for consent, but for what is changed. */
export function authorizeUrl(
  started: StartedReceiver,
  changes: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams({ ...QUERY, ...changes });
  return `${started.url}/oauth/authorize?${query}`;
}

/** Sends a form, as a page would. */
export async function postForm(
  started: StartedReceiver,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<Answer> {
  const body = new URLSearchParams(fields);
  return await ask(started.url + path, { method: "POST", body });
}

/** Asks the token endpoint. */
export function requestToken(
  started: StartedReceiver,
  fields: Record<string, string>,
): Promise<Answer> {
  const all = { "client_id": "reeve_cli", ...fields };
  return postForm(started, "/oauth/token", all);
}

/** The ticket that a page hands out. */
export function ticketOf(page: Answer): string {
  return /name="ticket" value="([0-9a-f]+)"/.exec(page.text)?.[1] ?? "none";
}

/** Approves in the browser; gives where that leads. */
export async function approve(started: StartedReceiver): Promise<URL> {
  const page = await ask(authorizeUrl(started));
  const answer = await postForm(started, "/oauth/authorize", {
    ticket: ticketOf(page),
    decision: "approve",
  });
  assertEquals(answer.status, 303);
  return new URL(answer.headers.get("location") ?? "");
}

/** Turns a code into tokens, but for what is changed. */
export function useCode(
  started: StartedReceiver,
  code: string,
  changes: Record<string, string> = {},
): Promise<Answer> {
  return requestToken(started, {
    "grant_type": "authorization_code",
    "redirect_uri": CALLBACK,
    "code_verifier": VERIFIER,
    code,
    ...changes,
  });
}

/** Signs in as a browser does; gives the tokens. */
export async function signIn(started: StartedReceiver): Promise<Answer> {
  const url = await approve(started);
  return await useCode(started, url.searchParams.get("code") ?? "");
}

/** Asks for fresh tokens. */
export function refresh(
  started: StartedReceiver,
  refreshToken: string,
): Promise<Answer> {
  return requestToken(started, {
    "grant_type": "refresh_token",
    "refresh_token": refreshToken,
  });
}

/** What an access token gets. */
export async function statusOf(
  started: StartedReceiver,
  accessToken: string,
  path = "/api/v1/session-status",
): Promise<Answer> {
  const headers = { authorization: `Bearer ${accessToken}` };
  return await ask(started.url + path, { headers });
}
