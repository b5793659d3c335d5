/**
 * Which listeners a sweep stops and which it leaves, before anything is done.
 *
 * @module
 */

import type { Candidate, Viewpoint } from "./candidate.ts";
import {
  classify,
  type CleanupClass,
  type SkipReason,
  type Verdict,
} from "./classify.ts";
import type { Family } from "./family.ts";
import { explainVerdict, remediationFor } from "./reason_text.ts";
import { type Target, targetOf } from "./target.ts";

/** One daemon to stop. */
export interface PlannedStop {
  /** The facts that it was judged by. */
  readonly candidate: Candidate;
  /** What must still hold before each signal. */
  readonly target: Target;
  /** The verdict that allows it. */
  readonly verdict: Verdict;
  /** Why it may be stopped, in one sentence. */
  readonly reason: string;
}

/** One listener that is left alone, as JSON shows it. */
export interface SkippedEntry {
  /** Process id. */
  readonly "pid": number | null;
  /** Port. */
  readonly "port": number;
  /** What may be done with it. */
  readonly "cleanup_class": CleanupClass;
  /** Why it is left. */
  readonly "skip_reason": SkipReason | null;
  /** The same in a sentence. */
  readonly "detail": string;
  /** Command that would stop it all the same, when there is one. */
  readonly "command": string | null;
}

/** What a sweep will do. */
export interface SweepPlan {
  /** To stop. */
  readonly stops: readonly PlannedStop[];
  /** To leave, and why. */
  readonly skipped: readonly SkippedEntry[];
}

/** What a sweep may do. */
export interface SweepConsent {
  /** Which `operator_required` ones a person agreed to stop. */
  readonly agreesTo: (candidate: Candidate) => boolean;
  /** Families that are touched at all. */
  readonly families: readonly Family[];
  /** Products whose start lock could not be had: their young are spared. */
  readonly lockHeldByOthers?: readonly string[];
  /** Age below which such a daemon may be about to become current. */
  readonly startWindowMs?: number;
}

/** How long a start may take, in milliseconds: the readiness window. */
export const START_WINDOW_MS = 21_000;

/** Sorts every listener into stops and skips; `never_touch` is in neither. */
export function planSweep(
  candidates: readonly Candidate[],
  from: Viewpoint,
  consent: SweepConsent,
): SweepPlan {
  const stops: PlannedStop[] = [];
  const skipped: SkippedEntry[] = [];
  for (const candidate of candidates) {
    const verdict = classify(candidate, from);
    if (verdict.cleanupClass === "never_touch") continue;
    const planned = plan(candidate, verdict, from, consent);
    if ("target" in planned) stops.push(planned);
    else skipped.push(planned);
  }
  return { stops, skipped };
}

function plan(
  candidate: Candidate,
  verdict: Verdict,
  from: Viewpoint,
  consent: SweepConsent,
): PlannedStop | SkippedEntry {
  const skip = (
    reason: SkipReason | null,
    detail: string,
    command: string | null = null,
  ) => ({
    "pid": candidate.pid ?? null,
    "port": candidate.port,
    "cleanup_class": verdict.cleanupClass,
    "skip_reason": reason,
    detail,
    command,
  });
  const isOperators = verdict.cleanupClass === "operator_required";
  if (isOperators && !consent.agreesTo(candidate)) {
    return skip(
      verdict.skipReason,
      explainVerdict(verdict),
      remediationFor(verdict).command,
    );
  }
  const target = targetOf(candidate, consent.families);
  if (target === undefined) {
    return skip(
      verdict.skipReason,
      "Nobody can prove which process it is, so nothing can be sent to it.",
    );
  }
  if (isStarting(candidate, from, consent)) {
    return skip("starting", "Another command may be starting it right now.");
  }
  return { candidate, target, verdict, reason: explainVerdict(verdict) };
}

function isStarting(
  candidate: Candidate,
  from: Viewpoint,
  consent: SweepConsent,
): boolean {
  const product = candidate.spawn.product ?? "";
  if (!consent.lockHeldByOthers?.includes(product)) return false;
  const startedAt = candidate.process?.startedAt;
  const windowMs = consent.startWindowMs ?? START_WINDOW_MS;
  return startedAt === undefined || from.takenAt - startedAt < windowMs;
}
