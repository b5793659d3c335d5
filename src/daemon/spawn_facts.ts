/**
 * What an argument vector proves about a daemon.
 *
 * @module
 */

import type { Family } from "./family.ts";

/** An argument vector read for one family; holds the token it may carry. */
export interface SpawnReading {
  /** The family whose shape matched. */
  readonly family: Family | undefined;
  /** Scope root as the marker spells it; absent when empty or missing. */
  readonly marker: string | undefined;
  /** Port that the argument vector names. */
  readonly port: number | undefined;
  /** Control token that the argument vector shows to everybody. Secret. */
  readonly token: string | undefined;
}

const NO_SHAPE: SpawnReading = {
  family: undefined,
  marker: undefined,
  port: undefined,
  token: undefined,
};

/** Reads an argument vector with the first family whose shape it has. */
export function readSpawn(
  argv: readonly string[],
  families: readonly Family[],
): SpawnReading {
  for (const family of families) {
    const reading = matchShape(argv, family);
    if (reading !== undefined) return reading;
  }
  return NO_SHAPE;
}

function matchShape(
  argv: readonly string[],
  family: Family,
): SpawnReading | undefined {
  return family.spawn.kind === "words"
    ? matchWords(argv, family, family.spawn.words)
    : matchScript(argv, family, family.spawn.call);
}

function matchWords(
  argv: readonly string[],
  family: Family,
  [first, second]: readonly [string, string],
): SpawnReading | undefined {
  let unmarked: SpawnReading | undefined;
  for (let at = 0; at + 1 < argv.length; at++) {
    if (argv[at] !== first || argv[at + 1] !== second) continue;
    const reading = { ...NO_SHAPE, family };
    const marker = suffixOf(argv[at + 2], family.marker);
    if (marker !== undefined) return { ...reading, marker };
    unmarked ??= reading;
  }
  return unmarked;
}

function matchScript(
  argv: readonly string[],
  family: Family,
  call: string,
): SpawnReading | undefined {
  const isScript = argv.some((word, at) =>
    word === "-c" && argv[at + 1]?.includes(call) === true
  );
  if (!isScript) return undefined;
  const text = argv.find((word) => callPattern(call).test(word)) ?? "";
  const match = callPattern(call).exec(text);
  const port = match?.[1];
  const marked = argv.find((word) => startsWith(word, family.marker));
  return {
    family,
    marker: suffixOf(marked, family.marker),
    port: port === undefined ? undefined : Number(port),
    token: match?.[2] || undefined,
  };
}

function callPattern(call: string): RegExp {
  return new RegExp(`${call}\\(\\s*(\\d{1,5})\\s*(?:,\\s*['"]([^'"]*)['"])?`);
}

function startsWith(word: string, prefix: string | undefined): boolean {
  return prefix !== undefined && word.startsWith(prefix);
}

/** What follows the prefix; an empty marker counts as no marker. */
function suffixOf(
  word: string | undefined,
  prefix: string | undefined,
): string | undefined {
  if (word === undefined || prefix === undefined) return undefined;
  return word.startsWith(prefix)
    ? word.slice(prefix.length) || undefined
    : undefined;
}

/**
 * An argument vector that may be shown: quoted strings in scripts, long
 * hexadecimal words and values of secret-looking options are replaced.
 */
export function redactArgv(argv: readonly string[]): readonly string[] {
  return argv.map((word) =>
    word
      .replace(/(run_\w+\(\s*\d+\s*,\s*)(['"])[^'"]*\2/g, "$1$2<redacted>$2")
      .replace(/\b[0-9a-fA-F]{32,}\b/g, "<redacted>")
      .replace(
        /((?:token|secret|password|authorization|api[-_]?key)[=:]\s*)\S+/gi,
        "$1<redacted>",
      )
  );
}
