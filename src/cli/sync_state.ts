/**
 * Everything `reeve sync status` shows, gathered without a network and without
 * a change.
 *
 * @module
 */

import { readEnvToken } from "../auth/env_token.ts";
import { sessionState } from "../auth/session.ts";
import { readSession } from "../auth/token_store.ts";
import type { Project } from "../config/project.ts";
import type { Origin } from "../config/read_config.ts";
import type { Host } from "../host/host.ts";
import { fillOf } from "../queue/capacity.ts";
import { type Consent, readConsent } from "../queue/consent.ts";
import { countQueue, type QueueCounts } from "../queue/counts.ts";
import { LEASE_MS, type LeaseHolder, readHolder } from "../queue/lease.ts";
import { overflowBytes } from "../queue/overflow.ts";
import { openStoreToRead, type StoreProblem } from "../queue/store.ts";
import { readTarget, type Target } from "../queue/target.ts";
import type { SyncPlace } from "../sync/project_sync.ts";

/** What is known of the sign-in without asking anybody. */
export type SignIn =
  | "active"
  | "env"
  | "expired"
  | "none"
  | "refreshable"
  | "unreadable";

/** The queue of a project. */
export interface QueueState {
  readonly counts: QueueCounts;
  readonly consent: Consent;
  readonly target: Target;
  /** How full it is, where 1 is full. */
  readonly fill: number;
  /** Who delivers right now, if anybody does. */
  readonly holder: LeaseHolder | undefined;
}

/** Everything about one place. */
export interface SyncState {
  readonly place: SyncPlace;
  readonly project: Project | undefined;
  readonly signIn: SignIn;
  readonly server: string | undefined;
  readonly serverOrigin: Origin;
  /** The queue, or why there is none. */
  readonly queue: QueueState | StoreProblem;
  /** Bytes from before the directory was a project. */
  readonly unassignedBytes: number;
}

type StateHost = Pick<
  Host,
  "blocking" | "clock" | "databases" | "env" | "files" | "processes"
>;

/** Gathers it. */
export async function readSyncState(
  host: StateHost,
  place: SyncPlace,
): Promise<SyncState> {
  const { project, settings, config } = place;
  return {
    place,
    project,
    signIn: await readSignIn(host, place),
    server: settings.serverUrl,
    serverOrigin: config.origin(
      settings.mode === "external"
        ? "sync.external.endpoint"
        : "sync.server_url",
    ),
    queue: await readQueue(host, place),
    unassignedBytes: overflowBytes(host, place.unassigned),
  };
}

async function readQueue(
  host: StateHost,
  place: SyncPlace,
): Promise<QueueState | StoreProblem> {
  const { project, projectPaths: paths, settings } = place;
  if (project?.id === undefined || paths === undefined) {
    return { kind: "missing" };
  }
  const databases = await host.databases();
  const { blocking } = host;
  const opening = openStoreToRead({ blocking, databases }, {
    projectId: project.id,
    paths,
  });
  if (opening.kind !== "open") return opening;
  const { store } = opening;
  try {
    const counts = countQueue(host, store);
    const { liveRows: rows, liveBytes: bytes } = counts;
    return {
      counts,
      consent: readConsent(store),
      target: readTarget(store),
      fill: fillOf({ rows, bytes }, settings.limits),
      holder: counts.inflight > 0
        ? await liveHolder(host, readHolder(store))
        : undefined,
    };
  } finally {
    store.db.close();
  }
}

/** A holder that has said nothing for long, or whose process ended, is gone. */
async function liveHolder(
  host: Pick<Host, "clock" | "processes">,
  holder: LeaseHolder | undefined,
): Promise<LeaseHolder | undefined> {
  if (holder === undefined) return undefined;
  const left = holder.expires_at - host.clock.now();
  if (left <= 0 || left > LEASE_MS) return undefined;
  const seen = await host.processes.inspect([holder.pid]);
  const isGone = seen.get(holder.pid)?.kind === "gone";
  return isGone ? undefined : holder;
}

async function readSignIn(
  host: Pick<Host, "clock" | "env" | "files">,
  { paths }: SyncPlace,
): Promise<SignIn> {
  const given = readEnvToken(host.env);
  if (given.kind === "token") return "env";
  const state = sessionState(await readSession(host, paths), host.clock.now());
  switch (state) {
    case "active":
    case "refreshable":
    case "expired":
    case "unreadable":
      return state;
    default:
      return "none";
  }
}
