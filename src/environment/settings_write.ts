/**
 * Writes settings of the environment part into a repository's file: single
 * keys, or the whole managed block.
 *
 * @module
 */

import type { Project } from "../config/project.ts";
import { PROJECT_FILE } from "../config/project_file.ts";
import {
  readFileText,
  rewriteFile,
  type Rewritten,
  type WriteHost,
} from "../config/rewrite_file.ts";
import { KnownError } from "../errors.ts";
import { joinPath } from "../host/path.ts";
import type { EnvironmentSettings } from "./model.ts";
import {
  changedText,
  type FileText,
  type Prefill,
  savedText,
  type SettingChange,
} from "./settings_change.ts";

type Where = Pick<Project, "file" | "root">;

/** What becomes of a file, as a function of its text. */
export type SettingsEdit = (file: FileText) => string;

/** What became, or would become, of the file. */
export interface SettingsEdited {
  /** Its path. */
  readonly path: string;
  /** Its text before; `undefined` for one that was not there. */
  readonly before: string | undefined;
  /** Its text now. */
  readonly after: string;
  /** Whether that differs; with `isDryRun` nothing was written even so. */
  readonly outcome: Rewritten;
}

/**
 * Edits the file of a repository, or only says what would become of it.
 *
 * @throws {KnownError} what the edit throws, then nothing was written;
 * `damaged_file`, `unreadable` or `unusable` for a file that cannot be
 * changed.
 */
export async function editSettings(
  host: WriteHost,
  project: Where,
  edit: SettingsEdit,
  options: { readonly isDryRun?: boolean } = {},
): Promise<SettingsEdited> {
  const path = settingsPath(project);
  const apply = (before: string | undefined): SettingsEdited => {
    const after = inFile(path, () => edit({ path, text: before }));
    const isSame = after === (before ?? "");
    return { path, before, after, outcome: isSame ? "unchanged" : "changed" };
  };
  if (options.isDryRun) {
    const target = await host.files.realPath(path);
    return apply(await readFileText(host, target));
  }
  let edited: SettingsEdited | undefined;
  await rewriteFile(host, path, (before) => {
    edited = apply(before);
    return edited.outcome === "changed" ? edited.after : undefined;
  });
  if (edited === undefined) throw new TypeError("the file was not edited");
  return edited;
}

/** What is wrong with the block of a text is wrong with a file. */
function inFile<T>(path: string, edit: () => T): T {
  try {
    return edit();
  } catch (error) {
    const isDamaged = error instanceof KnownError &&
      error.code === "damaged_file";
    if (!isDamaged) throw error;
    const { cause, hint = "" } = error;
    const message = error.message.replace("the settings", path);
    throw new KnownError("damaged_file", message, { cause, hint });
  }
}

/**
 * Sets and takes out keys, all or none.
 *
 * @param prefill what counted so far, for a file that says nothing.
 * @throws {KnownError} `usage` for an unknown key or a value that it does not
 * take, and as {@linkcode editSettings}.
 */
export async function changeSettings(
  host: WriteHost,
  project: Where,
  changes: readonly SettingChange[],
  prefill?: Prefill,
): Promise<Rewritten> {
  const { outcome } = await editSettings(
    host,
    project,
    (file) => changedText(file, changes, prefill),
  );
  return outcome;
}

/**
 * Writes the managed block. Lines of the person's own that say something else
 * stop it, unless they may be taken out.
 *
 * @throws {KnownError} `usage` for settings that contradict such lines or
 * themselves, and as {@linkcode editSettings}.
 */
export async function saveSettings(
  host: WriteHost,
  project: Where,
  settings: EnvironmentSettings,
  options: { readonly mayRemoveLines?: boolean } = {},
): Promise<Rewritten> {
  const { outcome } = await editSettings(
    host,
    project,
    (file) => savedText(file, settings, options),
  );
  return outcome;
}

/** Path of a repository's file, whether it is there or not. */
export function settingsPath({ file, root }: Where): string {
  return file ?? joinPath(root, PROJECT_FILE);
}
