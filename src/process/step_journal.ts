/**
 * An append-only journal of what is done to processes: one JSON line before a
 * step and one after it, so that a crash in between shows too.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";

/** One line of a journal about targets of the shape `T`. */
export interface StepEntry<T, S extends string = string> {
  /** Shape of the line. */
  readonly "schema_version": number;
  /** Joins the line before a step with the one after it. */
  readonly "id": string;
  /** ISO 8601 UTC. */
  readonly "at": string;
  /** `requested` before the step, `done` after it. */
  readonly "phase": "requested" | "done";
  /** Which step. */
  readonly "step": S;
  /** The command that asked, with its process id. */
  readonly "asked_by": { readonly "command": string; readonly "pid": number };
  /** The process it was aimed at. */
  readonly "target": T;
  /** Why it was allowed, in one sentence. */
  readonly "reason": string;
  /** What became of it; `null` before the step. */
  readonly "outcome": string | null;
  /** How long the step took; `null` before it. */
  readonly "duration_ms": number | null;
}

/** One step to write down. */
export interface Step<T, S extends string = string> {
  /** The process it is aimed at. */
  readonly target: T;
  /** Which step. */
  readonly step: S;
  /** Why it is allowed, in one sentence. */
  readonly reason: string;
}

/** Writes down the steps of one command. */
export interface StepJournal<T, S extends string = string> {
  /** Runs a step between its two lines and passes its outcome on. */
  run<O extends string>(
    step: Step<T, S>,
    act: () => Promise<O>,
  ): Promise<O>;
  /** Why lines could not be written, if that happened. */
  readonly problem: string | undefined;
}

/** Opens a journal for one command. */
export function openStepJournal<T, S extends string = string>(
  host: Pick<Host, "clock" | "files" | "random" | "env">,
  path: string,
  command: string,
): StepJournal<T, S> {
  let problem: string | undefined;
  const append = openAppender(async (text, options) => {
    try {
      await host.files.append(path, text, options);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      // Nobody could clean a full disk if its fullness forbade cleaning.
      problem = error.message;
    }
  });
  // What was about to be done must be known whatever happens; how it ended can
  // be seen after a power loss, as everything has ended then.
  const write = (entry: StepEntry<T, S>) =>
    append(JSON.stringify(entry) + "\n", entry.phase === "done");
  return {
    get problem() {
      return problem;
    },
    async run({ target, step, reason }, act) {
      const id = host.random.hex(8);
      const start = host.clock.elapsed();
      const line = (outcome: string | null): StepEntry<T, S> => ({
        "schema_version": 1,
        id,
        "at": new Date(host.clock.now()).toISOString(),
        "phase": outcome === null ? "requested" : "done",
        step,
        "asked_by": { command, "pid": host.env.pid },
        target,
        reason,
        outcome,
        "duration_ms": outcome === null
          ? null
          : Math.round((host.clock.elapsed() - start) * 10) / 10,
      });
      await write(line(null));
      const outcome = await act();
      await write(line(outcome));
      return outcome;
    },
  };
}

/**
 * Joins lines that come while others are being written: a disk flushes many
 * lines as fast as one, and a sweep writes for all its processes at once. They
 * are flushed when one of them has to be.
 */
function openAppender(
  write: (
    text: string,
    options: { readonly isFleeting: boolean },
  ) => Promise<void>,
): (line: string, isFleeting: boolean) => Promise<void> {
  let waiting = "";
  let isLasting = false;
  let next: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();
  return (line, isFleeting) => {
    waiting += line;
    isLasting ||= !isFleeting;
    next ??= current.then(() => {
      const text = waiting;
      const options = { isFleeting: !isLasting };
      waiting = "";
      isLasting = false;
      next = undefined;
      current = write(text, options);
      return current;
    });
    return next;
  };
}
