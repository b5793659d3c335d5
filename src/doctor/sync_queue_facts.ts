/**
 * The queue of a project as the doctor sees it. Opens it only to read.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { fillOf } from "../queue/capacity.ts";
import { type Consent, readConsent } from "../queue/consent.ts";
import { countQueue, type QueueCounts } from "../queue/counts.ts";
import { LEASE_MS, readHolder } from "../queue/lease.ts";
import { openStoreToRead, type Store } from "../queue/store.ts";
import { readTarget, type Target } from "../queue/target.ts";
import type { StopReason } from "../sync/pass_report.ts";
import type { SyncPlace } from "../sync/project_sync.ts";

/** How the last pass of delivery ended. */
export interface LastPass {
  /** When, in epoch milliseconds. */
  readonly at: number;
  /** Why it stopped. */
  readonly reason: StopReason;
  /** More about that, for people. */
  readonly detail: string;
}

/** Who has said to deliver. */
export interface HolderFacts {
  /** Process. */
  readonly pid: number;
  /** What it is. */
  readonly role: string;
  /** Whether what it has said still counts. */
  readonly isFresh: boolean;
  /** Whether the process is there, as far as that can be known. */
  readonly isAlive: boolean | undefined;
}

/** What `PRAGMA quick_check` found. */
export type Integrity =
  | { readonly kind: "ok" }
  | { readonly kind: "broken"; readonly text: string }
  | { readonly kind: "unknown"; readonly reason: string };

/** An open queue. */
export interface OpenQueueFacts {
  /** Tells the outcomes apart. */
  readonly kind: "open";
  /** Its numbers. */
  readonly counts: QueueCounts;
  /** What the project has consented to. */
  readonly consent: Consent;
  /** Where events go, and how that goes. */
  readonly target: Target;
  /** How full it is, where 1 is full. */
  readonly fill: number;
  /** When the oldest event was captured that the server should have by now. */
  readonly oldestWaitingAt: number | undefined;
  /** The same for events that wait for a change. */
  readonly oldestParkedAt: number | undefined;
  /** How the last pass ended; absent before the first one. */
  readonly lastPass: LastPass | undefined;
  /** Who has delivered last. */
  readonly holder: HolderFacts | undefined;
  /** Whether the file is sound. */
  readonly integrity: Integrity;
}

/** The queue, or why there is nothing to look at. */
export type QueueFacts =
  | OpenQueueFacts
  | { readonly kind: "none" | "missing" | "damaged" }
  | { readonly kind: "newer"; readonly version: number }
  | { readonly kind: "owner_mismatch"; readonly owner: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "busy" };

type QueueHost = Pick<Host, "blocking" | "clock" | "databases" | "processes">;

/** Most characters of what the check of the file says. */
const TEXT_LIMIT = 200;

/** Reads the queue of a place. */
export async function readQueueFacts(
  host: QueueHost,
  { project, projectPaths: paths, settings }: SyncPlace,
): Promise<QueueFacts> {
  if (project?.id === undefined || paths === undefined) return { kind: "none" };
  const databases = await host.databases();
  const { blocking } = host;
  const opening = openStoreToRead({ blocking, databases }, {
    projectId: project.id,
    paths,
  });
  if (opening.kind === "refused") return refusedBy(opening.error);
  if (opening.kind !== "open") return opening;
  const { store } = opening;
  try {
    const integrity = checkIntegrity(store);
    const facts = readOpen(host, store);
    const { liveRows: rows, liveBytes: bytes } = facts.counts;
    const fill = fillOf({ rows, bytes }, settings.limits);
    const holder = await lookAtHolder(host, store);
    return { ...facts, fill, holder, integrity };
  } catch (error) {
    if (error instanceof HostError) return refusedBy(error);
    throw error;
  } finally {
    store.db.close();
  }
}

function refusedBy({ code }: HostError): QueueFacts {
  if (code === "damaged") return { kind: "damaged" };
  if (code === "busy") return { kind: "busy" };
  return { kind: "refused", reason: code.replaceAll("_", " ") };
}

function checkIntegrity({ db }: Store): Integrity {
  try {
    const row = db.get<{ "quick_check": string }>("PRAGMA quick_check(1)");
    const text = row?.quick_check ?? "no answer";
    if (text === "ok") return { kind: "ok" };
    const [line = ""] = text.split("\n");
    return { kind: "broken", text: line.slice(0, TEXT_LIMIT) };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    if (error.code === "damaged") throw error;
    return { kind: "unknown", reason: error.code.replaceAll("_", " ") };
  }
}

function readOpen(
  host: QueueHost,
  store: Store,
): Omit<OpenQueueFacts, "fill" | "holder" | "integrity"> {
  const counts = countQueue(host, store);
  const target = readTarget(store);
  return {
    kind: "open",
    counts,
    consent: readConsent(store),
    target,
    oldestWaitingAt: earliest(
      counts.oldestReadyAt,
      oldestIn(store, "pending_remote"),
    ),
    oldestParkedAt: oldestIn(store, "parked"),
    lastPass: parsePass(target),
  };
}

function oldestIn({ db }: Store, state: string): number | undefined {
  return db.get<{ at: number }>(
    `SELECT captured_at AS at FROM events WHERE seq = (SELECT min(seq)
       FROM deliveries WHERE is_open = 1 AND state = ?
        AND epoch = (SELECT open_epoch FROM meta))`,
    state,
  )?.at;
}

function earliest(
  a: number | undefined,
  b: number | undefined,
): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

function parsePass(
  { last_pass: text, last_pass_at: at }: Target,
): LastPass | undefined {
  if (text === null || at === null) return undefined;
  const { stoppedBecause, detail } = JSON.parse(text);
  return { at, reason: stoppedBecause ?? "done", detail: detail ?? "" };
}

async function lookAtHolder(
  host: QueueHost,
  store: Store,
): Promise<HolderFacts | undefined> {
  const row = readHolder(store);
  if (row === undefined) return undefined;
  const { pid, role, expires_at: expiresAt } = row;
  const left = expiresAt - host.clock.now();
  return {
    pid,
    role,
    isFresh: left > 0 && left <= LEASE_MS,
    isAlive: await isAlive(host, pid),
  };
}

async function isAlive(
  { processes }: QueueHost,
  pid: number,
): Promise<boolean | undefined> {
  const found = (await processes.inspect([pid])).get(pid);
  if (found === undefined || found.kind === "unknown") return undefined;
  return found.kind === "found" && found.facts.state !== "zombie";
}
