/**
 * The verdicts in words, and the command that follows from each.
 *
 * @module
 */

import type { SkipReason, Verdict } from "./classify.ts";
import type { FailureReason } from "./stop_target.ts";

/** One sentence for each reason, as the runbook explains them. */
export const REASON_TEXT: Readonly<Record<SkipReason, string>> = {
  "cross_root": "It serves another state root.",
  "dashboard_family": "It is a dashboard; sync cleaning never touches one.",
  "is_recorded_singleton": "It is the current daemon of this state root.",
  "missing_pid": "Its process or command line cannot be read from here.",
  "not_spec_kitty": "It does not answer and is not one of our daemons.",
  "out_of_range": "Its port is outside the family's range.",
  "pid_port_mismatch":
    "What it reports of itself does not match what the system shows.",
  "pre_marker": "Its command line names no state root.",
  "starting": "It has just started and may be about to become current.",
  "third_party": "It belongs to another program.",
  "unresponsive": "It has the shape of our daemon but does not answer.",
};

/** The sentence for a verdict without a reason. */
export const SAFE_TEXT =
  "It is a stale daemon of this state root and proves it in every way.";

/** One sentence for each failure. */
export const FAILURE_TEXT: Readonly<Record<FailureReason, string>> = {
  "access_denied_on_kill": "The system refused SIGKILL: try as its user.",
  "access_denied_on_terminate": "The system refused SIGTERM: try as its user.",
  "access_denied_opening_process":
    "The system refused access to it: try as its user.",
  "interrupted": "The command was interrupted before the next step.",
  "process_gone_but_port_still_listening":
    "It has ended, but something still listens on its port.",
  "still_alive_after_kill": "It survived SIGKILL: the system may be stuck.",
  "unknown_failure": "Something unexpected happened.",
};

/** What the person can do about a listener. */
export interface Remediation {
  /** Command to type, or `null` when there is nothing to do. */
  readonly command: string | null;
  /** What that does, in one sentence. */
  readonly description: string;
}

/** The next step that follows from a verdict. */
export function remediationFor(verdict: Verdict): Remediation {
  if (verdict.cleanupClass === "safe_auto") {
    return {
      command: "reeve auth doctor --reset",
      description: "Stops it.",
    };
  }
  if (verdict.skipReason === "missing_pid") {
    return {
      command: null,
      description: "Look again as the user that it belongs to, or as root.",
    };
  }
  if (verdict.cleanupClass === "operator_required") {
    return {
      command: "reeve auth doctor --reset --force",
      description: "Stops it, after its identity is proved once more.",
    };
  }
  return { command: null, description: "Nothing to do: it is left alone." };
}

/** Why the verdict is what it is, in one sentence. */
export function explainVerdict(verdict: Verdict): string {
  return verdict.skipReason === null
    ? SAFE_TEXT
    : REASON_TEXT[verdict.skipReason];
}
