/**
 * Which project a directory belongs to, and who the project is.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { absolutePath, baseName, joinPath, parentPath } from "../host/path.ts";
import { stateRoot } from "../state/paths.ts";
import { isProjectId } from "../state/project_paths.ts";
import { type Fault, faultError, faultOfFile } from "./fault.ts";
import { readOriginName } from "./git_origin.ts";
import { setLine } from "./env_lines.ts";
import {
  ID_LINE,
  parseProjectFile,
  PROJECT_FILE,
  type ProjectFile,
  readProjectFile,
  SLUG_LINE,
} from "./project_file.ts";
import { rewriteFile, type WriteHost } from "./rewrite_file.ts";
import { isSlug, slugOf } from "./slug.ts";

/** A project: a directory tree with one identity. */
export interface Project {
  /** Its root. */
  readonly root: string;
  /** Its file, `.reeve`, if there is one. */
  readonly file?: string | undefined;
  /** Its id, a UUID, if it has one that can be used. */
  readonly id?: string | undefined;
  /** Its short name. */
  readonly slug: string;
  /** What is wrong with its file or its id. */
  readonly fault?: Fault | undefined;
}

/** What documents say of the project around a command. */
export interface ProjectFields {
  /** Its id, a UUID; `null` before it has one. */
  readonly "project_id": string | null;
  /** Its name for people; `null` where there is no project. */
  readonly "project_slug": string | null;
  /** Its directory; `null` where there is no project. */
  readonly "project_root": string | null;
}

/** The same of a project, if there is one. */
export function projectFields(project: Project | undefined): ProjectFields {
  return {
    "project_id": project?.id ?? null,
    "project_slug": project?.slug ?? null,
    "project_root": project?.root ?? null,
  };
}

type ProjectHost = Pick<Host, "env" | "blocking">;
type MintHost = WriteHost & Pick<Host, "blocking" | "random">;

const FIRST_LINE =
  "# What Reeve knows of this project; share it with the code.\n";

const NIL = /^[0-]+$/;

/**
 * Finds the project of a directory: the nearest directory above with `.reeve`,
 * else the nearest with `.git`.
 */
export function findProject(
  host: ProjectHost,
  cwd: string,
): Project | undefined {
  const directories = upwards(absolutePath(host.env.cwd, cwd));
  const root = directories.find((directory) => hasFile(host, directory)) ??
    directories.find((directory) => kindOf(host, directory, ".git"));
  return root === undefined ? undefined : readProject(host, root);
}

/** Reads who the project in a directory is. */
export function readProject(host: ProjectHost, root: string): Project {
  const derive = () => slugOf(readOriginName(host, root), baseName(root));
  const path = joinPath(root, PROJECT_FILE);
  const isThere = kindOf(host, root, PROJECT_FILE) !== undefined;
  if (!isThere || isStateRoot(host, path)) return { root, slug: derive() };
  const file = readProjectFile(host, path);
  const id = checkId(path, file);
  const slug = checkSlug(path, file);
  return {
    root,
    file: path,
    id: file.fault === undefined ? id.value : undefined,
    slug: slug.value ?? derive(),
    fault: file.fault ?? id.fault ?? slug.fault,
  };
}

/**
 * Gives a project an id unless it has one, and writes it to its file. The
 * first of several writers wins.
 *
 * @throws {KnownError} `unusable` where the checkout cannot be written to;
 * `usage`, `damaged_file` or `unreadable` for a file with a fault.
 */
export async function mintProjectId(
  host: MintHost,
  project: Project,
): Promise<Project> {
  if (project.id !== undefined) return project;
  return await writeId(host, project, (path, file) => {
    const { value, fault } = checkId(path, file);
    if (fault !== undefined) throw faultError(fault);
    return value === undefined;
  });
}

/**
 * Gives a project a new id in place of the one it has, as a fork needs it.
 *
 * @throws {KnownError} as {@linkcode mintProjectId}, but not for a wrong id.
 */
export async function rekeyProject(
  host: MintHost,
  project: Project,
): Promise<Project> {
  return await writeId(host, project, () => true);
}

async function writeId(
  host: MintHost,
  { root }: Project,
  isWanted: (path: string, file: ProjectFile) => boolean,
): Promise<Project> {
  const path = joinPath(root, PROJECT_FILE);
  await rewriteFile(host, path, (text) => {
    const file = parseProjectFile(path, text ?? "");
    if (file.fault !== undefined) throw faultError(file.fault);
    if (!isWanted(path, file)) return undefined;
    return setLine(text ?? FIRST_LINE, ID_LINE, randomUuid(host));
  });
  return readProject(host, root);
}

/** A random UUID, version 4. */
function randomUuid({ random }: Pick<Host, "random">): string {
  const hex = random.hex(16);
  const variant = (Number.parseInt(hex.slice(0, 1), 16) & 3 | 8).toString(16);
  const id = [
    hex.slice(24),
    hex.slice(20, 24),
    `4${hex.slice(17, 20)}`,
    variant + hex.slice(1, 4),
    hex.slice(4, 16),
  ].join("-");
  return isProjectId(id) ? id : randomUuid({ random });
}

function upwards(directory: string): readonly string[] {
  const found = [directory];
  for (let at = directory; parentPath(at) !== at;) {
    at = parentPath(at);
    found.push(at);
  }
  return found;
}

/**
 * A directory of that name is a state root, or else a mistake that counts only
 * where a project is for certain.
 */
function hasFile(host: ProjectHost, directory: string): boolean {
  const kind = kindOf(host, directory, PROJECT_FILE);
  return kind !== undefined && kind !== "directory";
}

function kindOf(host: ProjectHost, directory: string, name: string) {
  try {
    return host.blocking.stat(joinPath(directory, name))?.kind;
  } catch (error) {
    // Where we may not look, nothing can be ours.
    if (error instanceof HostError) return undefined;
    throw error;
  }
}

function isStateRoot({ env }: ProjectHost, path: string): boolean {
  const home = env.home === undefined ? [] : [joinPath(env.home, ".reeve")];
  const stated = env.get("REEVE_HOME") === undefined ? [] : [stateRoot(env)];
  return [...home, ...stated].some((root) =>
    absolutePath(env.cwd, root) === path
  );
}

interface Checked {
  readonly value?: string;
  readonly fault?: Fault;
}

function checkId(path: string, { lines }: ProjectFile): Checked {
  const found = lines.get(ID_LINE);
  if (found === undefined) return {};
  const id = found.value.toLowerCase();
  if (isProjectId(id)) return { value: id };
  const reason = NIL.test(id)
    ? `${ID_LINE} is the nil UUID, which belongs to nobody`
    : `${ID_LINE} must be a UUID`;
  return { fault: faultOfFile("bad_value", path, reason, found.line) };
}

function checkSlug(path: string, { lines }: ProjectFile): Checked {
  const found = lines.get(SLUG_LINE);
  if (found === undefined) return {};
  if (isSlug(found.value)) return { value: found.value };
  const reason =
    `${SLUG_LINE} must be lower-case words of letters and digits with - between`;
  return { fault: faultOfFile("bad_value", path, reason, found.line) };
}
