/**
 * ULIDs: ids that sort by the time of their making (github.com/ulid/spec).
 *
 * @module
 */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_LETTERS = 10;
const RANDOM_BYTES = 10;
/** Asking for random bytes costs more than the bytes; so many ids share it. */
const DRAWN_AT_ONCE = 16;
/** The 80 random bits as whole numbers of 20: five hex digits, four letters. */
const PARTS = 4;
const PART_LIMIT = 2 ** 20;

/** 26 letters of Crockford's base 32 that fit into 128 bits. */
const SHAPE = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Whether a text is a ULID. */
export function isUlid(text: string): boolean {
  return SHAPE.test(text);
}

function encode(value: number, letters: number): string {
  let text = "";
  for (let left = value; text.length < letters; left = Math.floor(left / 32)) {
    text = ALPHABET.charAt(left % 32) + text;
  }
  return text;
}

function draw(hex: string): number[] {
  return Array.from(
    { length: PARTS },
    (_, part) => parseInt(hex.slice(part * 5, part * 5 + 5), 16),
  );
}

/** Adds one; `false` when nothing is above. */
function increase(parts: number[]): boolean {
  for (let part = PARTS - 1; part >= 0; part--) {
    const next = (parts[part] ?? 0) + 1;
    parts[part] = next % PART_LIMIT;
    if (next < PART_LIMIT) return true;
  }
  return false;
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
  let random: number[] = [];
  let timeText = "";
  let drawn = "";
  const drawHex = () => {
    if (drawn === "") drawn = randomHex(RANDOM_BYTES * DRAWN_AT_ONCE);
    const hex = drawn.slice(0, RANDOM_BYTES * 2);
    drawn = drawn.slice(RANDOM_BYTES * 2);
    return hex;
  };
  return (nowMs) => {
    if (nowMs > lastMs || !increase(random)) {
      lastMs = Math.max(nowMs, lastMs + 1);
      timeText = encode(lastMs, TIME_LETTERS);
      random = draw(drawHex());
    }
    let text = timeText;
    for (const part of random) text += encode(part, PARTS);
    return text;
  };
}
