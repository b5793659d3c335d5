/**
 * Signing in with a browser: authorization code with PKCE, and a callback on
 * this machine.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { urlOf } from "./ask_server.ts";
import { type Callback, openCallback } from "./callback.ts";
import {
  CLIENT_ID,
  type GrantHost,
  type GrantReply,
  requestTokens,
  SCOPE,
  type Tokens,
} from "./grant.ts";
import { openBrowser } from "./open_browser.ts";
import { createProof, type Proof } from "./pkce.ts";
import { waitFor } from "./wait_for.ts";

/** How long a person may take in the browser, in milliseconds. */
export const LOGIN_LIMIT_MS = 300_000;

/** What an attempt to sign in gave. */
export type LoginResult =
  | { readonly kind: "tokens"; readonly tokens: Tokens }
  | { readonly kind: "denied" }
  | { readonly kind: "late" }
  | { readonly kind: "interrupted" }
  /** The server says no. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The server cannot be asked now. */
  | { readonly kind: "unreachable"; readonly reason: string };

/** What signing in with a browser needs of the world. */
export type LoginHost =
  & GrantHost
  & Pick<Host, "network" | "processes" | "random">;

/** How to sign in. */
export interface LoginOptions {
  /** Base URL of the server. */
  readonly server: string;
  /** Whether to start a browser. */
  readonly opensBrowser: boolean;
  /** Told the address to open, before anything is started. */
  readonly onAddress: (url: string) => void;
  /** Told that no browser could be started. */
  readonly onNoBrowser: () => void;
  /** Ends it: the person gave up. */
  readonly signal: AbortSignal;
  /** How long the person may take. @default 300000 */
  readonly limitMs?: number;
}

/** Signs in with a browser; nothing listens any more when it settles. */
export async function signInWithBrowser(
  host: LoginHost,
  options: LoginOptions,
): Promise<LoginResult> {
  const proof = await createProof(host);
  await using callback = await openCallback(host, proof.state);
  const url = authorizeUrl(options.server, proof, callback.redirectUri);
  options.onAddress(url);
  if (options.opensBrowser && !await openBrowser(host, url)) {
    options.onNoBrowser();
  }
  const result = await redeem(host, { options, proof, callback });
  callback.show(
    result.kind === "tokens"
      ? "signed_in"
      : result.kind === "denied"
      ? "denied"
      : "failed",
  );
  return result;
}

/** The address at which the person says yes or no. */
export function authorizeUrl(
  server: string,
  { challenge, state }: Pick<Proof, "challenge" | "state">,
  redirectUri: string,
): string {
  const query = new URLSearchParams({
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": redirectUri,
    state,
    "code_challenge": challenge,
    "code_challenge_method": "S256",
    "scope": SCOPE,
  });
  return urlOf({ server, path: `/oauth/authorize?${query}` });
}

interface Redeeming {
  readonly options: LoginOptions;
  readonly proof: Proof;
  readonly callback: Callback;
}

async function redeem(
  host: LoginHost,
  { options, proof, callback }: Redeeming,
): Promise<LoginResult> {
  const { server, signal, limitMs = LOGIN_LIMIT_MS } = options;
  const waited = await waitFor(host, callback.arrived, { limitMs, signal });
  if (waited.kind !== "value") return waited;
  const arrival = waited.value;
  if (arrival.kind === "denied") return arrival;
  if (arrival.kind === "failed") {
    return { kind: "refused", reason: arrival.reason };
  }
  return toLoginResult(
    await requestTokens(host, server, {
      "grant_type": "authorization_code",
      "code": arrival.code,
      "redirect_uri": callback.redirectUri,
      "code_verifier": proof.verifier,
    }, { signal }),
  );
}

/** What an answer about tokens means for somebody who signs in. */
export function toLoginResult(reply: GrantReply): LoginResult {
  switch (reply.kind) {
    case "tokens":
      return reply;
    case "aborted":
      return { kind: "interrupted" };
    case "transient":
      return { kind: "unreachable", reason: reply.reason };
    case "refused":
      return reply.refusal === "access_denied"
        ? { kind: "denied" }
        : { kind: "refused", reason: reply.reason };
  }
}
