/**
 * The disk below a queue, and who may use the files on it. Changes nothing.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { joinPath, parentPath } from "../host/path.ts";
import { installIdPath, projectsDirectory } from "../state/project_paths.ts";
import type { SyncPlace } from "../sync/project_sync.ts";
import type { LooseMode } from "./doctor_facts.ts";

/** The disk and the files on it. */
export interface DiskFacts {
  /** Where events are kept. */
  readonly directory: string;
  /** Bytes that may still be written there, where that is known. */
  readonly freeBytes: number | undefined;
  /** Whether it is on a network file system, where that is known. */
  readonly isRemote: boolean | undefined;
  /** Files and directories that others may use. */
  readonly looseModes: readonly LooseMode[];
  /** Why the modes could not be looked at. */
  readonly modeProblem: string | undefined;
  /** Damaged queues that were put aside. */
  readonly setAside: readonly string[];
  /** Bytes in the log of the queue that are not in the queue itself. */
  readonly walBytes: number;
}

const PRIVATE_DIRECTORY = 0o700;
const PRIVATE_FILE = 0o600;
const SET_ASIDE = /^queue\.corrupt-.*\.db$/;

/** Looks at the disk. */
export async function readDiskFacts(
  host: Pick<Host, "blocking" | "env" | "files">,
  place: SyncPlace,
): Promise<DiskFacts> {
  const { paths, projectPaths } = place;
  const directory = existing(host, projectPaths?.directory ?? paths.root);
  const modes = await findLooseModes(host, place);
  return {
    directory,
    freeBytes: host.blocking.freeBytes(directory),
    isRemote: host.blocking.isRemote(directory),
    looseModes: modes.loose,
    modeProblem: modes.problem,
    setAside: projectPaths === undefined
      ? []
      : listQuietly(host, projectPaths.directory)
        .filter((name) => SET_ASIDE.test(name))
        .map((name) => joinPath(projectPaths.directory, name)),
    walBytes: projectPaths === undefined
      ? 0
      : sizeOf(host, `${projectPaths.queue}-wal`),
  };
}

/** The nearest directory that is there already. */
function existing(host: Pick<Host, "blocking">, path: string): string {
  const isThere = quietly(() => host.blocking.stat(path)) !== undefined;
  const parent = parentPath(path);
  return isThere || parent === path ? path : existing(host, parent);
}

function listQuietly(
  host: Pick<Host, "blocking">,
  directory: string,
): readonly string[] {
  return quietly(() => host.blocking.list(directory)) ?? [];
}

function sizeOf(host: Pick<Host, "blocking">, path: string): number {
  return quietly(() => host.blocking.stat(path))?.size ?? 0;
}

/** What the machine refuses to tell shows in the check of the queue itself. */
function quietly<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}

interface Modes {
  readonly loose: readonly LooseMode[];
  readonly problem: string | undefined;
}

async function findLooseModes(
  host: Pick<Host, "env" | "files">,
  place: SyncPlace,
): Promise<Modes> {
  if (host.env.os === "windows") return { loose: [], problem: undefined };
  const loose: LooseMode[] = [];
  let problem: string | undefined;
  for (const path of namesOf(place)) {
    try {
      const facts = await host.files.stat(path);
      if (facts?.mode === undefined) continue;
      const { mode, kind } = facts;
      const expected = kind === "directory" ? PRIVATE_DIRECTORY : PRIVATE_FILE;
      const isLoose = (mode & ~expected & 0o777) !== 0;
      if (isLoose) loose.push({ path, mode: mode & 0o777, expected });
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      problem = error.message;
    }
  }
  return { loose, problem };
}

/** The sign-in is looked at by whoever reads it. */
function namesOf({ paths, projectPaths, unassigned }: SyncPlace): string[] {
  const own = projectPaths === undefined ? [] : [
    projectPaths.directory,
    projectPaths.queue,
    `${projectPaths.queue}-wal`,
    `${projectPaths.queue}-shm`,
    projectPaths.overflow,
  ];
  return [
    paths.root,
    paths.config,
    installIdPath(paths),
    projectsDirectory(paths),
    unassigned,
    ...own,
  ];
}
