/**
 * What proves that the program which redeems a code is the one that asked for
 * it: PKCE with SHA-256, and the state.
 *
 * @module
 */

import type { Random } from "../host/host.ts";

/** Secrets of one sign-in in a browser. */
export interface Proof {
  /** Said only when the code is redeemed. */
  readonly verifier: string;
  /** Hash of it, which goes with the first question. */
  readonly challenge: string;
  /** Comes back with the code. */
  readonly state: string;
}

const SECRET_BYTES = 32;

/** Makes the secrets of one sign-in. */
export async function createProof(
  host: { readonly random: Random },
): Promise<Proof> {
  const verifier = host.random.hex(SECRET_BYTES);
  return {
    verifier,
    challenge: await challengeOf(verifier),
    state: host.random.hex(SECRET_BYTES),
  };
}

/** The S256 challenge of a verifier: base64url of its SHA-256. */
export async function challengeOf(verifier: string): Promise<string> {
  const bytes = new TextEncoder().encode(verifier);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return btoa(String.fromCharCode(...new Uint8Array(hash)))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Compares two texts in a time that does not depend on where they differ. */
export function equalsInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    difference |= (a.charCodeAt(at) || 0) ^ (b.charCodeAt(at) || 0);
  }
  return difference === 0;
}
