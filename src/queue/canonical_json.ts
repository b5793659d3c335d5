/**
 * JSON with one spelling for each value: keys sorted, no space. Equal content
 * gives equal bytes, so hashes can be compared.
 *
 * @module
 */

import type { JsonValue } from "../state/json_value.ts";

/** How deep values may be nested. */
export const MAX_DEPTH = 32;

/** Where and why a value is not JSON. */
export interface NotJson {
  /** Path of the field, such as `payload.items[2].name`. */
  readonly field: string;
  /** What is wrong there. */
  readonly rule: string;
}

/** The first place at which a value is not JSON, or `undefined`. */
export function findNotJson(
  value: unknown,
  field: string,
  depth = 0,
): NotJson | undefined {
  if (value === null) return undefined;
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value)
        ? undefined
        : { field, rule: "must be a finite number" };
    case "object":
      break;
    default:
      return { field, rule: `must not be a ${typeof value}` };
  }
  if (depth >= MAX_DEPTH) {
    return { field, rule: `must not be nested over ${MAX_DEPTH} levels` };
  }
  if (Array.isArray(value)) return findInItems(value, field, depth);
  return findInObject(value, field, depth);
}

function findInItems(
  items: readonly unknown[],
  field: string,
  depth: number,
): NotJson | undefined {
  for (let index = 0; index < items.length; index++) {
    const found = findNotJson(items[index], `${field}[${index}]`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findInObject(
  value: object,
  field: string,
  depth: number,
): NotJson | undefined {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return { field, rule: "must be a plain object" };
  }
  for (const key of Object.keys(value)) {
    const entry = (value as Readonly<Record<string, unknown>>)[key];
    if (entry === undefined) continue;
    const found = findNotJson(entry, `${field}.${key}`, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The one spelling of a value; keys without a value are left out. */
export function canonicalJson(value: JsonValue): string {
  if (typeof value !== "object" || value === null) {
    return JSON.stringify(value);
  }
  if (isItems(value)) return `[${value.map(canonicalJson).join(",")}]`;
  let text = "";
  for (const key of Object.keys(value).sort()) {
    const entry = value[key];
    if (entry === undefined) continue;
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${
      canonicalJson(entry)
    }`;
  }
  return `{${text}}`;
}

function isItems(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
