/**
 * What a repository's file says after a change of its settings. Pure: nothing
 * is read or written.
 *
 * @module
 */

import { parseEnvLines, removeLine, setLine } from "../config/env_lines.ts";
import { faultError } from "../config/fault.ts";
import { nearestName } from "../config/nearest.ts";
import { KnownError } from "../errors.ts";
import {
  addToBlock,
  completeBlock,
  contradictingLines,
  managedLines,
  requireLine,
  withoutBlock,
  withoutBlockLines,
  writeBlock,
} from "./managed_block.ts";
import type { EnvironmentSettings } from "./model.ts";
import { envPrefix, isEnvironmentName, knownKeys } from "./settings_names.ts";
import {
  readEnvironmentSettings,
  type ReadSettings,
  settingsError,
} from "./settings_read.ts";

/** One change: a key and its new value, or `undefined` to take it out. */
export interface SettingChange {
  /** `REEVE_SERVICE_API_PORT`. */
  readonly name: string;
  /** Its value without quotes. */
  readonly value: string | undefined;
}

/** A file that may not be there. */
export interface FileText {
  /** Its path, for messages. */
  readonly path: string;
  /** Its text. */
  readonly text: string | undefined;
}

/** What counted so far for a file that says nothing of this part. */
export type Prefill = Pick<ReadSettings, "faults" | "settings">;

/** A key whose value is another one. */
export interface ChangedKey {
  /** The key. */
  readonly name: string;
  /** Its value before; `undefined` for one that did not count. */
  readonly before: string | undefined;
  /** Its value now; `undefined` for one that no longer counts. */
  readonly after: string | undefined;
}

/** What a text says by itself, whatever the environment adds. */
export function readText(path: string, text: string): ReadSettings {
  return readEnvironmentSettings({
    env: { get: () => undefined },
    file: { path, text },
  });
}

/** Whether a text says anything about the environment. */
export function statesSettings(text: string): boolean {
  return parseEnvLines(text).lines.some(({ name }) => isEnvironmentName(name));
}

/**
 * The text with keys set and taken out, all or none. A file that says nothing
 * of this part first gets what counted so far, so that one key does not hide
 * the rest. A block stays complete; every other byte stays.
 *
 * @throws {KnownError} `usage` for an unknown key or a value that it does not
 * take, `damaged_file` for a block without end.
 */
export function changedText(
  { path, text = "" }: FileText,
  changes: readonly SettingChange[],
  prefill?: Prefill,
): string {
  const isFirst = prefill !== undefined && !statesSettings(text);
  if (isFirst && changes.every(({ value }) => value === undefined)) return text;
  if (isFirst) requireSound(prefill, changes);
  const base = isFirst ? writeBlock(text, prefill.settings) : text;
  const next = changes.reduce(applyChange, base);
  requireBetter(path, base, next, changes);
  const read = readText(path, next);
  if (read.faults.length > 0) return next;
  const old = readText(path, base).settings;
  return completeBlock(withoutDropped(next, old, read.settings), read.settings);
}

/** The block holds nothing about services that this change takes out. */
function withoutDropped(
  text: string,
  old: EnvironmentSettings,
  now: EnvironmentSettings,
): string {
  const slugs = now.services.map(({ slug }) => slug);
  const dropped = old.services.map(({ slug }) => slug)
    .filter((slug) => !slugs.includes(slug));
  const kept = knownKeys(slugs);
  const gone = knownKeys(dropped);
  return withoutBlockLines(
    text,
    (name) =>
      (gone.has(name) && !kept.has(name)) ||
      dropped.some((slug) => name.startsWith(envPrefix(slug))),
  );
}

/**
 * The text with the whole managed block. Lines of the person's own that say
 * something else stop it, unless they may be taken out.
 *
 * @throws {KnownError} `usage` for settings that contradict such lines or
 * themselves, `damaged_file` for a block without end.
 */
export function savedText(
  { path, text = "" }: FileText,
  settings: EnvironmentSettings,
  options: { readonly mayRemoveLines?: boolean } = {},
): string {
  const own = options.mayRemoveLines
    ? removeContradictions(text, settings)
    : text;
  const [other] = contradictingLines(own, settings);
  if (other !== undefined) {
    throw new KnownError(
      "usage",
      `Cannot save the settings: ${path} line ${other.line} sets ` +
        `${other.name} to something else`,
      { hint: "Take that line out, or give it the same value." },
    );
  }
  const after = writeBlock(own, settings);
  const error = settingsError(readText(path, after));
  if (error !== undefined) throw error;
  return after;
}

/**
 * The text with these settings. One that states settings already changes where
 * they differ; any other gets the whole block.
 *
 * @throws {KnownError} As {@linkcode changedText} and {@linkcode savedText}.
 */
export function settledText(
  file: FileText,
  settings: EnvironmentSettings,
): string {
  const { path, text = "" } = file;
  if (!statesSettings(text)) return savedText(file, settings);
  const keys = changedKeys(readText(path, text).settings, settings);
  return changedText(
    file,
    keys.map(({ name, after }) => ({ name, value: after })),
  );
}

/** Keys whose values differ, in the order of the block. */
export function changedKeys(
  before: EnvironmentSettings,
  after: EnvironmentSettings,
): readonly ChangedKey[] {
  const old = new Map(managedLines(before));
  const now = new Map(managedLines(after));
  const names = new Set([...now.keys(), ...old.keys()]);
  return [...names].flatMap((name) => {
    const pair = { name, before: old.get(name), after: now.get(name) };
    return pair.before === pair.after ? [] : [pair];
  });
}

function removeContradictions(
  text: string,
  settings: EnvironmentSettings,
): string {
  const names = contradictingLines(text, settings).map(({ name }) => name);
  return [...new Set(names)].reduce(
    // The block is written anew, so that its lines may go with the others.
    removeLine,
    names.length === 0 ? text : withoutBlock(text),
  );
}

function applyChange(text: string, { name, value }: SettingChange): string {
  if (value === undefined) return removeLine(text, name);
  requireLine(name, value);
  const isThere = removeLine(text, name) !== text;
  return isThere
    ? setLine(text, name, value)
    : addToBlock(text, name, value) ?? setLine(text, name, value);
}

/** What stands in for a fault must not be written as if it were meant. */
function requireSound(
  { faults }: Prefill,
  changes: readonly SettingChange[],
): void {
  const error = settingsError({
    faults: faults.filter(({ key }) =>
      changes.every(({ name }) => name !== key)
    ),
  });
  if (error !== undefined) throw error;
}

/** A change may leave faults as they were, but must not add any. */
function requireBetter(
  path: string,
  before: string,
  after: string,
  changes: readonly SettingChange[],
): void {
  const earlier = readText(path, before);
  const old = new Set(earlier.faults.map(({ key }) => key));
  const read = readText(path, after);
  const names = changes.map(({ name }) => name);
  const slugs = [...earlier.settings.services, ...read.settings.services]
    .map(({ slug }) => slug);
  for (const name of names) requireKnown(name, slugs);
  const fault = read.faults.find(({ key }) =>
    !old.has(key) || (key !== undefined && names.includes(key))
  );
  if (fault === undefined) return;
  // The line is one that was never written.
  const place = ` in ${fault.where}:`;
  const where = names.includes(fault.key ?? "") ? ":" : ` in ${path}:`;
  throw faultError({
    ...fault,
    message: fault.message.replace(/^Cannot use /, "Cannot set ")
      .replace(place, where),
    hint: `Nothing was written. ${hintFor(fault.key, names)}`,
  });
}

function hintFor(key: string | undefined, names: readonly string[]): string {
  return key !== undefined && !names.includes(key)
    ? `Set ${key} in the same command.`
    : "Give it a value that it takes.";
}

function requireKnown(name: string, slugs: readonly string[]): void {
  const known = [...knownKeys(slugs).keys()];
  const isOwn = slugs.some((slug) => name.startsWith(envPrefix(slug)));
  if (isOwn || known.includes(name)) return;
  const nearest = nearestName(name, known);
  throw new KnownError("usage", `Cannot set ${name}: there is no such key`, {
    hint: nearest === undefined
      ? unknownHint(name)
      : `Did you mean ${nearest}?`,
  });
}

function unknownHint(name: string): string {
  return name.startsWith("REEVE_SERVICE_")
    ? "A service must be in REEVE_SERVICES; see: reeve show-config"
    : "Every key there is: reeve show-config --json";
}
