/**
 * The person's file as a schema, built from the table of keys: for the
 * reference, for editors, and to prove the checks that are made by hand.
 *
 * @module
 */

import * as z from "zod/mini";
import type { KeySpec, NumberKey } from "./key_type.ts";
import { KEY_NAMES, specOf } from "./keys.ts";
import { USER_FILE_VERSION } from "./user_file.ts";
import { toJsonValue } from "./value_text.ts";

// JSON Schema knows no flags, so both cases are spelled out.
const SIZE = /^\s*\d{1,15} ?(?:[bB]|[kKmMgGtT][iI][bB])?\s*$/;
const DURATION = /^\s*(?:0{1,15}|\d{1,15} ?(?:[mM]?[sS]|[mMhHdD]))\s*$/;
const ADDRESS =
  // deno-lint-ignore no-control-regex
  /^\s*https?:\/\/[^\s\u0000-\u001f\u007f\\?#/@]+(?:\/[^\s\u0000-\u001f\u007f\\?#]*)?\s*$/;
const LOCAL_ADDRESS = /^http:\/\/(?:localhost|127\.[\d.]+|\[::1\])[:/]/;

const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};

interface Tree {
  [name: string]: Tree | z.ZodMiniType;
}

/** Builds the schema of the person's file. */
export function configSchema(): z.ZodMiniType {
  const tree: Tree = { "schema_version": z.literal(USER_FILE_VERSION) };
  for (const key of KEY_NAMES) {
    put(tree, key.split("."), describe(specOf(key)));
  }
  return toObject(tree);
}

function put(
  tree: Tree,
  [name = "", ...rest]: readonly string[],
  schema: z.ZodMiniType,
): void {
  if (rest.length === 0) {
    tree[name] = schema;
    return;
  }
  const inner = tree[name];
  const section: Tree = isTree(inner) ? inner : {};
  tree[name] = section;
  put(section, rest, schema);
}

function isTree(value: Tree | z.ZodMiniType | undefined): value is Tree {
  return value !== undefined && !(value instanceof z.ZodMiniType);
}

/** Unknown keys are no error: they may be of a later release. */
function toObject(tree: Tree): z.ZodMiniType {
  const shape = Object.entries(tree).map(([name, inner]) =>
    [
      name,
      z.exactOptional(isTree(inner) ? toObject(inner) : inner),
    ] as const
  );
  return z.looseObject(Object.fromEntries(shape));
}

function describe(spec: KeySpec): z.ZodMiniType {
  const { description } = spec;
  return schemaOf(spec).register(
    z.globalRegistry,
    spec.default === undefined
      ? { description }
      : { description, default: toJsonValue(spec, spec.default) },
  );
}

function schemaOf(spec: KeySpec): z.ZodMiniType {
  switch (spec.type) {
    case "boolean":
      return z.boolean();
    case "enum":
      return z.pipe(
        z.string().check(z.trim(), z.toLowerCase()),
        z.enum(spec.words),
      );
    case "words":
      return z.array(z.enum(spec.words));
    case "text":
      return z.string().check(
        z.trim(),
        z.regex(new RegExp(`^(?:${spec.pattern})$`)),
      );
    case "url":
      return z.string().check(z.regex(ADDRESS), z.refine(isReachable));
    case "integer":
      return numberIn(spec);
    case "size":
      return z.union([numberIn(spec), textIn(spec, SIZE, toBytes)]);
    case "duration": {
      const text = textIn(spec, DURATION, toMs);
      return spec.min > 0 ? text : z.union([z.literal(0), text]);
    }
  }
}

function numberIn({ min, max }: NumberKey) {
  return z.int().check(z.gte(min), z.lte(max));
}

function textIn(
  { min, max }: NumberKey,
  pattern: RegExp,
  convert: (text: string) => number,
) {
  return z.string().check(
    z.regex(pattern),
    z.refine((text) => {
      const value = convert(text);
      return Number.isSafeInteger(value) && value >= min && value <= max;
    }),
  );
}

function toBytes(text: string): number {
  const letter = /[bkmgt]/i.exec(text)?.[0].toLowerCase() ?? "b";
  return Number.parseInt(text.trim(), 10) * 1024 ** "bkmgt".indexOf(letter);
}

function toMs(text: string): number {
  const unit = /[a-z]+/i.exec(text)?.[0].toLowerCase() ?? "ms";
  return Number.parseInt(text.trim(), 10) * (DURATION_UNITS_MS[unit] ?? NaN);
}

function isReachable(text: string): boolean {
  const url = URL.parse(text.trim());
  return url !== null &&
    (url.protocol === "https:" || LOCAL_ADDRESS.test(url.href));
}
