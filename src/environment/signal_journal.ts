/**
 * The journal of every signal that is sent to a process of a unit.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { ProcessRow, SignalName } from "../host/processes.ts";
import { openStepJournal, type StepEntry } from "../process/step_journal.ts";

/** What a line says of the process that a signal was aimed at. */
export interface SignalTarget {
  /** Process id. */
  readonly "pid": number;
  /** Start stamp that the platform gave it. */
  readonly "start_stamp": string;
  /** The unit, for people. */
  readonly "unit": string;
  /** The unit's marker. */
  readonly "marker": string;
}

/** One line of the journal. */
export type SignalEntry = StepEntry<SignalTarget, "kill" | "terminate">;

/** One signal to write down. */
export interface SignalStep {
  /** The unit that is ended. */
  readonly unit: { readonly name: string; readonly marker: string };
  /** Its process. */
  readonly row: Pick<ProcessRow, "pid" | "startStamp">;
  /** The signal. */
  readonly signal: SignalName;
  /** Why it is allowed, in one sentence. */
  readonly reason: string;
}

/** Writes down the signals of one command. */
export interface SignalJournal {
  /** Sends a signal between its two lines and passes the outcome on. */
  step(step: SignalStep, send: () => Promise<string>): Promise<string>;
  /** Why lines could not be written, if that happened. */
  readonly problem: string | undefined;
}

/** Opens the journal at a path for one command. */
export function openSignalJournal(
  host: Pick<Host, "clock" | "env" | "files" | "random">,
  path: string,
  command: string,
): SignalJournal {
  const journal = openStepJournal<SignalTarget, "kill" | "terminate">(
    host,
    path,
    command,
  );
  return {
    get problem() {
      return journal.problem;
    },
    step({ unit, row, signal, reason }, send) {
      const target: SignalTarget = {
        "pid": row.pid,
        "start_stamp": row.startStamp,
        "unit": unit.name,
        "marker": unit.marker,
      };
      const step = signal === "SIGKILL" ? "kill" : "terminate";
      return journal.run({ target, step, reason }, send);
    },
  };
}
