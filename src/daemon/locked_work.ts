/**
 * What the steps of one command that changes daemons have in common.
 *
 * @module
 */

import type { Lock } from "../state/lock.ts";
import type { DaemonContext } from "./context.ts";
import type { Journal } from "./journal.ts";

/** Work on our daemons while nobody else may start or stop one. */
export interface LockedWork {
  /** Proof that nobody else does. */
  readonly lock: Lock;
  /** Where our daemon lives. */
  readonly context: DaemonContext;
  /** Writes down each step. */
  readonly journal: Journal;
}
