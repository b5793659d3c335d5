/**
 * Where the events of a project are.
 *
 * @module
 */

import { joinPath } from "../host/path.ts";
import type { StatePaths } from "./paths.ts";

/** UUID of any version but the nil one. */
const PROJECT_ID =
  /^(?!0{8}-)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text may name a project: a lowercase UUID that is not nil. */
export function isProjectId(text: string): boolean {
  return PROJECT_ID.test(text);
}

/** Files of one project below a state root. */
export interface ProjectPaths {
  /** Directory that holds the rest. */
  readonly directory: string;
  /** Queue of events. */
  readonly queue: string;
  /** Events that could not go into the queue yet. */
  readonly overflow: string;
  /** Lock of whoever repairs or drains the queue. */
  readonly lock: string;
  /** Empty file that says: something waits here. */
  readonly pending: string;
}

/**
 * Names below a state root for a project.
 *
 * @throws {TypeError} for an id that could lead elsewhere.
 */
export function projectPaths(
  paths: Pick<StatePaths, "root">,
  projectId: string,
): ProjectPaths {
  if (!isProjectId(projectId)) {
    throw new TypeError(`Cannot name files after "${projectId}"`);
  }
  const directory = joinPath(paths.root, "projects", projectId);
  return {
    directory,
    queue: joinPath(directory, "queue.db"),
    overflow: joinPath(directory, "overflow.jsonl"),
    lock: joinPath(directory, "queue.lock"),
    pending: joinPath(paths.root, "pending", projectId),
  };
}

/** Directory of the files that say where something waits. */
export function pendingDirectory(paths: Pick<StatePaths, "root">): string {
  return joinPath(paths.root, "pending");
}

/** Directory of all projects. */
export function projectsDirectory(paths: Pick<StatePaths, "root">): string {
  return joinPath(paths.root, "projects");
}

/** Events of a directory that has no project identity yet. */
export function unassignedPath(
  paths: Pick<StatePaths, "root">,
  directoryHash: string,
): string {
  return joinPath(
    projectsDirectory(paths),
    "_unassigned",
    `${directoryHash.slice(0, 16)}.jsonl`,
  );
}

/** Random id of this installation. */
export function installIdPath(paths: Pick<StatePaths, "root">): string {
  return joinPath(paths.root, "install-id");
}
