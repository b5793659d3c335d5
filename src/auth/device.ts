/**
 * Signing in on another device: a code to type there, and asking until the
 * person has done so.
 *
 * @module
 */

import { postForm } from "./ask_server.ts";
import {
  CLIENT_ID,
  type GrantHost,
  type GrantReply,
  requestTokens,
  SCOPE,
  toFailure,
} from "./grant.ts";
import { type LoginResult, toLoginResult } from "./login.ts";
import type { DeviceReply } from "./reply_schema.ts";

const GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const STANDARD_INTERVAL_S = 5;
const LEAST_INTERVAL_S = 1;
const SLOWER_BY_S = 5;
/** Being told to slow down makes it no slower than this. */
const SLOWEST_S = 10;
/** A code lives no longer for us than this. */
const LONGEST_LIFE_S = 1800;

/** What to tell the person. */
export interface DeviceCode {
  /** Code to type. */
  readonly userCode: string;
  /** Where to type it. */
  readonly address: string;
  /** The same with the code in it, if the server has that. */
  readonly completeAddress: string | undefined;
}

/** How to sign in. */
export interface DeviceOptions {
  /** Base URL of the server. */
  readonly server: string;
  /** Told what to type, and where. */
  readonly onCode: (code: DeviceCode) => void;
  /** Ends it: the person gave up. */
  readonly signal: AbortSignal;
}

/** Signs in on another device. */
export async function signInWithDevice(
  host: GrantHost,
  options: DeviceOptions,
): Promise<LoginResult> {
  const { server, signal } = options;
  const place = { server, path: "/oauth/device_authorization" };
  const fields = { "client_id": CLIENT_ID, "scope": SCOPE };
  const answer = await postForm(host, place, fields, { signal });
  if (answer.kind !== "answered" || answer.status !== 200) {
    return toLoginResult(toFailure(answer));
  }
  const { deviceReplySchema } = await import("./reply_schema.ts");
  const parsed = deviceReplySchema.safeParse(answer.body);
  if (!parsed.success) {
    return { kind: "unreachable", reason: "its answer holds no device code" };
  }
  const reply = parsed.data;
  options.onCode({
    userCode: reply.user_code,
    address: reply.verification_uri,
    completeAddress: reply.verification_uri_complete ?? undefined,
  });
  return await poll(host, options, reply);
}

async function poll(
  host: GrantHost,
  { server, signal }: DeviceOptions,
  reply: DeviceReply,
): Promise<LoginResult> {
  const lifeMs = Math.min(reply.expires_in, LONGEST_LIFE_S) * 1000;
  const end = host.clock.elapsed() + lifeMs;
  let intervalS = firstInterval(reply.interval);
  while (true) {
    await host.clock.sleep(intervalS * 1000, signal);
    if (signal.aborted) return { kind: "interrupted" };
    if (host.clock.elapsed() >= end) return { kind: "late" };
    const given = await requestTokens(host, server, {
      "grant_type": GRANT,
      "device_code": reply.device_code,
    }, { signal });
    const step = deviceStep(given);
    if (step === "end") return toLoginResult(given);
    if (step === "late") return { kind: "late" };
    if (step === "slower") intervalS = slower(intervalS);
  }
}

/** What to do after an answer to polling. */
export function deviceStep(
  reply: GrantReply,
): "again" | "end" | "late" | "slower" {
  // A network that is gone for a moment costs nobody the code.
  if (reply.kind === "transient") return "again";
  if (reply.kind !== "refused") return "end";
  switch (reply.refusal) {
    case "authorization_pending":
      return "again";
    case "slow_down":
      return "slower";
    case "expired_token":
      return "late";
    default:
      return "end";
  }
}

/** The time between two questions that the server wants, in seconds. */
export function firstInterval(stated: number | null | undefined): number {
  return Math.max(LEAST_INTERVAL_S, stated ?? STANDARD_INTERVAL_S);
}

/** The time between two questions after being told to slow down, in seconds. */
export function slower(intervalS: number): number {
  return Math.max(intervalS, Math.min(intervalS + SLOWER_BY_S, SLOWEST_S));
}
