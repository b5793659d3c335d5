/**
 * Writes settings of the environment part into a repository's file: single
 * keys, or the whole managed block.
 *
 * @module
 */

import { removeLine, setLine } from "../config/env_lines.ts";
import { faultError } from "../config/fault.ts";
import { nearestName } from "../config/nearest.ts";
import type { Project } from "../config/project.ts";
import { PROJECT_FILE } from "../config/project_file.ts";
import {
  rewriteFile,
  type Rewritten,
  type WriteHost,
} from "../config/rewrite_file.ts";
import { KnownError } from "../errors.ts";
import { joinPath } from "../host/path.ts";
import {
  addToBlock,
  contradictingLines,
  requireLine,
  withoutBlock,
  writeBlock,
} from "./managed_block.ts";
import type { EnvironmentSettings } from "./model.ts";
import { envPrefix, knownKeys } from "./settings_names.ts";
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

type Where = Pick<Project, "file" | "root">;

/**
 * Sets and takes out keys, all or none.
 *
 * @throws {KnownError} `usage` for an unknown key or a value that it does not
 * take, `damaged_file` or `unreadable` for a file that cannot be changed.
 */
export async function changeSettings(
  host: WriteHost,
  project: Where,
  changes: readonly SettingChange[],
): Promise<Rewritten> {
  const path = fileOf(project);
  return await rewriteFile(host, path, (text) => {
    const before = text ?? "";
    const after = changes.reduce(applyChange, before);
    requireBetter(path, before, after, changes);
    return after === "" && text === undefined ? undefined : after;
  });
}

/**
 * Writes the managed block. Lines of the person's own that say something else
 * stop it, unless they may be taken out.
 *
 * @throws {KnownError} `usage` for settings that contradict such lines or
 * themselves, `damaged_file` or `unreadable` for a file that cannot be changed.
 */
export async function saveSettings(
  host: WriteHost,
  project: Where,
  settings: EnvironmentSettings,
  options: { readonly mayRemoveLines?: boolean } = {},
): Promise<Rewritten> {
  const path = fileOf(project);
  return await rewriteFile(host, path, (text) => {
    const before = text ?? "";
    const own = options.mayRemoveLines
      ? removeContradictions(before, settings)
      : before;
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

/** A change may leave faults as they were, but must not add any. */
function requireBetter(
  path: string,
  before: string,
  after: string,
  changes: readonly SettingChange[],
): void {
  const old = new Set(readText(path, before).faults.map(({ key }) => key));
  const read = readText(path, after);
  const names = changes.map(({ name }) => name);
  const slugs = read.settings.services.map(({ slug }) => slug);
  for (const name of names) requireKnown(name, slugs);
  const fault = read.faults.find(({ key }) =>
    !old.has(key) || (key !== undefined && names.includes(key))
  );
  if (fault === undefined) return;
  throw faultError({
    ...fault,
    message: fault.message.replace(/^Cannot use /, "Cannot set "),
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
      ? "A service must be in REEVE_SERVICES; see: reeve show-config"
      : `Did you mean ${nearest}?`,
  });
}

/** What a text says by itself, whatever the environment adds. */
function readText(path: string, text: string): ReadSettings {
  return readEnvironmentSettings({
    env: { get: () => undefined },
    file: { path, text },
  });
}

function fileOf({ file, root }: Where): string {
  return file ?? joinPath(root, PROJECT_FILE);
}
