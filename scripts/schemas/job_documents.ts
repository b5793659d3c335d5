/**
 * The documents of `reeve queue` about jobs.
 *
 * @module
 */

import * as z from "zod/mini";
import type { DeadReason, Enqueued, JobState } from "../../src/jobs/job.ts";
import {
  count,
  document,
  exitCode,
  fields,
  flag,
  instant,
  list,
  maybe,
  maybeInstant,
  maybeText,
  said,
  type Shape,
  text,
  word,
} from "./fields.ts";

/** Whose jobs. */
export const tenant: z.ZodMiniType<string> = text(
  "Whose jobs; `_default` where there are no tenants.",
);
/** Which queue. */
export const queue: z.ZodMiniType<string> = text("Name of the queue.");
/** Which job. */
export const id: z.ZodMiniType<string> = text(
  "Id of the job, unique within its queue.",
);
/** Which backend. */
export const backend: z.ZodMiniType<"redis" | "sqlite"> = word(
  "Where jobs are kept.",
  { redis: true, sqlite: true },
);
/** Where a backend is. */
export const place: z.ZodMiniType<string> = text(
  "Where exactly, without secrets.",
);

const STATES: Readonly<Record<JobState, true>> = {
  active: true,
  completed: true,
  dead: true,
  ready: true,
  scheduled: true,
};

const DEAD_REASONS: Readonly<Record<DeadReason, true>> = {
  expired: true,
  failed: true,
  "given_up": true,
  stalled: true,
  timeout: true,
};

const job = fields("A job.", {
  id,
  queue,
  "state": word(
    "Where it is: `scheduled` waits for its time, also between attempts.",
    STATES,
  ),
  "data": said("What the handler gets: any JSON.", z.unknown()),
  "priority": said(
    "0 to 100; a higher one runs first.",
    z.int().check(z.gte(0), z.lte(100)),
  ),
  "attempts": count("Attempts that have ended."),
  "max_attempts": count("Attempts before it is dead."),
  "stalls": count("Times that its worker vanished."),
  "created_at": instant("When it was added."),
  "run_at": maybeInstant("When it runs next, while it is scheduled."),
  "started_at": maybeInstant("When its last attempt began."),
  "finished_at": maybeInstant("When it ended."),
  "progress": said("What its handler told last; null before.", z.unknown()),
  "result": said("What its handler gave back; null before.", z.unknown()),
  "error": maybe(
    "Null unless an attempt failed.",
    fields("Why the last attempt failed.", {
      "message": text("The message."),
      "name": text("Class of what was thrown."),
    }),
  ),
  "dead_reason": maybe(
    "Null unless it is dead.",
    word("Why it is dead.", DEAD_REASONS),
  ),
});

const queueRow = fields("A queue.", {
  tenant,
  queue,
  "paused": flag("Whether none of its jobs is begun."),
  "ready": count("Jobs that could run now."),
  "scheduled": count("Jobs that wait for their time."),
  "active": count("Jobs that run."),
  "completed": count("Jobs that are done and still kept."),
  "dead": count("Jobs that have failed for good."),
  "oldest_ready_at": maybeInstant("When the oldest ready one became so."),
  "next_run_at": maybeInstant("When the next scheduled one is due."),
});

function aboutQueue(name: string, shape: Shape): z.ZodMiniType {
  return document(name, { tenant, queue, ...shape });
}

const jobs = list("The first of them.", job);

/** `reeve queue list`. */
export const queueList: z.ZodMiniType = aboutQueue("queue_list", { jobs });

/** `reeve queue dead list`. */
export const queueDeadList: z.ZodMiniType = aboutQueue("queue_dead_list", {
  jobs,
});

/** `reeve queue show`. */
export const queueShow: z.ZodMiniType = document("queue_job", { tenant, job });

/** `reeve queue dead show`. */
export const queueDeadShow: z.ZodMiniType = document("queue_dead_job", {
  tenant,
  job,
});

/** `reeve queue dead replay`. */
export const queueDeadReplay: z.ZodMiniType = aboutQueue("queue_dead_replay", {
  "replayed": count("Jobs that will run again."),
});

/** `reeve queue dead purge`. */
export const queueDeadPurge: z.ZodMiniType = aboutQueue("queue_dead_purge", {
  "applied": flag("Whether it was to be done, and not only said."),
  "job_count": count("Jobs that were chosen."),
  "deleted": count("Jobs that were deleted."),
});

/** `reeve queue cancel`. */
export const queueCancel: z.ZodMiniType = aboutQueue("queue_cancel", { id });

const paused = flag("Whether none of its jobs is begun now.");

/** `reeve queue pause`. */
export const queuePause: z.ZodMiniType = aboutQueue("queue_pause", { paused });

/** `reeve queue resume`. */
export const queueResume: z.ZodMiniType = aboutQueue("queue_resume", {
  paused,
});

/** `reeve queue enqueue`. */
export const queueEnqueue: z.ZodMiniType = aboutQueue("queue_enqueue", {
  backend,
  "added": count("Jobs that were added."),
  "jobs": list(
    "Each job that was given, in its order.",
    fields("A job.", {
      id,
      "status": word(
        "What was done with it.",
        {
          duplicate: true,
          enqueued: true,
          replaced: true,
        } satisfies Record<Enqueued["status"], true>,
      ),
    }),
  ),
});

/** `reeve queue status`. */
export const queueStatus: z.ZodMiniType = document("queue_status", {
  backend,
  "tenants": list(
    "Those that were looked at.",
    fields("A tenant.", {
      tenant,
      place,
      "problem": maybeText("Why nobody knows about its queues, if so."),
    }),
  ),
  "queues": list("Every queue of theirs.", queueRow),
});

/** `reeve queue drain`. */
export const queueDrain: z.ZodMiniType = document("queue_drain", {
  "exit_code": exitCode,
  tenant,
  "queue": maybeText("Name of the queue; null for all."),
  "left": count("Jobs that have not ended."),
  "queues": list("Queues that have some.", queueRow),
});

const ENDS: Shape = {
  "completed": count("Attempts that did the work."),
  "dead": count("Attempts after which the job is dead."),
  "lost": count("Attempts whose job another worker has now."),
  "retried": count("Attempts that failed and are followed by another."),
  "returned": count("Attempts that were sent back unfinished."),
};

/** `reeve queue worker`. */
export const queueWorker: z.ZodMiniType = document("queue_worker", {
  backend,
  "ended_by": word("Why it ended.", { empty: true, signal: true }),
  "ms": count("How long it ran, in milliseconds."),
  "totals": fields("All queues together.", ENDS),
  "queues": list(
    "Each queue that it worked on.",
    fields("A queue.", { tenant, queue, ...ENDS }),
  ),
});
