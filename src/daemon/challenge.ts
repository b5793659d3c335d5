/**
 * How a daemon proves that it knows its token without ever saying it.
 *
 * @module
 */

const NONCE = /^[0-9a-f]{16,64}$/;

/** Whether a text may be used as a challenge. */
export function isNonce(text: string): boolean {
  return NONCE.test(text);
}

/** The answer to a challenge: HMAC-SHA-256 of the nonce under the token. */
export async function answerChallenge(
  token: string,
  nonce: string,
): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(token),
    { name: "HMAC", hash: "SHA-256" },
    KEY_IS_EXTRACTABLE,
    ["sign"],
  );
  const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(nonce));
  return [...new Uint8Array(mac)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const KEY_IS_EXTRACTABLE = false;

/** Compares two texts in a time that does not depend on where they differ. */
export function equalsInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    difference |= (a.charCodeAt(at) || 0) ^ (b.charCodeAt(at) || 0);
  }
  return difference === 0;
}
