/**
 * The commands of `reeve queue`.
 *
 * @module
 */

import { buildRouteMap, type Command, numberParser } from "@stricli/core";
import {
  command,
  examples,
  fileFlag,
  flag,
  json,
  numberFlag,
  type ReeveContext,
  wordFlag,
} from "./define_command.ts";
import { dead } from "./queue_dead_commands.ts";
import {
  instantFlag,
  jobId,
  jobStates,
  queueName,
  spanFlag,
  tenant,
  tenants,
} from "./queue_flags.ts";

function optionalNumber(brief: string) {
  return {
    kind: "parsed",
    parse: numberParser,
    optional: true,
    placeholder: "N",
    brief,
  } as const;
}

const worker: Command<ReeveContext> = command(
  () => import("./commands/queue_worker.ts"),
  {
    flags: {
      json,
      handler: {
        kind: "parsed",
        parse: String,
        variadic: true,
        placeholder: "FILE",
        brief: "TypeScript file with a handler; may be given again",
      },
      tenant: tenants,
      concurrency: optionalNumber("Most jobs at the same time"),
      lease: spanFlag("How long a job waits for a silent worker"),
      deadline: spanFlag("How long jobs may go on after Ctrl-C; default: 10s"),
      untilEmpty: flag("End when no job is left to run"),
      quiet: flag("Print only trouble and the totals"),
    },
  },
  examples(
    "Run jobs by your handlers, until Ctrl-C",
    "reeve queue worker --handler thumbnails.ts",
    "reeve queue worker --handler mail.ts --handler video.ts --concurrency 8",
    "reeve queue worker --handler mail.ts --until-empty --json",
  ),
);

const enqueue: Command<ReeveContext> = command(
  () => import("./commands/queue_enqueue.ts"),
  {
    flags: {
      json,
      tenant,
      id: wordFlag("ID", "Id of your own; the same again is a duplicate"),
      file: fileFlag("File with the data, as JSON"),
      lines: fileFlag("File with the data of many jobs, one JSON a line"),
      delay: spanFlag("Wait before the first attempt"),
      at: instantFlag("Time of the first attempt"),
      expires: instantFlag("Do not begin it after this time"),
      priority: optionalNumber("0 to 100; a higher one runs first"),
      attempts: optionalNumber("Attempts before it is dead; default: 5"),
      timeout: spanFlag("Longest time of one attempt"),
      dedupe: wordFlag("KEY", "Not while a job with this key is there"),
      dedupeTtl: spanFlag("How long the key counts; default: until it ends"),
    },
    positional: {
      kind: "tuple",
      parameters: [queueName, {
        parse: String,
        placeholder: "DATA",
        optional: true,
        brief: "What the handler gets, as JSON; - for standard input",
      }],
    },
  },
  examples(
    "Add a job, or many",
    `reeve queue enqueue thumbnails '{"file":"a.jpg"}'`,
    "reeve queue enqueue mail --file letter.json --delay 5m --attempts 3",
    "reeve queue enqueue thumbnails --lines jobs.jsonl",
  ),
);

const status: Command<ReeveContext> = command(
  () => import("./commands/queue_status.ts"),
  { flags: { json, tenant: tenants } },
  examples(
    "Show how many jobs are where",
    "reeve queue status",
    "reeve queue status --tenant acme --json",
  ),
);

const show: Command<ReeveContext> = command(
  () => import("./commands/queue_show.ts"),
  {
    flags: { json, tenant },
    positional: { kind: "tuple", parameters: [queueName, jobId] },
  },
  examples("Show one job", "reeve queue show thumbnails order-17"),
);

const list: Command<ReeveContext> = command(
  () => import("./commands/queue_list.ts"),
  {
    flags: {
      json,
      tenant,
      state: jobStates,
      limit: numberFlag("At most N jobs", 50),
    },
    positional: { kind: "tuple", parameters: [queueName] },
  },
  examples(
    "List jobs of a queue, the oldest first",
    "reeve queue list thumbnails",
    "reeve queue list thumbnails --state active",
  ),
);

const pause: Command<ReeveContext> = command(
  () => import("./commands/queue_pause.ts"),
  {
    flags: { json, tenant },
    positional: { kind: "tuple", parameters: [queueName] },
  },
  examples(
    "Begin no more jobs of a queue; what runs goes on",
    "reeve queue pause thumbnails",
  ),
);

const resume: Command<ReeveContext> = command(
  () => import("./commands/queue_resume.ts"),
  {
    flags: { json, tenant },
    positional: { kind: "tuple", parameters: [queueName] },
  },
  examples(
    "Begin jobs of a paused queue again",
    "reeve queue resume thumbnails",
  ),
);

const cancel: Command<ReeveContext> = command(
  () => import("./commands/queue_cancel.ts"),
  {
    flags: { json, tenant },
    positional: { kind: "tuple", parameters: [queueName, jobId] },
  },
  examples(
    "Take a job out that has not begun",
    "reeve queue cancel thumbnails order-17",
  ),
);

const drain: Command<ReeveContext> = command(
  () => import("./commands/queue_drain.ts"),
  {
    flags: {
      json,
      tenant,
      timeout: spanFlag("Give up after this time; default: never"),
    },
    positional: {
      kind: "tuple",
      parameters: [{ ...queueName, optional: true }],
    },
  },
  examples(
    "Wait until no job is left to run",
    "reeve queue drain",
    "reeve queue drain thumbnails --timeout 5m",
  ),
);

const place = (brief: string) => ({
  kind: "enum",
  values: ["sqlite", "redis"],
  brief,
} as const);

const migrate: Command<ReeveContext> = command(
  () => import("./commands/queue_migrate.ts"),
  {
    flags: {
      json,
      tenant,
      from: place("Where the jobs are"),
      to: place("Where they shall go"),
      timeout: spanFlag("Longest wait for running jobs; default: 2m"),
    },
  },
  examples(
    "Move unfinished and dead jobs to the other backend",
    "reeve queue migrate --from sqlite --to redis",
    "reeve queue migrate --from redis --to sqlite --timeout 10m",
  ),
);

const doctor: Command<ReeveContext> = command(
  () => import("./commands/queue_doctor.ts"),
  { flags: { json, tenant: tenants } },
  examples(
    "Check where jobs are kept and whether they get done",
    "reeve queue doctor",
    "reeve queue doctor --json",
  ),
);

/** `reeve queue …`. */
export const queue = buildRouteMap({
  routes: {
    worker,
    enqueue,
    status,
    show,
    list,
    pause,
    resume,
    cancel,
    drain,
    dead,
    migrate,
    doctor,
  },
  docs: examples(
    "Jobs that are done later, in the background",
    `reeve queue enqueue thumbnails '{"file":"a.jpg"}'`,
    "reeve queue worker --handler thumbnails.ts",
    "reeve queue status",
  ),
});
