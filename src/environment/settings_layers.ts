/**
 * Where settings come from, and which place counts for a key: the environment,
 * then the repository's file, then what another tool's file or the repository
 * itself suggests, then the default.
 *
 * @module
 */

import { checkText } from "../config/check_value.ts";
import type { EnvLine, EnvLines } from "../config/env_lines.ts";
import { type Fault, placeOf } from "../config/fault.ts";
import type { AnyValue } from "../config/key_type.ts";
import { describeAllowed } from "../config/value_text.ts";
import type { Host } from "../host/host.ts";
import type { SettingSpec } from "./service_keys.ts";
import { isEnvironmentName, type NamedKey } from "./settings_names.ts";

/** Which kind of place a value comes from; the first one here wins. */
export type SettingSource = "env" | "file" | "legacy" | "detected" | "default";

/** Where a value comes from. */
export interface SettingOrigin {
  /** The kind of place. */
  readonly source: SettingSource;
  /** The place: `the environment`, `/x/.reeve line 3`, `package.json`. */
  readonly where: string;
  /** The file, if it is in one. */
  readonly file?: string | undefined;
  /** Its line, counted from one. */
  readonly line?: number | undefined;
}

/** Something wrong with the settings of the environment part. */
export type SettingFault = Omit<Fault, "key"> & {
  /** The key, if it is about one alone. */
  readonly key: string | undefined;
};

/** A key's value as somebody wrote it. */
export interface StatedValue {
  /** The key. */
  readonly name: string;
  /** The value, without quotes. */
  readonly text: string;
  /** Who says so. */
  readonly origin: SettingOrigin;
}

/** The environment, as far as settings come from it. */
export type SettingsEnv = Pick<Host["env"], "get" | "names">;

/** All places, ready to be asked. */
export interface Layers {
  /** What counts for a key, unless nobody has set it. */
  readonly find: (name: string) => StatedValue | undefined;
  /** Keys of services' variables that a file or a suggestion sets, in order. */
  readonly variables: readonly string[];
}

/** What a reading finds on its way. */
export interface Reading {
  /** The places. */
  readonly layers: Layers;
  /** What is wrong so far. */
  readonly faults: SettingFault[];
  /** What is odd so far. */
  readonly warnings: string[];
  /** Where each key's value comes from, so far. */
  readonly origins: Map<string, SettingOrigin>;
}

const DEFAULT: SettingOrigin = { source: "default", where: "default" };

/** The values of a file, the last one for each key. */
export function fileValues(
  file: string,
  lines: readonly EnvLine[],
  source: "file" | "legacy",
): readonly StatedValue[] {
  return lines.map(({ line, name, value }) => ({
    name,
    text: value,
    origin: { source, where: placeOf(file, line), file, line },
  }));
}

/** Puts the places in their order; the first list wins over the next ones. */
export function stackLayers(
  env: SettingsEnv,
  lists: readonly (readonly StatedValue[])[],
): Layers {
  const found = new Map<string, StatedValue>();
  for (const list of lists) {
    const last = new Map(list.map((value) => [value.name, value]));
    for (const [name, value] of last) {
      if (!found.has(name)) found.set(name, value);
    }
  }
  const mayBeSet = quickLook(env);
  return {
    variables: [...found.keys()].filter((name) => name.includes("_ENV__")),
    find: (name) => {
      const text = mayBeSet(name) ? env.get(name) : undefined;
      return text === undefined ? found.get(name) : {
        name,
        text,
        origin: { source: "env", where: "the environment" },
      };
    },
  };
}

/**
 * Every service has a dozen keys, and few of them are in an environment: one
 * look at all its names is cheaper than a question for each.
 */
function quickLook({ names }: SettingsEnv): (name: string) => boolean {
  if (names === undefined) return () => true;
  // Windows does not tell upper case from lower case.
  const known = new Set(names.map((name) => name.toUpperCase()));
  return (name) => known.has(name.toUpperCase());
}

/**
 * Reads one key and notes where it comes from. A wrong value is a fault and
 * counts as the default.
 */
export function readKey(
  reading: Reading,
  { name, spec }: NamedKey,
): AnyValue | undefined {
  const stated = reading.layers.find(name);
  reading.origins.set(name, stated?.origin ?? DEFAULT);
  if (stated === undefined) return spec.default;
  if (spec.mayBeEmpty && stated.text.trim() === "") return undefined;
  const checked = checkText(spec, stated.text);
  if (checked.kind === "value") return checked.value;
  addFault(reading, name, `it must be ${allowedText(spec)}`);
  return spec.default;
}

/** Notes that the value of a key cannot be used. */
export function addFault(reading: Reading, key: string, reason: string): void {
  const origin = reading.origins.get(key) ?? DEFAULT;
  reading.faults.push(faultOfKey(key, origin, reason));
}

/** Describes a value that cannot be used. */
export function faultOfKey(
  key: string,
  origin: SettingOrigin,
  reason: string,
): SettingFault {
  const { source, where, file, line } = origin;
  return {
    kind: "bad_value",
    where,
    file,
    line,
    key,
    message: `Cannot use ${key}${
      source === "default" ? "" : ` in ${where}`
    }: ${reason}`,
    hint: source === "default"
      ? `Set it: reeve config set ${key}=…`
      : HINTS[source],
  };
}

/** What a key takes, to follow "must be". */
export function allowedText(spec: SettingSpec): string {
  return describeAllowed(spec) + (spec.mayBeEmpty ? ", or empty" : "");
}

/** Lines of a repository's file that were meant for this part but say nothing. */
export function lineFaults(
  file: string,
  { lines, odd }: EnvLines,
): readonly SettingFault[] {
  const last = new Map(lines.map((line) => [line.name, line]));
  const unread = odd.filter(({ text }) => /REEVE_(?!PROJECT|SYNC)/i.test(text));
  const twice = lines.filter(({ name, value }) =>
    isEnvironmentName(name) && last.get(name)?.value !== value
  );
  return [
    ...unread.map(({ line, reason }): SettingFault => ({
      kind: "unparseable",
      where: placeOf(file, line),
      file,
      line,
      key: undefined,
      message: `Cannot use ${placeOf(file, line)}: ${reason}`,
      hint: HINTS.file,
    })),
    ...twice.map(({ name, line }) => {
      const where = placeOf(file, line);
      const reason = `it is something else in line ${last.get(name)?.line}`;
      return faultOfKey(name, { source: "file", where, file, line }, reason);
    }),
  ];
}

const HINTS: Readonly<Record<Exclude<SettingSource, "default">, string>> = {
  "env": "Correct the variable, or unset it.",
  "file": "Correct the line, or take it out to use the default.",
  "legacy": "Correct the line, or write the settings into .reeve.",
  "detected": "Write the settings into .reeve.",
};
