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
import type { Detection } from "./detect_services.ts";
import {
  type LegacyFile,
  readEnvironmentSettings,
  type ReadSettings,
  type SettingsFile,
} from "./settings_read.ts";
import type { SettingsEnv } from "./settings_layers.ts";
import { repositoryKey } from "./settings_names.ts";

/** Name of the file of another tool that settings may be taken from. */
export const LEGACY_FILE = ".envctl";

const MAX_BYTES = 256 * 1024;

/** What {@linkcode loadSettings} needs of the world. */
export interface LoadHost extends Pick<Host, "files"> {
  /** The environment. */
  readonly env: SettingsEnv;
}

/**
 * Whether somebody has written settings down, in a file or in the environment.
 * What was found in a repository is a suggestion.
 */
export function isWrittenDown(
  { origins, source }: Pick<ReadSettings, "origins" | "source">,
): boolean {
  const list = origins.get(repositoryKey("SERVICES").name)?.source;
  return source === "file" || source === "legacy" || list === "env";
}

const NO_VARIABLES: LoadHost["env"] = { get: () => undefined, names: [] };

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
  host: LoadHost,
  project: Pick<Project, "file" | "root">,
): Promise<LoadedSettings> {
  const plain = { env: host.env, ...await readFiles(host, project) };
  const read = readEnvironmentSettings(plain);
  const list = read.origins.get(repositoryKey("SERVICES").name)?.source;
  const isComplete = (list === "env" || list === "file") &&
    read.settings.services.every(({ command }) => command.length > 0);
  if (isComplete) return { ...read, notes: [] };
  const { suggestions, notes } = await detect(host, project);
  return { ...readEnvironmentSettings({ ...plain, suggestions }), notes };
}

/** Everything in a repository that settings may come from. */
export interface RepositorySources extends Detection {
  /** Its own file, if there is one. */
  readonly file: SettingsFile | undefined;
  /** The file of another tool, if there is one. */
  readonly legacy: LegacyFile | undefined;
}

/**
 * Reads everything in a repository that settings may come from, whether it
 * counts or not.
 *
 * @throws {KnownError} As {@linkcode loadSettings}.
 */
export async function loadSources(
  host: Pick<Host, "files">,
  project: Pick<Project, "file" | "root">,
): Promise<RepositorySources> {
  const [files, detection] = await Promise.all([
    readFiles(host, project),
    detect(host, project),
  ]);
  return { ...files, ...detection };
}

async function readFiles(
  host: Pick<Host, "files">,
  { file, root }: Pick<Project, "file" | "root">,
) {
  const [own, legacy] = await Promise.all([
    file === undefined ? undefined : readFile(host, file),
    readFile(host, joinPath(root, LEGACY_FILE)),
  ]);
  return {
    file: own,
    legacy: legacy === undefined ? undefined : await withReader(legacy),
  };
}

async function withReader(file: SettingsFile): Promise<LegacyFile> {
  const { translateLegacy } = await import("./legacy_envctl.ts");
  return { ...file, translate: translateLegacy };
}

async function detect(
  host: Pick<Host, "files">,
  { root }: Pick<Project, "root">,
): Promise<Detection> {
  // Most repositories say all themselves, and every command reads them.
  const [{ readRepositoryFacts }, { detectServices }] = await Promise.all([
    import("./detect_facts.ts"),
    import("./detect_services.ts"),
  ]);
  return detectServices(await readRepositoryFacts(host, root));
}

/**
 * Reads what a repository says by itself, whatever the environment adds: what
 * may be written into its file.
 *
 * @throws {KnownError} As {@linkcode loadSettings}.
 */
export async function loadStatedSettings(
  { files }: Pick<Host, "files">,
  project: Pick<Project, "file" | "root">,
): Promise<LoadedSettings> {
  return await loadSettings({ files, env: NO_VARIABLES }, project);
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
