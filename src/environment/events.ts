/**
 * The events of starting and stopping, and their fields.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import type { EnvironmentPaths } from "../state/environment_paths.ts";
import type { JsonValue } from "../state/json_value.ts";
import { batchWrites } from "./batch_writes.ts";
import { appendEvents, type RuntimeEvent } from "./event_file.ts";

/**
 * Names of the fields of each event. Values are never secret: no line of a log
 * and no variable is among them.
 */
export const EVENT_FIELDS = {
  "startup.begin": ["command", "mode", "projects"],
  "startup.end": ["outcome", "run_id", "duration_ms"],
  "startup.phase": ["phase", "at_ms"],
  "state.run_reuse": ["kind", "reason", "mismatches"],
  "state.saved": ["run_id", "services", "dependencies"],
  "intent.resolved": ["intent_id", "unit", "outcome"],
  "orphan.swept": ["pid", "unit", "reason"],
  "orphan.skipped": ["pid", "unit", "reason"],
  "orphan.failed": ["pid", "reason"],
  "port.reserved": ["project", "unit", "requested", "assigned", "source"],
  "port.rebound": ["project", "unit", "requested", "actual"],
  "port.released": ["project", "unit", "port"],
  "service.launch": ["project", "unit", "pid", "argv_hash", "port"],
  "service.env_dropped": ["project", "unit", "variable", "source"],
  "service.ready": ["project", "unit", "port", "after_ms"],
  "service.failure": ["project", "unit", "reason", "exit_code", "critical"],
  "service.truth": ["project", "unit", "status", "evidence"],
  "requirements.ready": ["project", "unit", "mode", "retries"],
  "requirements.failure": ["project", "unit", "failure_class"],
  "cleanup.stopped": ["project", "unit", "outcome"],
  "cleanup.kept": ["project", "unit", "reason"],
  "stop.begin": ["mode", "units"],
  "stop.end": ["stopped", "gone", "kept"],
} as const;

/** Name of an event. */
export type EventName = keyof typeof EVENT_FIELDS;

/** The fields of an event; `null` for what is not there. */
export type EventFields<N extends EventName> = Readonly<
  Record<(typeof EVENT_FIELDS)[N][number], JsonValue>
>;

/** Writes down what a command does, as it does it. */
export interface EventLog {
  /** Notes an event; it is on disk soon after, and nobody waits for it. */
  note<N extends EventName>(name: N, fields: EventFields<N>): void;
  /** Names the run that later events belong to. */
  trace(runId: string): void;
  /** Settles when everything noted is on disk. */
  flush(): Promise<void>;
  /** Why events could not be written, if that happened. */
  readonly problem: string | undefined;
}

/** Opens the events of a repository for one command. */
export function openEvents(
  host: Pick<Host, "clock" | "files">,
  paths: Pick<EnvironmentPaths, "events">,
  command: string,
): EventLog {
  let trace = `trace-${command}`;
  let problem: string | undefined;
  let last: Promise<void> = Promise.resolve();
  const write = batchWrites<RuntimeEvent>((events) =>
    appendEvents(host, paths, events)
  );
  return {
    get problem() {
      return problem;
    },
    trace(runId) {
      trace = runId;
    },
    note(name, fields) {
      // A disk that takes no events is no reason to start or stop nothing.
      last = write({ name, trace, fields }).catch((error: unknown) => {
        if (!(error instanceof HostError)) throw error;
        problem = error.message;
      });
    },
    flush: () => last,
  };
}
