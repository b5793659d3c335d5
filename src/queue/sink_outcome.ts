/**
 * What becomes of events that the queue cannot take.
 *
 * @module
 */

import { HostError } from "../host/host.ts";
import { fillOf, type QueueLimits } from "./capacity.ts";
import type { Captured } from "./capture.ts";
import type { Draft } from "./envelope.ts";
import type { EmitOutcome, SpillReason } from "./event.ts";
import { spill } from "./overflow.ts";
import type { QueueHost, StoreProblem } from "./store.ts";

/** The outcome of an event whose transaction is committed. */
export function capturedOutcome(
  captured: Captured,
  draft: Draft | undefined,
  limits: QueueLimits,
): EmitOutcome {
  switch (captured.kind) {
    case "captured": {
      const { eventId, seq } = captured;
      const fill = fillOf(captured.fill, limits);
      return { kind: "captured", eventId, seq, fill };
    }
    case "duplicate":
      return { kind: "duplicate", eventId: draft?.eventId ?? "" };
    case "dropped":
      return { kind: "dropped", reason: "telemetry_full" };
    default:
      return {
        kind: "quarantined",
        reason: "id_conflict",
        field: "event_id",
        rule: "is stored with other content",
      };
  }
}

/** Puts drafts into an overflow file and says what became of them. */
export function spillTo(
  host: Pick<QueueHost, "blocking">,
  path: string,
  { drafts, reason }: {
    readonly drafts: readonly Draft[];
    readonly reason: SpillReason;
  },
): readonly EmitOutcome[] {
  try {
    if (spill(host, path, drafts) === "full") {
      return drafts.map(() => ({ kind: "refused", reason: "queue_full" }));
    }
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const outcome = outcomeOf(error);
    return drafts.map(() => outcome);
  }
  return drafts.map(({ eventId }) => ({ kind: "spilled", eventId, reason }));
}

/** The outcome of an event when the machine refuses. */
export function outcomeOf(error: HostError): EmitOutcome {
  switch (error.code) {
    case "no_space":
      return { kind: "refused", reason: "disk_full" };
    case "permission_denied":
    case "read_only":
      return { kind: "failed", reason: "read_only", detail: error.message };
    default:
      return {
        kind: "failed",
        reason: "store_unavailable",
        detail: error.message,
      };
  }
}

/** What a queue that cannot be opened means for an event. */
export function explainProblem(
  problem: StoreProblem,
): EmitOutcome | { readonly spill: SpillReason } {
  switch (problem.kind) {
    case "newer":
      return { spill: "newer_schema" };
    case "owner_mismatch":
      return {
        kind: "failed",
        reason: "owner_mismatch",
        detail: `the queue belongs to project ${problem.owner}`,
      };
    case "missing":
      return {
        kind: "failed",
        reason: "internal",
        detail: "no queue was made",
      };
    case "refused":
      return problem.error.code === "busy"
        ? { spill: "busy" }
        : outcomeOf(problem.error);
  }
}
