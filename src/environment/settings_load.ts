/**
 * Reads the settings of the repository that a command is about, with whatever
 * they may come from.
 *
 * @module
 */

import { faultError, faultOfFile } from "../config/fault.ts";
import type { Project } from "../config/project.ts";
import { type Host, HostError } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import { readRepositoryFacts } from "./detect_facts.ts";
import { detectServices } from "./detect_services.ts";
import {
  readEnvironmentSettings,
  type ReadSettings,
  type SettingsFile,
} from "./settings_read.ts";
import { repositoryKey } from "./settings_names.ts";

/** Name of the file of another tool that settings may be taken from. */
export const LEGACY_FILE = ".envctl";

const MAX_BYTES = 256 * 1024;

/** Settings, and what was seen besides. */
export interface LoadedSettings extends ReadSettings {
  /** What was seen but is nothing to start, as sentences. */
  readonly notes: readonly string[];
}

/**
 * Reads the settings of a repository. It looks for suggestions only where the
 * file does not list the services.
 *
 * @throws {KnownError} `unreadable` for a file that is there and cannot be
 * read.
 */
export async function loadSettings(
  host: Pick<Host, "env" | "files">,
  project: Pick<Project, "file" | "root">,
): Promise<LoadedSettings> {
  const { root } = project;
  const [file, legacy] = await Promise.all([
    project.file === undefined ? undefined : readFile(host, project.file),
    readFile(host, joinPath(root, LEGACY_FILE)),
  ]);
  const plain = { env: host.env, file, legacy };
  const read = readEnvironmentSettings(plain);
  const list = read.origins.get(repositoryKey("SERVICES").name)?.source;
  const isComplete = (list === "env" || list === "file") &&
    read.settings.services.every(({ command }) => command.length > 0);
  if (isComplete) return { ...read, notes: [] };
  const { suggestions, notes } = detectServices(
    await readRepositoryFacts(host, root),
  );
  return { ...readEnvironmentSettings({ ...plain, suggestions }), notes };
}

async function readFile(
  host: Pick<Host, "files">,
  path: string,
): Promise<SettingsFile | undefined> {
  try {
    return { path, text: await host.files.readText(path, MAX_BYTES) };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.code === "not_found") return undefined;
    const reason = error.code.replaceAll("_", " ");
    throw faultError(faultOfFile("unreadable", path, reason));
  }
}
