/**
 * Starting under the lock: use the daemon that runs, take back a lost one, or
 * start a new one and hand over.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Lock } from "../state/lock.ts";
import { PROTOCOL_VERSION } from "../version.ts";
import { findAdoptable } from "./adoption.ts";
import type { DaemonContext, DaemonHost } from "./context.ts";
import { type CurrentDaemon, readCurrent } from "./current.ts";
import { endReplaced, endSilent } from "./end_recorded.ts";
import { openJournal } from "./journal.ts";
import type { LockedWork } from "./locked_work.ts";
import { pruneOwners } from "./owner_record.ts";
import { type Lost, putInPlace, spawnInPlace } from "./put_in_place.ts";
import { findRecordedTarget } from "./recorded_target.ts";
import {
  type Healthy,
  judgeHealthy,
  NOTHING_SWEPT,
  reuse,
  type StartOutcome,
} from "./reuse.ts";
import type { OwnerRecord } from "./schema.ts";
import type { StartOptions } from "./start.ts";
import { cleanAtStart } from "./start_cleaning.ts";
import type { SweepResult } from "./sweep.ts";

/** A start whose daemon was lost before it had its place. */
interface LostStart extends Lost {
  readonly cleaned: SweepResult;
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
  const { port } = current.state;
  const { action } = judgeHealthy(work.context, current, options);
  if (action === "refuse") throw newerProtocol(current);
  return action === "use"
    ? reuse(work.context, current, await cleanAtStart(host, work, port))
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
