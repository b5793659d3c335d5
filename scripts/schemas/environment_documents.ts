/**
 * The documents of the commands that change environments or look at them.
 *
 * @module
 */

import type * as z from "zod/mini";
import type { Health } from "../../src/environment/observe.ts";
import type { StartReport } from "../../src/environment/start.ts";
import {
  generatedAt,
  id,
  kind,
  logPath,
  mode,
  names,
  ok,
  project,
  run,
  runId,
  stateNotes,
  status,
  unit,
  units,
} from "./environment_fields.ts";
import {
  count,
  document,
  exitCode,
  fields,
  flag,
  list,
  maybe,
  maybeText,
  pid,
  text,
  word,
} from "./fields.ts";

/** `reeve start`, `reeve resume` and `reeve restart`. */
export const environmentStart: z.ZodMiniType = document("environment_start", {
  "command": text("The command."),
  "exit_code": exitCode,
  ok,
  "outcome": word(
    "What became of it.",
    {
      failed: true,
      interrupted: true,
      "nothing_to_resume": true,
      resumed: true,
      started: true,
    } satisfies Record<StartReport["kind"], true>,
  ),
  "run_id": maybeText("Id of its run; null when there is none."),
  "run": maybe("Null when there is no run.", run),
  "degraded": names("What is not well without breaking the environment."),
  "failure": maybeText("Why it failed; null when it did not."),
  "hint": maybeText("The next step, where there is one."),
  "warnings": names("What is odd in the settings without being wrong."),
});

/** `reeve stop` and `reeve stop-all`. */
export const environmentStop: z.ZodMiniType = document("environment_stop", {
  "command": text("The command."),
  "exit_code": exitCode,
  ok,
  "stopped": names("What was ended."),
  "already_gone": names("Of what nothing ran any more."),
  "kept": list(
    "What could not be ended and stays recorded.",
    fields("One of them.", {
      "name": text("Its name."),
      "why": text("Why."),
    }),
  ),
});

const overall = word(
  "The worst of all.",
  { degraded: true, healthy: true, unhealthy: true } satisfies Record<
    Health,
    true
  >,
);

/** `reeve dashboard` and `reeve status`. */
export const environmentStatus: z.ZodMiniType = document("environment_status", {
  "generated_at": generatedAt,
  "mode": maybe("Null for both.", mode),
  "overall": maybe("Null when nothing is recorded.", overall),
  "runs": list("Every run, the latest first.", run),
  "unfinished": list(
    "What a command is starting, or was when it was killed.",
    fields("One of it.", { project, id }),
  ),
  "at_work": maybe(
    "The command that is starting it; null when it has ended.",
    fields("Its process.", {
      "pid": pid("Its process."),
      "purpose": maybeText("What it does, in words."),
    }),
  ),
  "not_started": list(
    "What the settings promise for projects of these runs, and no run has.",
    fields("One of them.", { kind, project, id, "name": text("Its name.") }),
  ),
  "notes": stateNotes,
});

const runIds = names("Ids of the runs that were looked at.");

/** `reeve health`. */
export const environmentHealth: z.ZodMiniType = document("environment_health", {
  "generated_at": generatedAt,
  mode,
  "run_ids": runIds,
  ok,
  overall,
  "counts": fields("Units by how bad their state is.", {
    "fine": count("Fine."),
    "pending": count("Still on their way."),
    "degraded": count("Not well without breaking the environment."),
    "critical": count("Not well, which breaks the environment."),
  }),
  "critical_failures": names("Names of those that break the environment."),
  "optional_failures": names("Names of the others that are not well."),
  units,
  "notes": stateNotes,
});

/** `reeve errors`. */
export const environmentErrors: z.ZodMiniType = document("environment_errors", {
  "generated_at": generatedAt,
  mode,
  "run_ids": runIds,
  ok,
  "failed_starts": list(
    "Runs whose last start failed.",
    fields("One of them.", { "run_id": runId, "failure": text("Why.") }),
  ),
  "failed_units": list("What is not well.", unit),
  "log_issues": list(
    "Lines of logs that look like errors; they alone are no failure.",
    fields("Of one log.", {
      project,
      id,
      "log_path": logPath,
      "lines": names("The lines, oldest first."),
    }),
  ),
  "notes": stateNotes,
});

/** `reeve endpoints`. */
export const environmentEndpoints: z.ZodMiniType = document(
  "environment_endpoints",
  {
    ok,
    "run_id": maybeText("Id of the run."),
    mode,
    "project": text("Name of the project."),
    "project_root": text("Its directory."),
    "services": list("Its services.", unit),
    "dependencies": list("Its dependencies, shared ones too.", unit),
    "notes": stateNotes,
  },
);

/** `reeve logs`. */
export const environmentLogs: z.ZodMiniType = document("environment_logs", {
  "tail": count("How many lines of each were asked for."),
  "units": list(
    "What was chosen.",
    fields("The log of one.", {
      kind,
      project,
      id,
      "name": text("Its name."),
      status,
      "log_path": logPath,
      "exists": flag("Whether the log is there."),
      "size_bytes": maybe("Null for one that is not there.", count("Size.")),
      "cut": flag("Whether there were more lines than may be read."),
      "lines": names("The last lines as they were written, oldest first."),
    }),
  ),
});

/** A line of `reeve logs --follow`. */
export const environmentLogLine: z.ZodMiniType = document(
  "environment_log_line",
  {
    kind,
    project,
    id,
    "name": text("Its name."),
    "log_path": logPath,
    "line": text("The line as it was written."),
  },
);

/** `reeve clear-logs`. */
export const environmentClearLogs: z.ZodMiniType = document(
  "environment_clear_logs",
  {
    ok,
    "units": list(
      "What was chosen.",
      fields("The log of one.", {
        project,
        id,
        "log_path": logPath,
        "outcome": word("What became of it; `none` has no log.", {
          cleared: true,
          failed: true,
          missing: true,
          none: true,
        }),
      }),
    ),
  },
);
