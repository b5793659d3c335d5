/**
 * Whether and why a daemon should end by itself.
 *
 * @module
 */

/** Idle time after which a daemon ends, in seconds. */
export const SYNC_DAEMON_IDLE_RETIREMENT_SECONDS = 900;

/** Time between two looks of a daemon at itself, in seconds. */
export const SYNC_DAEMON_TICK_SECONDS = 30;

/** What a daemon knows of itself and of the state file. */
export interface RetirementFacts {
  /** Whether a request is processed or work is under way or waiting. */
  readonly isBusy: boolean;
  /** Milliseconds since the last authenticated request, or since the start. */
  readonly idleMs: number;
  /** Its own pid and port. */
  readonly own: { readonly pid: number; readonly port: number };
  /** What the state file names, when it names a daemon in full. */
  readonly recorded?: { readonly pid: number; readonly port: number };
  /** Whether the recorded daemon was seen to be alive, and not to be ending. */
  readonly isRecordedAlive: boolean;
  /** Idle limit in milliseconds; reaching it counts. */
  readonly idleLimitMs: number;
}

/** Stay, or end and why. */
export type Retirement =
  | { readonly kind: "stay"; readonly reason: "active" | "work_in_flight" }
  | { readonly kind: "retire"; readonly reason: "idle" | "superseded" };

/** Whether the state file names this very daemon. */
export function isNamed(
  own: RetirementFacts["own"],
  recorded: RetirementFacts["recorded"],
): boolean {
  return recorded?.port === own.port && recorded.pid === own.pid;
}

/** Decides; work in flight wins over every reason to end. */
export function decideRetirement(facts: RetirementFacts): Retirement {
  const { own, recorded } = facts;
  if (facts.isBusy) return { kind: "stay", reason: "work_in_flight" };
  const isOther = recorded !== undefined && !isNamed(own, recorded);
  if (isOther && facts.isRecordedAlive) {
    return { kind: "retire", reason: "superseded" };
  }
  if (facts.idleMs >= facts.idleLimitMs) {
    return { kind: "retire", reason: "idle" };
  }
  return { kind: "stay", reason: "active" };
}
