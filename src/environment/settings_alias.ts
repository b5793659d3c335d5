/**
 * Which key a person means: with or without `REEVE_` in front, or by the name
 * that it has in another tool.
 *
 * @module
 */

import { nearestName } from "../config/nearest.ts";
import {
  dependencyKey,
  envPrefix,
  knownKeys,
  type NamedKey,
  portKeys,
  repositoryKey,
  serviceKey,
} from "./settings_names.ts";

/** A name that was looked up. */
export type KeyLookup =
  | {
    readonly kind: "key";
    /** `REEVE_SERVICE_API_PORT`. */
    readonly name: string;
    /** What it takes; `undefined` for a service's variable. */
    readonly spec: NamedKey["spec"] | undefined;
  }
  | { readonly kind: "unknown"; readonly nearest: string | undefined };

/** Names of another tool, without their prefix. */
const ALIASES: Readonly<Record<string, string>> = {
  "TREES_DIR_NAME": repositoryKey("TREES_DIR").name,
  ...Object.fromEntries(
    ["backend", "frontend"].flatMap((slug) => {
      const word = slug.toUpperCase();
      return [
        [`${word}_DIR`, serviceKey(slug, "DIR").name],
        [`${word}_START_CMD`, serviceKey(slug, "CMD").name],
        [`${word}_PORT_BASE`, serviceKey(slug, "PORT").name],
      ];
    }),
  ),
  "DB_PORT": firstPort("postgres"),
  "REDIS_PORT": firstPort("redis"),
  "N8N_PORT_BASE": firstPort("n8n"),
  "SUPABASE_PUBLIC_PORT": firstPort("supabase"),
  "SUPABASE_API_PORT": firstPort("supabase"),
  "POSTGRES_URL": dependencyKey("postgres", "URL").name,
  "REDIS_URL": dependencyKey("redis", "URL").name,
};

/** Ends of a service's keys in another tool. */
const ENDS: readonly (readonly [RegExp, string])[] = [
  [/^(SERVICE_.+)_START_CMD$/, "CMD"],
  [/^(SERVICE_.+)_PORT_BASE$/, "PORT"],
  [/^(SERVICE_.+)_ENABLE_IF_PATH$/, "ONLY_IF_PATH"],
];

/** Whether a name is written like a key of this part, known or not. */
export function looksLikeKey(name: string): boolean {
  return /^[A-Z][A-Z0-9_]*(?:_ENV__[A-Za-z0-9_]*)?$/.test(name) &&
    !/^REEVE_(?:SYNC|PROJECT)_/.test(name);
}

/** Looks a name up among the keys that count with these services. */
export function lookUpKey(name: string, slugs: readonly string[]): KeyLookup {
  const full = fullName(name);
  const known = knownKeys(slugs);
  const found = known.get(full);
  if (found !== undefined) return { kind: "key", ...found };
  if (slugs.some((slug) => full.startsWith(envPrefix(slug)))) {
    return { kind: "key", name: full, spec: undefined };
  }
  return { kind: "unknown", nearest: nearestName(full, [...known.keys()]) };
}

/** The whole name of a key, as far as it can be told. */
export function fullName(name: string): string {
  const bare = name.replace(/^(?:REEVE|ENVCTL)_/, "");
  const alias = ALIASES[bare];
  if (alias !== undefined) return alias;
  // Behind that mark a person names variables.
  const ends = bare.includes("_ENV__") ? [] : ENDS;
  for (const [pattern, key] of ends) {
    const [, service] = pattern.exec(bare) ?? [];
    if (service !== undefined) return `REEVE_${service}_${key}`;
  }
  return `REEVE_${bare}`;
}

function firstPort(id: Parameters<typeof portKeys>[0]): string {
  return portKeys(id)[0]?.name ?? "";
}
