/**
 * ULIDs: ids that sort by the time of their making (github.com/ulid/spec).
 *
 * @module
 */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_LETTERS = 10;
const RANDOM_BYTES = 10;
const RANDOM_LIMIT = 1n << 80n;

/** 26 letters of Crockford's base 32 that fit into 128 bits. */
const SHAPE = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Whether a text is a ULID. */
export function isUlid(text: string): boolean {
  return SHAPE.test(text);
}

function encode(value: bigint, letters: number): string {
  let text = "";
  for (let left = value; text.length < letters; left >>= 5n) {
    text = ALPHABET[Number(left & 31n)] + text;
  }
  return text;
}

/**
 * Makes ULIDs that never come twice and always grow, also within one
 * millisecond and when the wall clock goes back.
 *
 * @param randomHex gives so many random bytes as hexadecimal.
 */
export function createUlids(
  randomHex: (bytes: number) => string,
): (nowMs: number) => string {
  let lastMs = -1;
  let random = 0n;
  let timeText = "";
  return (nowMs) => {
    if (nowMs > lastMs || random + 1n >= RANDOM_LIMIT) {
      lastMs = Math.max(nowMs, lastMs + (nowMs > lastMs ? 0 : 1));
      timeText = encode(BigInt(lastMs), TIME_LETTERS);
      random = BigInt(`0x${randomHex(RANDOM_BYTES)}`);
    } else {
      random += 1n;
    }
    return timeText + encode(random, 16);
  };
}
