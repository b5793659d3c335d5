/**
 * JSON values for properties that read text again.
 *
 * @module
 */

import fc from "fast-check";
import type { JsonValue } from "../../src/state/json_value.ts";

/**
 * Whether no key in the text ends in a backslash. V8 15.0 (Deno 2.9.6), once it
 * has read such a key, gives it for one with a quotation mark in its place in
 * the next object alike: `{"a":1,"\\":2}`, then `{"a":1,"\"":2}`.
 */
export function isReadRight(text: string): boolean {
  return !text.includes('\\\\":');
}

/** Any JSON value that V8 reads right, whatever it has read before. */
export const jsonValues: fc.Arbitrary<JsonValue> = fc.jsonValue()
  .filter((value) => isReadRight(JSON.stringify(value))) as fc.Arbitrary<
    JsonValue
  >;

/** Any object of JSON that V8 reads right, whatever it has read before. */
export const jsonRecords: fc.Arbitrary<Record<string, JsonValue>> = fc
  .dictionary(fc.string(), jsonValues)
  .filter((record) => isReadRight(JSON.stringify(record)));
