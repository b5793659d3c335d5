/**
 * Notes the events of starting and stopping.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import type { EnvironmentPaths } from "../state/environment_paths.ts";
import { batchWrites } from "./batch_writes.ts";
import { appendEvents, type RuntimeEvent } from "./event_file.ts";
import type { EventFields, EventName } from "./event_registry.ts";

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
  host: Pick<Host, "blocking" | "clock" | "files">,
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
