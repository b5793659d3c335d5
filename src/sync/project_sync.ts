/**
 * A directory as the sync part sees it: its project, its settings, its queue.
 *
 * @module
 */

import { readHead } from "../config/git_origin.ts";
import { findProject, type Project } from "../config/project.ts";
import { type Config, readConfig } from "../config/read_config.ts";
import type { Host } from "../host/host.ts";
import { type StatePaths, statePaths, stateRoot } from "../state/paths.ts";
import {
  type ProjectPaths,
  projectPaths,
  unassignedPath,
} from "../state/project_paths.ts";
import { hashText } from "../queue/envelope.ts";
import type { EnvelopeOrigin } from "../queue/event.ts";
import { ProjectSink } from "../queue/sink.ts";
import type { EventSink } from "../queue/event_sink.ts";
import { openStore, type QueueHost, type Store } from "../queue/store.ts";
import { UnassignedSink } from "../queue/unassigned_sink.ts";
import { type SyncSettings, syncSettings } from "./sync_settings.ts";

/** What is known of a directory before anything is opened. */
export interface SyncPlace {
  /** Files of the state root. */
  readonly paths: StatePaths;
  /** Project, if there is one. */
  readonly project: Project | undefined;
  /** Files of the project, if it has an identity. */
  readonly projectPaths: ProjectPaths | undefined;
  /** Overflow file from before it had one. */
  readonly unassigned: string;
  /** All settings. */
  readonly config: Config;
  /** Those of the sync part. */
  readonly settings: SyncSettings;
}

/** Facts about the commit are read again after so long, in milliseconds. */
const HEAD_FOR_MS = 2000;

/**
 * Looks at a directory; nothing is written.
 *
 * @throws {KnownError} `no_home` without a state root.
 */
export function findPlace(
  host: Pick<Host, "env" | "blocking">,
  cwd: string = host.env.cwd,
): SyncPlace {
  const paths = statePaths(stateRoot(host.env));
  const project = findProject(host, cwd);
  const config = readConfig(host, { root: paths.root, project });
  const { id } = project ?? {};
  return {
    paths,
    project,
    projectPaths: id === undefined ? undefined : projectPaths(paths, id),
    unassigned: unassignedPath(paths, hashText(project?.root ?? cwd)),
    config,
    settings: syncSettings(config),
  };
}

/** The sink for events of a place. */
export function sinkFor(
  host: QueueHost,
  place: SyncPlace,
  onCaptured?: (seq: number) => void,
): EventSink {
  const { project, projectPaths: paths, settings } = place;
  if (project?.id === undefined || paths === undefined) {
    return new UnassignedSink(host, place.unassigned);
  }
  const { durability, limits, overflow } = settings;
  return new ProjectSink(host, {
    root: place.paths.root,
    projectId: project.id,
    paths,
    durability,
    limits,
    overflow,
    adopts: [place.unassigned],
    allowsBackground: settings.autoStart !== false,
    ...(onCaptured === undefined ? {} : { onCaptured }),
  });
}

/** Whether the project of a place has a queue already. */
export function hasQueue(
  host: Pick<QueueHost, "blocking">,
  { projectPaths: paths }: SyncPlace,
): boolean {
  return paths !== undefined && host.blocking.stat(paths.queue) !== undefined;
}

/**
 * Opens the queue of a place.
 *
 * @throws {Error} when there is none or it cannot be opened.
 */
export function openQueue(host: QueueHost, place: SyncPlace): Store {
  const { project, projectPaths: paths, settings } = place;
  if (project?.id === undefined || paths === undefined) {
    throw new TypeError("Cannot open a queue: there is no project");
  }
  const opening = openStore(host, {
    root: place.paths.root,
    projectId: project.id,
    paths,
    durability: settings.durability,
  });
  if (opening.kind === "open") return opening.store;
  throw new Error(`the queue cannot be opened: ${opening.kind}`);
}

/** Says what envelopes may carry; looks at the commit now and then. */
export function originOf(
  host: Pick<Host, "clock" | "blocking">,
  { project, settings }: Pick<SyncPlace, "project" | "settings">,
): () => EnvelopeOrigin {
  const allows = (fact: string) => settings.privacy.includes(fact);
  const wantsHead = allows("branch") || allows("commit");
  let readAt = -Infinity;
  let origin: EnvelopeOrigin | undefined;
  return () => {
    const now = host.clock.elapsed();
    if (origin !== undefined && now - readAt < HEAD_FOR_MS) return origin;
    const head = project === undefined || !wantsHead
      ? undefined
      : readHead(host, project.root);
    readAt = now;
    origin = {
      projectId: project?.id,
      projectSlug: project?.slug ?? null,
      gitBranch: allows("branch") ? head?.branch ?? null : null,
      headCommitSha: allows("commit") ? head?.commit ?? null : null,
      repoSlug: allows("repo") ? project?.slug ?? null : null,
    };
    return origin;
  };
}
