/**
 * Moves unfinished and dead jobs of a tenant from one backend to another. It
 * can be interrupted at any point and run again: what has been taken over is
 * left alone.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import type { Clock } from "../host/host.ts";
import type { MovedJob, QueueBackend } from "./backend.ts";
import {
  FILLING,
  type MigrateBackends,
  REFILLING,
  requireWay,
  sealOf,
} from "./migrate_seal.ts";

/** A step of moving. */
export type MigrateStep = "move" | "verify" | "wait";

/** How to move. */
export interface MigrateOptions {
  /** Longest wait for running jobs, in milliseconds. */
  readonly timeoutMs: number;
  /** Stops between two steps. */
  readonly signal: AbortSignal;
  /** Hears how far it is. */
  readonly onStep?: (step: MigrateStep, done: number, total: number) => void;
}

/** What moving did. */
export interface MigrateReport {
  /**
   * - `moved`: all of it is there.
   * - `already`: it was moved before; nothing was done.
   * - `busy`: jobs still run; both sides are as they were.
   * - `waiting_stopped`: somebody ended the wait; both sides are as they were.
   * - `stopped`: somebody ended the move; both sides are closed until it is
   *   run again.
   * - `differs`: the two sides are not the same; both are closed.
   */
  readonly outcome:
    | "already"
    | "busy"
    | "differs"
    | "moved"
    | "stopped"
    | "waiting_stopped";
  /** Jobs that still run at the source. */
  readonly active: number;
  /** Jobs that the source held. */
  readonly jobs: number;
  /** Jobs that the target did not have yet. */
  readonly added: number;
  /** Copies that were taken out of the target, as the source has ended them. */
  readonly removed: number;
  /** Jobs that are missing at the target, or are others there. */
  readonly different: readonly JobKey[];
  /** One hash over ids and data of all jobs that were moved. */
  readonly hash: string;
}

/** A job of a queue. */
export interface JobKey {
  /** Its queue. */
  readonly queue: string;
  /** Its id. */
  readonly id: string;
}

const PAGE = 500;
const LOOK_EVERY_MS = 250;

/**
 * Moves all jobs. The source stays closed and keeps its jobs, so that one can
 * go back to it; the target opens when it has all of them.
 *
 * @param host the clock.
 * @param backends both are started.
 * @throws {KnownError} when jobs of either have moved to a third place.
 */
export async function migrateJobs(
  host: { readonly clock: Clock },
  { source, target }: MigrateBackends,
  options: MigrateOptions,
): Promise<MigrateReport> {
  const { signal, onStep = () => {} } = options;
  const report = { ...NOTHING };
  const from = sealOf(await source.checkReady(), source, target);
  const to = sealOf(await target.checkReady(), target, source);
  requireWay({ source, target }, from, to);
  if (from === "moved" && to === "open") {
    return { ...report, outcome: "already" };
  }
  const isBack = to === "moved" || to === "refilling";
  // The target first: a source that is closed beside an open target is done.
  await target.seal((isBack ? REFILLING : FILLING) + source.place);
  await source.seal(target.place);
  report.active = await waitForActive(host, source, options);
  if (report.active > 0 || (signal.aborted && from === "open")) {
    if (from === "open") await source.seal(undefined);
    if (to === "open") await target.seal(undefined);
    if (to === "moved") await target.seal(source.place);
    const outcome = signal.aborted ? "waiting_stopped" : "busy";
    return { ...report, outcome };
  }
  const total = await countToMove(source);
  const hashes = new Map<string, string>();
  for await (const page of pagesOf(source)) {
    if (signal.aborted) return { ...report, outcome: "stopped" };
    report.added += await target.importJobs(page);
    for (const moved of page) hashes.set(nameOf(moved.job), hashOf(moved));
    report.jobs = hashes.size;
    onStep("move", report.jobs, total);
  }
  if (signal.aborted) return { ...report, outcome: "stopped" };
  onStep("verify", report.jobs, total);
  if (isBack) report.removed = await removeEnded(target, hashes);
  report.different = await compare(target, hashes);
  report.hash = hashOfAll(hashes);
  if (report.different.length > 0) return { ...report, outcome: "differs" };
  for (const { queue, isPaused } of await source.stats()) {
    if (isPaused) await target.pause(queue);
  }
  await target.seal(undefined);
  return { ...report, outcome: "moved" };
}

const NOTHING: Omit<Mutable<MigrateReport>, "outcome"> = {
  active: 0,
  jobs: 0,
  added: 0,
  removed: 0,
  different: [],
  hash: "",
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Jobs that run are settled at the source, or their leases run out. */
async function waitForActive(
  { clock }: { readonly clock: Clock },
  source: QueueBackend,
  { timeoutMs, signal, onStep = () => {} }: MigrateOptions,
): Promise<number> {
  const endsAt = clock.elapsed() + timeoutMs;
  let most = 0;
  for (;;) {
    const active = await countHeld(clock, source);
    most = Math.max(most, active);
    onStep("wait", most - active, most);
    const restMs = endsAt - clock.elapsed();
    if (active === 0 || restMs <= 0 || signal.aborted) return active;
    await clock.sleep(Math.min(LOOK_EVERY_MS, restMs), signal);
  }
}

/** Nobody claims at a closed source, so a lease that is over stays so. */
async function countHeld(
  clock: Pick<Clock, "now">,
  source: QueueBackend,
): Promise<number> {
  let held = 0;
  for (const { queue, counts } of await source.stats()) {
    if (counts.active === 0) continue;
    const active = await source.list(queue, {
      states: ["active"],
      limit: counts.active,
    });
    const nowMs = clock.now();
    held += active.filter(({ leaseUntil }) =>
      leaseUntil === undefined || leaseUntil > nowMs
    ).length;
  }
  return held;
}

async function countToMove(source: QueueBackend): Promise<number> {
  const stats = await source.stats();
  return stats.reduce(
    (sum, { counts }) =>
      sum + counts.ready + counts.scheduled + counts.active +
      counts.dead,
    0,
  );
}

async function* pagesOf(
  backend: QueueBackend,
): AsyncIterable<readonly MovedJob[]> {
  let after: JobKey | undefined;
  for (;;) {
    const page = await backend.exportJobs(after, PAGE);
    const last = page.at(-1)?.job;
    if (last === undefined) return;
    yield page;
    after = { queue: last.queue, id: last.id };
  }
}

// Neither names of queues nor ids hold a space.
function nameOf({ queue, id }: JobKey): string {
  return `${queue} ${id}`;
}

function keyOf(name: string): JobKey {
  const [queue = "", id = ""] = name.split(" ");
  return { queue, id };
}

function hex(text: string): string {
  return sha256(new TextEncoder().encode(text)).toHex();
}

function hashOf({ job }: Pick<MovedJob, "job">): string {
  return hex(JSON.stringify(job.data));
}

function hashOfAll(hashes: ReadonlyMap<string, string>): string {
  const lines = [...hashes].map(([name, hash]) => `${name} ${hash}\n`);
  return hex(lines.toSorted().join(""));
}

/** What is not waiting at the target may have been run there already. */
async function compare(
  target: QueueBackend,
  hashes: ReadonlyMap<string, string>,
): Promise<readonly JobKey[]> {
  const missing = new Map(hashes);
  const different: JobKey[] = [];
  for await (const page of pagesOf(target)) {
    for (const moved of page) {
      const name = nameOf(moved.job);
      const wanted = missing.get(name);
      if (wanted === undefined) continue;
      missing.delete(name);
      if (wanted !== hashOf(moved)) different.push(keyOf(name));
    }
  }
  for (const [name, wanted] of missing) {
    const key = keyOf(name);
    const job = await target.get(key.queue, key.id);
    if (job === undefined || hashOf({ job }) !== wanted) different.push(key);
  }
  return different;
}

/**
 * Takes out of a target that was a source what has ended meanwhile: it has
 * been closed since, so every job in it was given away.
 */
async function removeEnded(
  target: QueueBackend,
  hashes: ReadonlyMap<string, string>,
): Promise<number> {
  const ended: MovedJob["job"][] = [];
  for await (const page of pagesOf(target)) {
    for (const { job } of page) {
      if (!hashes.has(nameOf(job))) ended.push(job);
    }
  }
  let removed = 0;
  for (const { queue, id, state } of ended) {
    if (state === "dead") {
      removed += await target.purgeDead(queue, { ids: [id] });
    } else if (await target.cancel(queue, id) === "cancelled") removed++;
  }
  return removed;
}
