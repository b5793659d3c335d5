/**
 * The project and queue that a command of `reeve sync` works on.
 *
 * @module
 */

import type { Project } from "../config/project.ts";
import { faultError } from "../config/fault.ts";
import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import {
  openStore,
  openStoreToRead,
  type Store,
  type StoreProblem,
} from "../queue/store.ts";
import type { ProjectPaths } from "../state/project_paths.ts";
import type { DrainHost } from "../sync/drain_options.ts";
import { findPlace, type SyncPlace } from "../sync/project_sync.ts";

/** A project that has an identity. */
export interface IdentifiedProject extends Project {
  /** Its id. */
  readonly id: string;
}

/** A project with its queue. */
export interface OpenProject extends Disposable {
  /** Project, settings, files. */
  readonly place: SyncPlace;
  /** The project. */
  readonly project: IdentifiedProject;
  /** Its files. */
  readonly paths: ProjectPaths;
  /** Its queue. */
  readonly store: Store;
  /** The world, with its database. */
  readonly host: DrainHost;
}

/** The world as queue and delivery see it. */
export async function queueHost(host: Host): Promise<DrainHost> {
  const { clock, random, env, files, blocking, web } = host;
  const databases = await host.databases();
  return { clock, random, env, files, blocking, web, databases };
}

/**
 * The place around the working directory, which must be a project.
 *
 * @throws {KnownError} `not_found` outside of any project.
 */
export function requirePlace(
  host: Pick<Host, "env" | "blocking">,
): SyncPlace & { readonly project: Project } {
  const place = findPlace(host);
  const { project } = place;
  if (project === undefined) {
    throw new KnownError(
      "not_found",
      `Cannot find a project: no .reeve and no .git in ${host.env.cwd} or above`,
      { hint: "Change to a directory of the project." },
    );
  }
  if (project.fault !== undefined) throw faultError(project.fault);
  return { ...place, project };
}

/**
 * Opens the queue of the project around the working directory.
 *
 * @throws {KnownError} when there is no project, no queue, or no way in.
 */
export async function openProject(
  context: { readonly host: Host },
  options: { readonly write: boolean },
): Promise<OpenProject> {
  const place = requirePlace(context.host);
  const { project, projectPaths: paths } = place;
  if (project.id === undefined || paths === undefined) {
    throw new KnownError(
      "not_found",
      `Cannot find the events of ${project.slug}: it has no identity yet`,
      { hint: "Give it one and let its events leave: reeve sync optin" },
    );
  }
  const host = await queueHost(context.host);
  const store = options.write
    ? openToWrite(host, place, { id: project.id, paths })
    : requireStore(
      openStoreToRead(host, { projectId: project.id, paths }),
      paths,
    );
  return {
    place,
    project: { ...project, id: project.id },
    paths,
    store,
    host,
    [Symbol.dispose]: () => store.db.close(),
  };
}

/** Opens a queue to write, and makes it when it is missing. */
export function openToWrite(
  host: DrainHost,
  place: SyncPlace,
  project: { readonly id: string; readonly paths: ProjectPaths },
): Store {
  const opening = openStore(host, {
    root: place.paths.root,
    projectId: project.id,
    paths: project.paths,
    durability: place.settings.durability,
  });
  return requireStore(opening, project.paths);
}

function requireStore(
  opening: { readonly kind: "open"; readonly store: Store } | StoreProblem,
  { queue }: ProjectPaths,
): Store {
  if (opening.kind === "open") return opening.store;
  throw storeError(opening, queue);
}

/** What is wrong with a queue, and what to do. */
export function storeError(problem: StoreProblem, path: string): KnownError {
  switch (problem.kind) {
    case "missing":
      return new KnownError(
        "not_found",
        "No event has been captured here yet",
        {
          hint: "Try: reeve event emit NoteRecorded --text hello",
        },
      );
    case "newer":
      return new KnownError(
        "newer_file",
        `Cannot use ${path}: it has version ${problem.version}`,
        { hint: "It is from a newer reeve: upgrade this one." },
      );
    case "owner_mismatch":
      return new KnownError(
        "unusable",
        `Cannot use ${path}: it belongs to project ${problem.owner}`,
        { hint: "Move the file away; the events in it are the other one's." },
      );
    case "refused":
      return new KnownError(
        problem.error.code === "damaged" ? "damaged_file" : "unreadable",
        `Cannot use ${path}: ${problem.error.code.replaceAll("_", " ")}`,
        { hint: "See: reeve sync doctor", cause: problem.error },
      );
  }
}
