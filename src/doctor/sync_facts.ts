/**
 * Gathers what the doctor of delivery reports on. Changes nothing, and asks no
 * server unless it is told to.
 *
 * @module
 */

import { readEnvToken } from "../auth/env_token.ts";
import type { Fault } from "../config/fault.ts";
import type { Origin } from "../config/read_config.ts";
import { daemonContext } from "../daemon/context.ts";
import { readCurrent } from "../daemon/current.ts";
import { isTruthy } from "../daemon/start_gate.ts";
import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import { overflowBytes } from "../queue/overflow.ts";
import type { SyncPlace } from "../sync/project_sync.ts";
import type { SyncSettings } from "../sync/sync_settings.ts";
import { readSessionFacts, type SessionFacts } from "./session_facts.ts";
import { type DiskFacts, readDiskFacts } from "./sync_disk_facts.ts";
import { type QueueFacts, readQueueFacts } from "./sync_queue_facts.ts";
import { askServer, type ServerFacts } from "./sync_server_facts.ts";

/** A fact, or why it could not be learned. */
export type Known<T> = T | { readonly unknown: string };

/** Whether a fact could not be learned. */
export function isUnknown<T>(
  fact: Known<T>,
): fact is { readonly unknown: string } {
  return typeof fact === "object" && fact !== null && "unknown" in fact;
}

/** The project of the directory. */
export interface ProjectFacts {
  /** Its short name. */
  readonly slug: string;
  /** Its root. */
  readonly root: string;
  /** Its id, if it has one. */
  readonly id: string | undefined;
  /** What is wrong with its file. */
  readonly fault: Fault | undefined;
}

/** Whether a daemon delivers in the background. */
export type DaemonFacts =
  | { readonly kind: "none" }
  | { readonly kind: "healthy"; readonly pid: number }
  | { readonly kind: "unhealthy"; readonly reason: string };

/** What delivery signs its requests with. */
export interface SignInFacts {
  /** The stored session and the variable; absent without both. */
  readonly session: SessionFacts | undefined;
  /** Whether `REEVE_TOKEN` is set and holds no token. */
  readonly isEnvDamaged: boolean;
  /** Variable of a receiver of the person's own; `null` if none is named. */
  readonly externalVariable: string | null;
  /** Whether that one is set. */
  readonly hasExternalToken: boolean;
}

/** Everything that the doctor of delivery looks at. */
export interface SyncFacts {
  /** Time of the report in epoch milliseconds. */
  readonly generatedAt: number;
  /** Operating system. */
  readonly os: Host["env"]["os"];
  /** Canonical names of what is looked at. */
  readonly files: {
    /** State root. */
    readonly root: string;
    /** Directory of the sign-in. */
    readonly auth: string;
    /** The sign-in. */
    readonly session: string;
    /** Queue of the project, if it has an identity. */
    readonly queue: string | undefined;
  };
  /** The project; absent where there is none. */
  readonly project: ProjectFacts | undefined;
  /** Settings that delivery follows. */
  readonly settings: SyncSettings;
  /** Whether programs may start the daemon. */
  readonly daemonPolicy: string;
  /** Where the server comes from. */
  readonly serverOrigin: Origin;
  /** What is wrong with the settings. */
  readonly faults: readonly Fault[];
  /** What is odd about them. */
  readonly warnings: readonly string[];
  /** Whether `REEVE_SYNC_DISABLE` is set. */
  readonly isDisabled: boolean;
  /** The disk and the files on it. */
  readonly disk: DiskFacts;
  /** The sign-in. */
  readonly signIn: Known<SignInFacts>;
  /** The queue. */
  readonly queue: QueueFacts;
  /** Bytes of events from before the directory was a project. */
  readonly unassignedBytes: number;
  /** The daemon. */
  readonly daemon: Known<DaemonFacts>;
  /** What the server says; absent when it was not asked. */
  readonly server: ServerFacts | undefined;
}

/** What looking needs of the world. */
export type SyncDoctorHost = Omit<Host, "terminal">;

/** Gathers the facts of one report. */
export async function collectSyncFacts(
  host: SyncDoctorHost,
  place: SyncPlace,
  options: { readonly asksServer: boolean },
): Promise<SyncFacts> {
  const { paths, projectPaths, settings, config } = place;
  const { root, auth, session } = paths;
  const [disk, signIn, queue, daemon, server] = await Promise.all([
    readDiskFacts(host, place),
    readSignIn(host, place),
    readQueueFacts(host, place),
    readDaemon(host),
    options.asksServer ? askServer(host, place) : undefined,
  ]);
  return {
    generatedAt: host.clock.now(),
    os: host.env.os,
    files: { root, auth, session, queue: projectPaths?.queue },
    project: projectOf(place),
    settings,
    daemonPolicy: config.get("sync.daemon"),
    serverOrigin: config.origin(
      settings.mode === "external"
        ? "sync.external.endpoint"
        : "sync.server_url",
    ),
    faults: config.faults,
    warnings: config.warnings,
    isDisabled: isTruthy(host.env.get("REEVE_SYNC_DISABLE")),
    disk,
    signIn,
    queue,
    unassignedBytes: overflowBytes(host, place.unassigned),
    daemon,
    server,
  };
}

function projectOf({ project }: SyncPlace): ProjectFacts | undefined {
  if (project === undefined) return undefined;
  const { slug, root, id, fault } = project;
  return { slug, root, id, fault };
}

async function readSignIn(
  host: SyncDoctorHost,
  { paths, config }: SyncPlace,
): Promise<Known<SignInFacts>> {
  const variable = config.get("sync.external.auth_env");
  return await learn(async () => ({
    session: await readSessionFacts(host, paths),
    isEnvDamaged: readEnvToken(host.env).kind === "damaged",
    externalVariable: variable ?? null,
    hasExternalToken: variable !== undefined &&
      host.env.get(variable) !== undefined,
  }));
}

/** How long a daemon may take to answer, in milliseconds. */
const DAEMON_LIMITS_MS = [500];

async function readDaemon(host: SyncDoctorHost): Promise<Known<DaemonFacts>> {
  return await learn(async () => {
    const context = await daemonContext(host);
    const current = await readCurrent(host, context, DAEMON_LIMITS_MS);
    switch (current.kind) {
      case "none":
        return { kind: "none" };
      case "healthy":
        return { kind: "healthy", pid: current.state.pid };
      case "unhealthy":
        return { kind: "unhealthy", reason: current.reason };
    }
  });
}

/** What the machine or the person's settings refuse to tell is unknown. */
async function learn<T>(look: () => Promise<T>): Promise<Known<T>> {
  try {
    return await look();
  } catch (error) {
    const isKnown = error instanceof HostError || error instanceof KnownError;
    if (!isKnown) throw error;
    return { unknown: error.message };
  }
}
