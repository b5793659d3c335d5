/**
 * JSON as types.
 *
 * @module
 */

/** A value that JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue | undefined };
