/**
 * Values as JSON text, or why they have none. `JSON.stringify` alone would
 * change some without a word: NaN to null, a class to whatever it holds.
 *
 * @module
 */

import { messageOf } from "../errors.ts";

/** A value as JSON text, or what is wrong with it. */
export type JsonText =
  | { readonly text: string }
  | { readonly problem: string };

/** Deeper nesting is nearly always a value that holds itself. */
const DEEPEST = 200;
/** So many steps of a path are told. */
const SHOWN_STEPS = 5;

const encoder = new TextEncoder();

/** How many bytes a text has in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/**
 * A value as JSON text of at most `maxBytes` bytes. Properties that are
 * `undefined` are left out; everything else must be JSON.
 *
 * @param name what a problem calls the value, such as `data`.
 */
export function toJsonText(
  value: unknown,
  maxBytes: number,
  name: string,
): JsonText {
  try {
    const walk = new Walk(maxBytes);
    const problem = walk.problemIn(value, 0);
    if (walk.isTooLarge) {
      return { problem: `${name} has more than ${maxBytes} bytes as JSON` };
    }
    if (problem !== undefined) return { problem: name + problem };
    const text = JSON.stringify(value);
    // No character takes more than three bytes.
    const bytes = text.length * 3 <= maxBytes ? 0 : byteLength(text);
    if (bytes <= maxBytes) return { text };
    return {
      problem: `${name} has ${bytes} bytes as JSON, not at most ${maxBytes}`,
    };
  } catch (error) {
    // Looking at a value may run code of whoever made it.
    return { problem: `${name} cannot be read: ${messageOf(error)}` };
  }
}

/** Looks at a value once, and at no more of it than the limit allows. */
class Walk {
  readonly #maxBytes: number;
  #seenBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the value has more bytes than allowed, for sure. */
  get isTooLarge(): boolean {
    return this.#seenBytes > this.#maxBytes;
  }

  /** A path and what is wrong there, to follow the value's name. */
  problemIn(value: unknown, depth: number): string | undefined {
    this.#seenBytes += typeof value === "string" ? value.length : 1;
    if (this.isTooLarge) return " is too large";
    switch (typeof value) {
      case "string":
      case "boolean":
        return undefined;
      case "number":
        return Number.isFinite(value) ? undefined : ` is ${value}, not JSON`;
      case "object":
        return value === null ? undefined : this.#problemInside(value, depth);
      default:
        return ` is ${kindOf(value)}, not JSON`;
    }
  }

  #problemInside(value: object, depth: number): string | undefined {
    if (depth >= DEEPEST) {
      return ` holds itself or is nested deeper than ${DEEPEST} levels`;
    }
    if (Array.isArray(value)) {
      for (let at = 0; at < value.length; at++) {
        const problem = this.problemIn(value[at], depth + 1);
        if (problem !== undefined) return atPath(`[${at}]`, problem, depth);
      }
      return undefined;
    }
    if (!isPlain(value)) return ` is ${kindOf(value)}, not JSON`;
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined) continue;
      this.#seenBytes += key.length;
      const problem = this.problemIn(item, depth + 1);
      if (problem !== undefined) return atPath(keyPath(key), problem, depth);
    }
    return undefined;
  }
}

/** A long path says no more than its beginning. */
function atPath(step: string, problem: string, depth: number): string {
  if (depth < SHOWN_STEPS) return step + problem;
  return problem.startsWith("…") ? problem : `…${problem}`;
}

function keyPath(key: string): string {
  if (/^[A-Za-z_$][\w$]{0,39}$/.test(key)) return `.${key}`;
  return `[${JSON.stringify(key.slice(0, 40))}]`;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  // An object of another realm, such as a test runner's, is plain too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What a value is that JSON has no word for. */
function kindOf(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  const { name } = value.constructor ?? {};
  const isNamed = typeof name === "string" && !["", "Object"].includes(name);
  return isNamed ? `a ${name}` : "an object";
}
