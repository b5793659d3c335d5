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

/** Gives the answer to a challenge, 64 hexadecimal digits. */
export type Answerer = (nonce: string) => Promise<string>;

/**
 * Answers challenges with HMAC-SHA-256 of the nonce under the token. Who is
 * asked again and again keeps what this gives: each makes a key of its own, and
 * the memory of keys is taken back so late that a process grows meanwhile.
 */
export function createAnswerer(token: string): Answerer {
  const encoder = new TextEncoder();
  let importing: Promise<CryptoKey> | undefined;
  return async (nonce) => {
    importing ??= crypto.subtle.importKey(
      "raw",
      encoder.encode(token),
      { name: "HMAC", hash: "SHA-256" },
      KEY_IS_EXTRACTABLE,
      ["sign"],
    );
    const key = await importing;
    const mac = await crypto.subtle.sign("HMAC", key, encoder.encode(nonce));
    return new Uint8Array(mac).toHex();
  };
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
