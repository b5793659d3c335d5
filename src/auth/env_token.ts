/**
 * A token from the environment, for machines where nobody signs in. It beats
 * the stored session and is neither stored nor refreshed.
 *
 * @module
 */

import type { Env } from "../host/host.ts";

/** Variable that holds the token. */
export const TOKEN_VARIABLE = "REEVE_TOKEN";

/** What may stand in a header: visible ASCII. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

/** What the environment says. */
export type EnvToken =
  | { readonly kind: "none" }
  | { readonly kind: "token"; readonly accessToken: string }
  | { readonly kind: "damaged"; readonly reason: string };

/** Reads the token of the environment. */
export function readEnvToken(env: Pick<Env, "get">): EnvToken {
  const text = env.get(TOKEN_VARIABLE)?.trim() ?? "";
  if (text === "") return { kind: "none" };
  if (isToken(text)) return { kind: "token", accessToken: text };
  return { kind: "damaged", reason: `${TOKEN_VARIABLE} holds no token` };
}

/** Whether a text can be a token at all. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}
