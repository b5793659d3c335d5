/**
 * What `reeve queue worker` tells, as text and as JSON.
 *
 * @module
 */

import type { JobEvent } from "../jobs/backend.ts";
import type { WorkerHandle, WorkerLine } from "../jobs/handler.ts";
import { DEFAULT_TENANT } from "../jobs/names.ts";
import { formatDuration } from "./duration.ts";
import { formatQueues, jobs, type TenantQueue } from "./queue_text.ts";
import { toOneLine } from "./one_line.ts";

/** How attempts have ended. */
export type WorkCounts = WorkerHandle["counts"];

/** The counts of one queue of a tenant. */
export interface QueueCounts {
  /** Whose. */
  readonly tenant: string;
  /** The queue. */
  readonly queue: string;
  /** How its attempts have ended. */
  readonly counts: WorkCounts;
}

/** What a worker did from its start to its end. */
export interface WorkTotals {
  /** Where the jobs are. */
  readonly backend: string;
  /** Every queue that it worked on. */
  readonly queues: readonly QueueCounts[];
  /** Why it ended. */
  readonly endedBy: "empty" | "signal";
  /** How long it ran, in milliseconds. */
  readonly ms: number;
}

/** Queues that a block shows; the rest is a number. */
const SHOWN_QUEUES = 15;

/** Adds up. */
export function sumCounts(queues: readonly QueueCounts[]): WorkCounts {
  const sum = { completed: 0, dead: 0, lost: 0, retried: 0, returned: 0 };
  for (const { counts } of queues) {
    sum.completed += counts.completed;
    sum.dead += counts.dead;
    sum.lost += counts.lost;
    sum.retried += counts.retried;
    sum.returned += counts.returned;
  }
  return sum;
}

/** What it says when it begins. */
export function startedText(
  queues: readonly string[],
  concurrency: number,
): string {
  return `Working on ${queues.join(", ")}, at most ${jobs(concurrency)} at a ` +
    "time; Ctrl-C ends it.";
}

/** What it says when it has been asked to end. */
export function stoppingText(running: number, deadlineMs: number): string {
  return running === 0
    ? "Stopping."
    : `Stopping: ${jobs(running)} may go on for ` +
      `${formatDuration(deadlineMs)}; Ctrl-C again sends them back at once.`;
}

function nameOf(tenant: string, queue: string): string {
  return tenant === DEFAULT_TENANT ? queue : `${tenant}/${queue}`;
}

/** A line of a handler, or trouble. */
export function lineText(
  tenant: string,
  { kind, queue, id, text }: WorkerLine,
): string {
  const job = id === undefined ? "" : ` ${id}`;
  const head = `${nameOf(tenant, queue)}${job}`;
  return toOneLine(
    kind === "log" ? `${head}: ${text}` : `Trouble with ${head}: ${text}`,
  );
}

/** The line about a job that is dead now. */
export function deadText(
  tenant: string,
  { queue, id }: Pick<JobEvent, "id" | "queue">,
): string {
  const whose = tenant === DEFAULT_TENANT ? "" : ` --tenant ${tenant}`;
  return `${nameOf(tenant, queue)} ${id} is dead. ` +
    `See: reeve queue dead show ${queue} ${id}${whose}`;
}

/** What the block shows. */
export interface BlockFacts {
  /** The queues. */
  readonly queues: readonly TenantQueue[];
  /** Attempts that ended in the last seconds, for each second. */
  readonly rate: number;
  /** Jobs that run. */
  readonly running: number;
  /** Most that may run. */
  readonly concurrency: number;
}

/** The block that is drawn again and again. */
export function blockText(
  { queues, rate, running, concurrency }: BlockFacts,
  layout: { readonly nowMs: number; readonly width: number },
): string {
  const shown = queues.slice(0, SHOWN_QUEUES);
  const more = queues.length - shown.length;
  return [
    ...(shown.length === 0 ? [] : formatQueues(shown, layout).split("\n")),
    ...(more > 0 ? [`and ${more} more queues`] : []),
    `${rate.toFixed(1)} jobs/s, ${running} of ${concurrency} running; ` +
    "Ctrl-C ends it",
  ].map((line) => line.slice(0, Math.max(1, layout.width - 1))).join("\n");
}

/** What it says at the end. */
export function totalsText({ queues, endedBy, ms }: WorkTotals): string {
  const { completed, dead, lost, retried, returned } = sumCounts(queues);
  const parts = [
    `${completed} completed`,
    ...[
      [retried, "to be tried again"],
      [dead, "dead"],
      [returned, "sent back unfinished"],
      [lost, "lost to other workers"],
    ].flatMap(([count, word]) => count === 0 ? [] : [`${count} ${word}`]),
  ];
  const why = endedBy === "empty" ? "No job is left" : "Stopped";
  return `${why} after ${formatDuration(ms)}: ${parts.join(", ")}.`;
}

/** The same as the one JSON document. */
export function totalsJson(
  { backend, queues, endedBy, ms }: WorkTotals,
): Record<string, unknown> {
  return {
    "schema": "queue_worker",
    "schema_version": 1,
    "backend": backend,
    "ended_by": endedBy,
    "ms": Math.round(ms),
    "totals": sumCounts(queues),
    "queues": queues.map(({ tenant, queue, counts }) => ({
      tenant,
      queue,
      ...counts,
    })),
  };
}
