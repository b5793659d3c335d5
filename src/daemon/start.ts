/**
 * Makes sure that exactly one daemon of our scope runs: use the one there is,
 * take back a lost one, or start a new one and hand over.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { acquireLock, type Lock } from "../state/lock.ts";
import { PROTOCOL_VERSION } from "../version.ts";
import { findAdoptable } from "./adoption.ts";
import { decideCompatibility } from "./compatibility.ts";
import type { DaemonContext, DaemonHost } from "./context.ts";
import { type CurrentDaemon, readCurrent } from "./current.ts";
import { endReplaced, endSilent } from "./end_recorded.ts";
import { openJournal } from "./journal.ts";
import type { LockedWork } from "./locked_work.ts";
import { pruneOwners } from "./owner_record.ts";
import { type Lost, putInPlace, spawnInPlace } from "./put_in_place.ts";
import { findRecordedTarget } from "./recorded_target.ts";
import { scan } from "./scan.ts";
import type { OwnerRecord } from "./schema.ts";
import {
  cleanAtStart,
  isAloneInRange,
  planStartCleaning,
} from "./start_cleaning.ts";
import { NOTHING_SWEPT, type SweepResult } from "./sweep.ts";

/** What became of a request to start. */
export interface StartOutcome {
  /** How the daemon that runs now came to run. */
  readonly action: "adopted" | "replaced" | "reused" | "started";
  /** Its pid. */
  readonly pid: number;
  /** Its port. */
  readonly port: number;
  /** Its version. */
  readonly version: string;
  /** Why a newer one is used, or what a replaced one left behind. */
  readonly notes: readonly string[];
  /** What start-up cleaning did. */
  readonly cleaned: SweepResult;
}

/** A start whose daemon was lost before it had its place. */
interface LostStart extends Lost {
  readonly cleaned: SweepResult;
}

/** Options of {@linkcode startDaemon}. */
export interface StartOptions {
  /** Replaces a daemon of any other version. @default false */
  readonly isForced?: boolean;
  /** The command, as the journal names it. @default "daemon start" */
  readonly command?: string;
  /** How long to wait for the lock, in milliseconds. @default 10000 */
  readonly lockWaitMs?: number;
}

/**
 * Starts the daemon, or finds the one that runs.
 *
 * @throws {KnownError} `lock_busy`, `newer_daemon`, `start_failed`.
 */
export async function startDaemon(
  host: DaemonHost,
  context: DaemonContext,
  options: StartOptions = {},
): Promise<StartOutcome> {
  const early = await reuseWithoutLock(host, context, options);
  if (early !== undefined) return early;
  const reused: { outcome?: StartOutcome } = {};
  const lock = await acquireLock(host, context.paths.daemonLock, {
    ...(options.lockWaitMs === undefined ? {} : { waitMs: options.lockWaitMs }),
    async isStillNeeded() {
      const outcome = await reuseWithoutLock(host, context, options);
      if (outcome !== undefined) reused.outcome = outcome;
      return outcome === undefined;
    },
  });
  if (lock === "not_needed") {
    if (reused.outcome !== undefined) return reused.outcome;
    throw new TypeError("Cannot go on: no lock and no daemon");
  }
  using held = lock;
  return await startUnderLock(host, held, context, options);
}

/** A healthy daemon that we may use and nothing to clean: no lock needed. */
async function reuseWithoutLock(
  host: DaemonHost,
  context: DaemonContext,
  options: StartOptions,
): Promise<StartOutcome | undefined> {
  const current = await readCurrent(host, context, [100]);
  if (current.kind !== "healthy") return undefined;
  if (judge(context, current, options).action !== "use") return undefined;
  if (await isAloneInRange(host, context, current.state.port)) {
    return reuse(context, current, NOTHING_SWEPT);
  }
  const found = await scan(host, context.families);
  const plan = planStartCleaning(found, context);
  if (plan.stops.length > 0) return undefined;
  return reuse(context, current, {
    ...NOTHING_SWEPT,
    "skipped": plan.skipped,
  });
}

type Healthy = Extract<CurrentDaemon, { kind: "healthy" }>;

function judge(
  context: DaemonContext,
  current: Healthy,
  options: StartOptions,
) {
  const { health } = current;
  return decideCompatibility(
    { version: context.version, protocol: PROTOCOL_VERSION },
    {
      version: health.packageVersion ?? "unknown",
      protocol: health.protocolVersion ?? 0,
    },
    options.isForced === true,
  );
}

function reuse(
  context: DaemonContext,
  { state, health }: Healthy,
  cleaned: SweepResult,
): StartOutcome {
  const version = health.packageVersion ?? "unknown";
  const notes = version === context.version ? [] : [
    `The running daemon is ${version}, newer than this reeve ` +
    `(${context.version}); it is used as it is.`,
  ];
  const { pid, port } = state;
  return { action: "reused", pid, port, version, notes, cleaned };
}

/** Starts the daemon; the caller holds the lock and knows that nobody else does. */
export async function startUnderLock(
  host: DaemonHost,
  lock: Lock,
  context: DaemonContext,
  options: StartOptions = {},
): Promise<StartOutcome> {
  const command = options.command ?? "daemon start";
  const journal = openJournal(host, context.paths.journal, command);
  const work = { lock, context, journal };
  const first = await tryToStart(host, work, options);
  const outcome = "kind" in first
    ? await tryAgain(host, work, options, first)
    : first;
  const { problem } = journal;
  return problem === undefined ? outcome : {
    ...outcome,
    notes: [...outcome.notes, `The journal could not be written: ${problem}.`],
  };
}

/** One try; `lost` leaves all as it was. */
async function tryToStart(
  host: DaemonHost,
  work: LockedWork,
  options: StartOptions,
): Promise<StartOutcome | LostStart> {
  const current = await readCurrent(host, work.context);
  return current.kind === "healthy"
    ? await startBesideHealthy(host, work, current, options)
    : await startAlone(host, work, current);
}

/** Once more is enough: who stands still that often has another trouble. */
async function tryAgain(
  host: DaemonHost,
  work: LockedWork,
  options: StartOptions,
  first: LostStart,
): Promise<StartOutcome> {
  const second = await tryToStart(host, work, options);
  if ("kind" in second) throw lostTwice(second);
  return {
    ...second,
    notes: [
      `Daemon ${first.record.pid} was lost before it had its place: ` +
      `${first.reason}. It was tried again.`,
      ...second.notes,
    ],
    cleaned: {
      ...second.cleaned,
      "swept": [...first.cleaned.swept, ...second.cleaned.swept],
    },
  };
}

function lostTwice({ record: { pid }, reason }: LostStart): KnownError {
  return new KnownError(
    "start_failed",
    `Cannot start the daemon: the new one, ${pid}, was lost before it had ` +
      `its place, as the one before: ${reason}`,
    {
      hint: "All is as it was. If this command was stopped for a while, " +
        "start again with: reeve daemon start",
    },
  );
}

async function startBesideHealthy(
  host: DaemonHost,
  work: LockedWork,
  current: Healthy,
  options: StartOptions,
): Promise<StartOutcome | LostStart> {
  const { action } = judge(work.context, current, options);
  if (action === "refuse") throw newerProtocol(current);
  return action === "use"
    ? reuse(work.context, current, await cleanAtStart(host, work))
    : await handOver(host, work, current);
}

async function startAlone(
  host: DaemonHost,
  work: LockedWork,
  current: CurrentDaemon,
): Promise<StartOutcome | LostStart> {
  const { context } = work;
  const before = current.kind === "unhealthy"
    ? await findRecordedTarget(host, context, current.state)
    : undefined;
  const lost = await findAdoptable(host, context);
  if (lost !== undefined) {
    const placed = await putInPlace(host, work, lost);
    if (placed.kind === "lost") return { ...placed, cleaned: NOTHING_SWEPT };
    const notes = await endSilent(host, work, current, before);
    const cleaned = await cleanAtStart(host, work);
    return outcomeOf("adopted", lost, notes, cleaned);
  }
  await pruneOwners(host, context.paths, await host.processes.machine());
  // Before the start: stale daemons may hold every port of the range.
  const cleaned = await cleanAtStart(host, work);
  const placed = await spawnInPlace(host, work);
  if (placed.kind === "lost") return { ...placed, cleaned };
  const { record } = placed;
  const notes = await endSilent(host, work, current, before);
  return outcomeOf("started", record, notes, cleaned);
}

function newerProtocol({ health }: Healthy): KnownError {
  const version = health.packageVersion ?? "unknown";
  return new KnownError(
    "newer_daemon",
    `Cannot use the running daemon ${version}: it speaks protocol ` +
      `${health.protocolVersion}, this reeve speaks ${PROTOCOL_VERSION}`,
    { hint: "Upgrade reeve, or replace it with: reeve daemon start --force" },
  );
}

/** The new daemon is recorded and proved before the old one is asked to end. */
async function handOver(
  host: DaemonHost,
  work: LockedWork,
  current: Healthy,
): Promise<StartOutcome | LostStart> {
  const { context } = work;
  const before = await findRecordedTarget(host, context, current.state);
  const cleaned = await cleanAtStart(host, work);
  const placed = await spawnInPlace(host, work);
  if (placed.kind === "lost") return { ...placed, cleaned };
  const { record } = placed;
  if (before.kind !== "proved") {
    const note = `The old daemon was left to end by itself: ${before.reason}.`;
    return outcomeOf("replaced", record, [note], cleaned);
  }
  const notes = await endReplaced(host, work, before.target);
  return outcomeOf("replaced", record, notes, cleaned);
}

function outcomeOf(
  action: StartOutcome["action"],
  record: OwnerRecord,
  notes: readonly string[],
  cleaned: SweepResult,
): StartOutcome {
  const { pid, port, package_version: version } = record;
  return { action, pid, port, version, notes, cleaned };
}
