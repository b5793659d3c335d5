/**
 * One queue in memory: its jobs by state, each state in the order in which its
 * jobs leave it. Every method is one step that nobody can look into.
 *
 * @module
 */

import {
  type CancelResult,
  type DeadFilter,
  type JobEvent,
  MAX_STALLS,
  type QueueStats,
} from "./backend.ts";
import type { Claim, JobState, Settlement, SettleResult } from "./job.ts";
import { DedupeKeys } from "./memory_dedupe.ts";
import { isUnfinished, type MemoryJob, toClaim } from "./memory_job.ts";
import {
  type MemoryLists,
  type MemoryTotals,
  newMemoryLists,
  statsOfLists,
} from "./memory_lists.ts";
import type { SortedList } from "./memory_sorted.ts";

const KEPT_COMPLETED = 1000;
const KEPT_COMPLETED_MS = 24 * 60 * 60 * 1000;
const KEPT_DEAD_MS = 90 * KEPT_COMPLETED_MS;

type List = SortedList<MemoryJob>;

/** The jobs of one queue. */
export class MemoryQueue {
  /** Its name. */
  readonly name: string;
  /** Keys that keep equal jobs away. */
  readonly keys: DedupeKeys = new DedupeKeys();
  /** Whether claims are held back. */
  isPaused = false;
  /** Whether there has ever been a job. */
  hasHadJobs = false;
  readonly #totals: MemoryTotals;
  readonly #tell: (event: JobEvent) => void;
  readonly #jobs = new Map<string, MemoryJob>();
  readonly #lists: MemoryLists = newMemoryLists();

  /** Makes an empty queue. */
  constructor(
    name: string,
    totals: MemoryTotals,
    tell: (event: JobEvent) => void,
  ) {
    this.name = name;
    this.#totals = totals;
    this.#tell = tell;
  }

  /** Does what time alone does: jobs become due, leases and keeping end. */
  pass(nowMs: number): void {
    const { scheduled, active, completed, dead } = this.#lists;
    let due = scheduled.first;
    while (due !== undefined && due.readyAt <= nowMs) {
      this.#move(due, "ready");
      due = scheduled.first;
    }
    let held = active.first;
    while (held !== undefined && held.leaseUntil <= nowMs) {
      this.#stall(held, nowMs);
      held = active.first;
    }
    this.#forget(completed, nowMs - KEPT_COMPLETED_MS);
    this.#forget(dead, nowMs - KEPT_DEAD_MS);
    this.keys.pass(nowMs);
  }

  /** One job. */
  get(id: string): MemoryJob | undefined {
    return this.#jobs.get(id);
  }

  /** Every job, in the order of their being added. */
  all(): readonly MemoryJob[] {
    // A job that was put back is last in the map.
    return [...this.#jobs.values()].sort((a, b) => a.place - b.place);
  }

  /** Dead jobs that are meant, the ones that died first. */
  dead(filter: DeadFilter): readonly MemoryJob[] {
    const ids = filter.ids === undefined ? undefined : new Set(filter.ids);
    const meant = [...this.#lists.dead].filter((job) =>
      (ids === undefined || ids.has(job.id)) &&
      (filter.reason === undefined || job.deadReason === filter.reason) &&
      (filter.before === undefined || (job.finishedAt ?? 0) < filter.before)
    );
    return meant.slice(0, filter.limit);
  }

  /** Puts a job into the list of its state. */
  add(job: MemoryJob): void {
    this.hasHadJobs = true;
    this.#jobs.set(job.id, job);
    this.#lists[job.state].add(job);
    this.#count(job, 1);
  }

  /** Takes a job out of everything but the keys. */
  remove(job: MemoryJob): void {
    this.#count(job, -1);
    this.#lists[job.state].remove(job);
    this.#jobs.delete(job.id);
  }

  /** Takes the next ready jobs. */
  claim(limit: number, leaseMs: number, nowMs: number): readonly Claim[] {
    const claims: Claim[] = [];
    while (!this.isPaused && claims.length < limit) {
      const job = this.#lists.ready.first;
      if (job === undefined) break;
      const token = `${++this.#totals.lastPlace}`;
      this.#move(job, "active", {
        token,
        leaseUntil: nowMs + leaseMs,
        startedAt: nowMs,
      });
      claims.push(toClaim(this.name, job, token));
      this.#say("started", job);
    }
    return claims;
  }

  /** Keeps a word of a handler; `false` when its claim is lost. */
  keepProgress(claim: Claim, text: string): boolean {
    const job = this.#heldBy(claim);
    if (job === undefined) return false;
    job.progress = text;
    this.#say("progress", job);
    return true;
  }

  #heldBy({ id, token }: Claim): MemoryJob | undefined {
    const job = this.#jobs.get(id);
    return job?.token === token ? job : undefined;
  }

  /** Holds a claim for longer; `false` when it is lost. */
  hold(claim: Claim, until: number): boolean {
    const job = this.#heldBy(claim);
    if (job !== undefined) this.#move(job, "active", { leaseUntil: until });
    return job !== undefined;
  }

  /** Ends a claim. */
  settle(settlement: Settlement, nowMs: number): SettleResult {
    const job = this.#heldBy(settlement.claim);
    if (job === undefined) return "lost";
    job.token = undefined;
    if (settlement.kind === "return") {
      this.#move(job, "ready");
      return "settled";
    }
    job.attempts++;
    if (settlement.kind === "complete") {
      job.error = undefined;
      job.result = settlement.result;
      this.#end(job, "completed", nowMs);
      return "settled";
    }
    job.error = settlement.error;
    if (settlement.kind === "dead") {
      job.deadReason = settlement.reason;
      this.#end(job, "dead", nowMs);
      return "settled";
    }
    this.#move(job, "scheduled", { readyAt: settlement.runAt });
    this.#say("retried", job);
    return "settled";
  }

  /** Takes a job out that has not begun. */
  cancel(id: string): CancelResult {
    const job = this.#jobs.get(id);
    if (job === undefined) return "missing";
    if (!isUnfinished(job)) return "finished";
    if (job.state === "active") return "active";
    this.remove(job);
    this.keys.onRemove(job.key, id);
    this.#say("cancelled", job);
    return "cancelled";
  }

  /** Makes a scheduled job ready. */
  promote(id: string, nowMs: number): boolean {
    const job = this.#jobs.get(id);
    if (job?.state !== "scheduled") return false;
    this.#move(job, "ready", { readyAt: nowMs });
    return true;
  }

  /** Makes dead jobs ready, with all their attempts; gives how many. */
  replay(filter: DeadFilter): number {
    const meant = this.dead(filter);
    for (const job of meant) {
      this.#move(job, "ready", {
        attempts: 0,
        stalls: 0,
        finishedAt: undefined,
        deadReason: undefined,
      });
    }
    return meant.length;
  }

  /** Deletes dead jobs; gives how many. */
  purge(filter: DeadFilter): number {
    const meant = this.dead(filter);
    for (const job of meant) this.remove(job);
    return meant.length;
  }

  /** When a claim can give something; `undefined` while nothing is to come. */
  nextAt(nowMs: number): number | undefined {
    if (this.isPaused) return undefined;
    const { ready, scheduled, active } = this.#lists;
    if (ready.size > 0) return nowMs;
    const at = Math.min(
      scheduled.first?.readyAt ?? Infinity,
      active.first?.leaseUntil ?? Infinity,
    );
    return at === Infinity ? undefined : at;
  }

  /** Its counts. */
  stats(): QueueStats {
    return {
      queue: this.name,
      isPaused: this.isPaused,
      ...statsOfLists(this.#lists),
    };
  }

  #stall(job: MemoryJob, nowMs: number): void {
    job.token = undefined;
    job.stalls++;
    this.#say("stalled", job);
    if (job.stalls <= MAX_STALLS) return this.#move(job, "ready");
    job.deadReason = "stalled";
    job.error = {
      name: "Stalled",
      message: `Its worker vanished ${job.stalls} times while it ran`,
    };
    this.#end(job, "dead", nowMs);
  }

  #end(job: MemoryJob, state: "completed" | "dead", nowMs: number): void {
    const endPlace = ++this.#totals.lastPlace;
    this.#move(job, state, { finishedAt: nowMs, endPlace });
    this.keys.onEnd(job.key, job.id);
    this.#say(state, job);
  }

  /** Drops what ended before a time, and completed jobs that are too many. */
  #forget(list: List, before: number): void {
    const most = list === this.#lists.completed ? KEPT_COMPLETED : Infinity;
    let job = list.first;
    while (
      job !== undefined && (list.size > most || (job.finishedAt ?? 0) < before)
    ) {
      this.remove(job);
      job = list.first;
    }
  }

  #move(
    job: MemoryJob,
    state: JobState,
    changes: Partial<MemoryJob> = {},
  ): void {
    this.#lists[job.state].remove(job);
    this.#count(job, -1);
    Object.assign(job, changes, { state });
    this.#count(job, 1);
    this.#lists[state].add(job);
  }

  #count(job: MemoryJob, sign: 1 | -1): void {
    if (!isUnfinished(job)) return;
    this.#totals.jobs += sign;
    this.#totals.bytes += sign * job.bytes;
  }

  #say(kind: JobEvent["kind"], { id }: MemoryJob): void {
    this.#tell({ kind, queue: this.name, id });
  }
}
