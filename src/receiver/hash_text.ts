/**
 * The one hash that is used here.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";

/** SHA-256 of a text in UTF-8, in lowercase hexadecimal. */
export function hashText(text: string): string {
  return sha256(new TextEncoder().encode(text)).toHex();
}
