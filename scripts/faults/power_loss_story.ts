/**
 * A queue at work, with the files as they are at each of its steps, and what
 * is on the disk when the power goes between two of them.
 *
 * @module
 */

import { killingHost, KillSwitch } from "#support/killing_host.ts";
import { makeRoot, RealQueue, realQueueHost } from "#support/real_queue.ts";
import { optIn } from "../../src/queue/consent.ts";
import { reclaim } from "../../src/queue/reclaim.ts";
import { installIdPath } from "../../src/state/project_paths.ts";

/** Numbers below a limit. */
export type Next = (limit: number) => number;

/**
 * Files of a queue in the order in which one step changes them: SQLite flushes
 * its log before it touches the database, and the overflow file is emptied
 * when the database has what was in it.
 */
const FILES = ["queue.db-wal", "queue.db", "overflow.jsonl"] as const;

/** Files of a queue by name; an absent one is empty. */
export type Image = Readonly<Record<typeof FILES[number], Uint8Array>>;

/** A moment of a story. */
export interface Moment {
  /** The files. */
  readonly image: Image;
  /** Ids of events that were acknowledged before. */
  readonly kept: readonly string[];
  /** Ids of events whose delivery was written down before. */
  readonly delivered: readonly string[];
}

/** All moments of a queue's work, and whose queue it is. */
export interface Story {
  readonly moments: readonly Moment[];
  readonly installId: string;
}

/** Looks at the files before and after each step, and ends nothing. */
class Recorder extends KillSwitch {
  #look: (() => void) | undefined;

  constructor() {
    super(0);
  }

  /** Begins. */
  begin(look: () => void): void {
    this.#look = look;
  }

  override step(): void {
    this.#look?.();
  }
}

function readFile(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch {
    return new Uint8Array();
  }
}

function readImage(directory: string): Image {
  const [wal, db, overflow] = FILES.map((name) =>
    readFile(`${directory}/${name}`)
  );
  const none = new Uint8Array();
  return {
    "queue.db-wal": wal ?? none,
    "queue.db": db ?? none,
    "overflow.jsonl": overflow ?? none,
  };
}

/** Plays a queue's work, with a flush behind each acknowledgement. */
export async function playStory(next: Next, rounds: number): Promise<Story> {
  await using root = await makeRoot();
  const recorder = new Recorder();
  const host = killingHost(realQueueHost, recorder);
  using queue = new RealQueue(root.path, { host, durability: "full" });
  const moments: Moment[] = [];
  const kept: string[] = [];
  const delivered: string[] = [];
  const acts = actsOn(queue, next, { recorder, kept, delivered });
  acts[0]?.();
  optIn(queue.store, "ada", 1);
  recorder.begin(() => {
    const image = readImage(queue.paths.directory);
    moments.push({ image, kept: [...kept], delivered: [...delivered] });
  });
  for (let round = 0; round < rounds; round++) acts[next(acts.length)]?.();
  const installId = await Deno.readTextFile(installIdPath({ root: root.path }));
  return { moments, installId };
}

function actsOn(
  queue: RealQueue,
  next: Next,
  { recorder, kept, delivered }: {
    readonly recorder: Recorder;
    readonly kept: string[];
    readonly delivered: string[];
  },
): readonly (() => void)[] {
  const emit = (count: number) => {
    const items = Array.from({ length: count }, () => ({
      type: next(4) === 0 ? "TaskCreated" : "TaskChanged",
      aggregateId: `t${next(5)}`,
      payload: { n: next(1000), text: "x".repeat(next(900)) },
    }));
    for (const outcome of queue.emitter.emitBatch(items)) {
      const isKept = outcome.kind === "captured" || outcome.kind === "spilled";
      if (isKept) kept.push(outcome.eventId);
    }
  };
  const emitBesideAnother = () => {
    recorder.isBusy = true;
    emit(1 + next(3));
    recorder.isBusy = false;
  };
  const deliver = () => {
    const lease = queue.takeLease();
    const batch = queue.claim(lease, 1 + next(6));
    if (batch === undefined) return;
    queue.settle(lease, batch, { kind: "delivered" });
    delivered.push(...batch.events.map(({ eventId }) => eventId));
  };
  const give = () => ({ untilMs: Infinity, limit: 1 + next(5) });
  return [
    () => emit(1),
    () => emit(1 + next(4)),
    emitBesideAnother,
    () => void queue.importOverflow(),
    deliver,
    () => void reclaim(queue.store, give()),
    // Brings the log into the database, as a longer log does by itself.
    () => queue.store.db.exec("PRAGMA wal_checkpoint(PASSIVE)"),
  ];
}

/** What a disk writes as a whole. */
const SECTOR = 512;
/** SQLite flushes a new header of its log before anything behind it. */
const LOG_HEADER = 32;

/**
 * What may be on the disk when the power goes between two moments: one file is
 * being written, and any of its sectors may have come there.
 */
export function crash(before: Image, after: Image, next: Next): Image {
  const [log, database, overflow] = FILES;
  // Whoever closes a queue last removes its log when the database has it all.
  const isRemoved = before[log].length > 0 && after[log].length === 0;
  const order = isRemoved ? [database, log, overflow] : FILES;
  const changed = order.filter((name) => !isSame(before[name], after[name]));
  const at = next(changed.length + 1);
  const image = { ...before };
  for (const name of changed.slice(0, at)) image[name] = after[name];
  const torn = changed[at];
  if (torn === undefined) return image;
  const [old, fresh] = [before[torn], after[torn]];
  // A file that is removed or emptied is there or not.
  if (fresh.length === 0) return image;
  return { ...image, [torn]: tear(old, fresh, next, torn === log) };
}

function tear(
  old: Uint8Array,
  fresh: Uint8Array,
  next: Next,
  isLog: boolean,
): Uint8Array {
  const header = isLog ? LOG_HEADER : 0;
  const hasNewHeader = header > 0 &&
    !isSame(old.subarray(0, header), fresh.subarray(0, header));
  if (hasNewHeader && next(4) === 0) {
    const bytes = old.slice();
    bytes.set(fresh.subarray(0, header));
    return bytes;
  }
  // A file may have its new length without its new content.
  const length = [
    Math.max(old.length, fresh.length),
    fresh.length,
    old.length,
    old.length + next(Math.max(0, fresh.length - old.length) + 1),
  ][next(4)] ?? fresh.length;
  const bytes = new Uint8Array(Math.max(length, header));
  const [chance, filler] = [1 + next(9), next(2) * 255];
  for (let from = 0; from < bytes.length; from += SECTOR) {
    const end = Math.min(from + SECTOR, bytes.length);
    const source = next(10) < chance ? fresh : old;
    bytes.fill(filler, from, end);
    bytes.set(source.subarray(from, end), from);
  }
  bytes.set(fresh.subarray(0, header));
  return bytes;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) {
    if (one[at] !== other[at]) return false;
  }
  return true;
}

/** Whether anything was written between two moments. */
export function hasChanged(before: Moment, after: Moment): boolean {
  return FILES.some((name) => !isSame(before.image[name], after.image[name]));
}
