/**
 * Where an emitter puts events, whatever is behind it.
 *
 * @module
 */

import type { Draft } from "./envelope.ts";
import type { EmitOutcome, EventArgs } from "./event.ts";
import type { Store } from "./store.ts";
import type { Problem } from "./validate.ts";

/** An event that is not valid. */
export interface Rejected {
  readonly type: string;
  readonly args: EventArgs;
  readonly problem: Problem;
  readonly nowMs: number;
  /** Redacts the text that is kept. */
  readonly clean: (text: string) => string;
}

/** Takes drafts; every answer has one outcome for each. */
export interface EventSink {
  /** The queue behind it, once an event has opened it. */
  readonly openedStore?: Store | undefined;
  /** Captures all or none. */
  capture(drafts: readonly Draft[]): readonly EmitOutcome[];
  /** Puts apart what is not valid. */
  quarantine(rejected: Rejected): EmitOutcome;
  /** Closes what is open; capturing after that fails. */
  close(): void;
}
