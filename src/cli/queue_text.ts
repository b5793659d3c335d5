/**
 * Jobs and queues as text and as JSON.
 *
 * @module
 */

import type { QueueStats } from "../jobs/backend.ts";
import type { Job } from "../jobs/job.ts";
import { formatDuration } from "./duration.ts";
import { formatTable, wrap } from "./table.ts";
import { toOneLine } from "./one_line.ts";

/** `1 job`, `2 jobs`. */
export function jobs(count: number): string {
  return `${count.toLocaleString("en-US")} job${count === 1 ? "" : "s"}`;
}

/** A queue of a tenant. */
export interface TenantQueue extends QueueStats {
  /** Whose. */
  readonly tenant: string;
}

/** Jobs that have not ended. */
export function unfinished({ counts }: Pick<QueueStats, "counts">): number {
  return counts.ready + counts.scheduled + counts.active;
}

/** Epoch milliseconds as ISO 8601. */
export function isoTime(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}

/** A queue on the wire. */
export function queueJson(queue: TenantQueue): Record<string, unknown> {
  const { tenant, queue: name, isPaused, counts } = queue;
  return {
    "tenant": tenant,
    "queue": name,
    "paused": isPaused,
    ...counts,
    "oldest_ready_at": isoTime(queue.oldestReadyAt),
    "next_run_at": isoTime(queue.nextRunAt),
  };
}

/** How a table is laid out, and when. */
export interface TableLayout {
  /** Width in columns. */
  readonly width: number;
  /** Now, in epoch milliseconds. */
  readonly nowMs: number;
}

/** Queues in a table; with tenants only where there are several. */
export function formatQueues(
  queues: readonly TenantQueue[],
  { nowMs, width }: TableLayout,
): string {
  const hasTenants = new Set(queues.map(({ tenant }) => tenant)).size > 1;
  const number = (title: string) => ({ title, align: "right" } as const);
  return formatTable(
    [
      ...(hasTenants ? [{ title: "TENANT", isFlexible: true }] : []),
      { title: "QUEUE", isFlexible: true },
      number("READY"),
      number("LATER"),
      number("ACTIVE"),
      number("DONE"),
      number("DEAD"),
      number("OLDEST"),
      { title: "STATE" },
    ],
    queues.map(({ tenant, queue, counts, oldestReadyAt, isPaused }) => [
      ...(hasTenants ? [tenant] : []),
      queue,
      String(counts.ready),
      String(counts.scheduled),
      String(counts.active),
      String(counts.completed),
      String(counts.dead),
      oldestReadyAt === undefined
        ? "-"
        : formatDuration(Math.max(0, nowMs - oldestReadyAt)),
      isPaused ? "paused" : "open",
    ]),
    width,
  );
}

/** A job on the wire. */
export function jobJson(job: Job): Record<string, unknown> {
  return {
    "id": job.id,
    "queue": job.queue,
    "state": job.state,
    "data": job.data,
    "priority": job.priority,
    "attempts": job.attempts,
    "max_attempts": job.maxAttempts,
    "stalls": job.stalls,
    "created_at": isoTime(job.createdAt),
    "run_at": isoTime(job.runAt),
    "started_at": isoTime(job.startedAt),
    "finished_at": isoTime(job.finishedAt),
    "progress": job.progress ?? null,
    "result": job.result ?? null,
    "error": job.error ?? null,
    "dead_reason": job.deadReason ?? null,
  };
}

/** Jobs in a table. */
export function formatJobs(
  list: readonly Job[],
  { nowMs, width }: TableLayout,
): string {
  return formatTable(
    [
      { title: "ID", isFlexible: true },
      { title: "STATE" },
      { title: "TRIES", align: "right" },
      { title: "ADDED" },
      { title: "DATA", isFlexible: true },
    ],
    list.map((job) => [
      job.id,
      job.state,
      `${job.attempts}/${job.maxAttempts}`,
      agoText(job.createdAt, nowMs),
      shortJson(job.data),
    ]),
    width,
  );
}

/** Dead jobs in a table. */
export function formatDeadJobs(
  list: readonly Job[],
  { nowMs, width }: TableLayout,
): string {
  return formatTable(
    [
      { title: "ID", isFlexible: true },
      { title: "REASON" },
      { title: "TRIES", align: "right" },
      { title: "DIED" },
      { title: "ERROR", isFlexible: true },
    ],
    list.map((job) => [
      job.id,
      job.deadReason ?? "-",
      `${job.attempts}/${job.maxAttempts}`,
      job.finishedAt === undefined ? "-" : agoText(job.finishedAt, nowMs),
      job.error?.message ?? "-",
    ]),
    width,
  );
}

/** How long ago something was. */
export function agoText(at: number, nowMs: number): string {
  return `${formatDuration(Math.max(0, nowMs - at))} ago`;
}

const SHOWN_CHARACTERS = 200;

function shortJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "-";
  return text.length > SHOWN_CHARACTERS
    ? `${text.slice(0, SHOWN_CHARACTERS)}…`
    : text;
}

/** Everything about one job, for a person. */
export function formatJob(job: Job, { nowMs, width }: TableLayout): string {
  const time = (at: number | undefined) =>
    at === undefined ? undefined : `${isoTime(at)}, ${spanTo(at, nowMs)}`;
  const { error } = job;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["queue", job.queue],
    ["state", job.deadReason ? `${job.state}, ${job.deadReason}` : job.state],
    ["tries", `${job.attempts} of ${job.maxAttempts}`],
    ["stalls", job.stalls === 0 ? undefined : String(job.stalls)],
    ["priority", String(job.priority)],
    ["added", time(job.createdAt)],
    ["runs", time(job.runAt)],
    ["started", time(job.startedAt)],
    ["ended", time(job.finishedAt)],
    [
      "error",
      error === undefined ? undefined : `${error.name}: ${error.message}`,
    ],
    ["progress", jsonOf(job.progress)],
    ["result", jsonOf(job.result)],
    ["data", jsonOf(job.data)],
  ];
  const lines = facts.flatMap(([title, text]) => {
    if (text === undefined) return [];
    const line = `${title.padEnd(9)}${toOneLine(text)}`;
    return [`  ${wrap(line, width - 2, " ".repeat(11))}`];
  });
  return [job.id, ...lines].join("\n");
}

function jsonOf(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

function spanTo(at: number, nowMs: number): string {
  return at > nowMs ? `in ${formatDuration(at - nowMs)}` : agoText(at, nowMs);
}
