/**
 * Looking at jobs without changing anything.
 *
 * @module
 */

import type { Database, SqlValue } from "../../host/databases.ts";
import type { DeadFilter, JobFilter, QueueStats } from "../backend.ts";
import type { Job } from "../job.ts";
import { JOB_COLUMNS, type JobRow, toJob } from "./job_rows.ts";

const DEFAULT_LIMIT = 50;

/** Number of a queue that has been used. */
export function queueNumber(db: Database, queue: string): number | undefined {
  return db.get<{ q: number }>("SELECT q FROM queues WHERE name = ?", queue)?.q;
}

/** One job. */
export function getJob(
  db: Database,
  queue: string,
  id: string,
  nowMs: number,
): Job | undefined {
  const row = db.get<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM jobs WHERE q = ? AND id = ?`,
    queueNumber(db, queue) ?? 0,
    id,
  );
  return row && toJob(queue, row, nowMs);
}

/** Some jobs, the ones that were added first. */
export function listJobs(
  db: Database,
  queue: string,
  { states, limit = DEFAULT_LIMIT }: JobFilter,
  nowMs: number,
): readonly Job[] {
  const rows = db.all<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM jobs WHERE q = ?1
       AND (?2 IS NULL OR
         CASE WHEN state = 'scheduled' AND run_at <= ?4 THEN 'ready'
           ELSE state END IN (SELECT value FROM json_each(?2)))
       ORDER BY seq LIMIT ?3`,
    queueNumber(db, queue) ?? 0,
    states === undefined ? null : JSON.stringify(states),
    limit,
    nowMs,
  );
  return rows.map((row) => toJob(queue, row, nowMs));
}

/** A condition on dead jobs, and its values. */
export interface DeadCondition {
  /** SQL. */
  readonly sql: string;
  /** What it takes. */
  readonly values: readonly SqlValue[];
}

/** Which rows of a queue are meant, the ones that died first. */
export function deadCondition(q: number, filter: DeadFilter): DeadCondition {
  const values: SqlValue[] = [q];
  let sql = "q = ? AND state = 'dead' AND ended IS NOT NULL";
  if (filter.ids !== undefined) {
    sql += " AND id IN (SELECT value FROM json_each(?))";
    values.push(JSON.stringify(filter.ids));
  }
  if (filter.reason !== undefined) {
    sql += " AND dead_reason = ?";
    values.push(filter.reason);
  }
  if (filter.before !== undefined) {
    sql += " AND finished_at < ?";
    values.push(filter.before);
  }
  sql += " ORDER BY finished_at, ended LIMIT ?";
  values.push(filter.limit ?? -1);
  return { sql, values };
}

/** Dead jobs, the ones that died first. */
export function listDead(
  db: Database,
  queue: string,
  filter: DeadFilter,
  nowMs: number,
): readonly Job[] {
  const { sql, values } = deadCondition(queueNumber(db, queue) ?? 0, filter);
  const rows = db.all<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM jobs WHERE ${sql}`,
    ...values,
  );
  return rows.map((row) => toJob(queue, row, nowMs));
}

type StatsRow = {
  readonly q: number;
  readonly name: string;
  readonly "is_paused": number;
  readonly ready: number;
  readonly scheduled: number;
  readonly active: number;
  readonly completed: number;
  readonly dead: number;
  readonly due: number;
  readonly "due_at": number | null;
  readonly next: number | null;
};

/**
 * Counts of every queue that has ever had a job. What has become due counts as
 * ready, also before the next claim writes that down.
 */
export function readStats(
  db: Database,
  nowMs: number,
): readonly QueueStats[] {
  const rows = db.all<StatsRow>(
    `SELECT q, name, is_paused, ready, scheduled, active, completed, dead,
       (SELECT count(*) FROM jobs WHERE jobs.q = queues.q
         AND state = 'scheduled' AND run_at <= ?1) AS due,
       (SELECT min(run_at) FROM jobs WHERE jobs.q = queues.q
         AND state = 'scheduled' AND run_at <= ?1) AS due_at,
       (SELECT min(run_at) FROM jobs WHERE jobs.q = queues.q
         AND state = 'scheduled' AND run_at > ?1) AS next
       FROM queues WHERE had_jobs = 1 ORDER BY name`,
    nowMs,
  );
  return rows.map((row) => {
    const { active, completed, dead, due } = row;
    const ready = row.ready + due;
    const scheduled = row.scheduled - due;
    const oldest = Math.min(
      row.due_at ?? Infinity,
      (row.ready === 0 ? undefined : oldestReady(db, row.q)) ?? Infinity,
    );
    return {
      queue: row.name,
      isPaused: row.is_paused === 1,
      counts: { ready, scheduled, active, completed, dead },
      oldestReadyAt: ready === 0 ? undefined : oldest,
      nextRunAt: row.next ?? undefined,
    };
  });
}

/** The index has the oldest of each priority first; there are few of those. */
function oldestReady(db: Database, q: number): number | undefined {
  let oldest: number | undefined;
  let priority: number | undefined = Number.MAX_SAFE_INTEGER;
  while (priority !== undefined) {
    const head: { priority: number; at: number } | undefined = db.get(
      `SELECT priority, run_at AS at FROM jobs
        WHERE q = ? AND state = 'ready' AND priority < ?
        ORDER BY priority DESC, run_at LIMIT 1`,
      q,
      priority,
    );
    if (head !== undefined) oldest = Math.min(head.at, oldest ?? head.at);
    priority = head?.priority;
  }
  return oldest;
}
