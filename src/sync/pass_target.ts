/**
 * What a pass reads and writes about the server it delivers to.
 *
 * @module
 */

import { countQueue, residueOf, totalOf } from "../queue/counts.ts";
import { trimBatches } from "../queue/settle.ts";
import type { Store } from "../queue/store.ts";
import { changeTarget, readTarget } from "../queue/target.ts";
import { type BatchSize, grow } from "./batch_size.ts";
import { circuitWaitMs, decideCircuit } from "./circuit.ts";
import type { DrainHost } from "./drain_options.ts";
import type { Stop } from "./exchange.ts";
import type { PassReport, StopReason } from "./pass_report.ts";
import { askLimits, LIMITS_FOR_MS } from "./server_limits.ts";

/** A server that was paused is tried in the background once in so long. */
const PAUSE_PROBE_MS = 60 * 60 * 1000;

/** Whether a pass may send. */
export type PassGate =
  | { readonly kind: "open" | "probe" }
  | {
    readonly kind: "stay";
    readonly reason: StopReason;
    readonly detail: string;
    readonly nextAttemptAt: number | undefined;
  };

/** Decides whether the server may be asked now. */
export function passGate(
  store: Store,
  now: number,
  isAsked: boolean,
): PassGate {
  const target = readTarget(store);
  const { paused_reason: paused, paused_at: pausedAt } = target;
  if (paused !== null && !isAsked) {
    const since = now - (pausedAt ?? 0);
    if (since >= 0 && since < PAUSE_PROBE_MS) {
      return {
        kind: "stay",
        reason: paused as StopReason,
        detail: target.paused_detail ?? "",
        nextAttemptAt: (pausedAt ?? 0) + PAUSE_PROBE_MS,
      };
    }
  }
  const state = decideCircuit(target, now, isAsked);
  if (state !== "open") {
    return { kind: state === "closed" && paused === null ? "open" : "probe" };
  }
  return {
    kind: "stay",
    reason: (target.last_error_code ?? "offline_wait") as StopReason,
    detail: target.last_error ?? "",
    nextAttemptAt: target.next_attempt_at,
  };
}

/** Asks the server for its limits unless it has said them lately. */
export async function learnLimits(
  host: Pick<DrainHost, "clock" | "web">,
  store: Store,
  { server, signal }: {
    readonly server: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const now = host.clock.now();
  const { limits_at: at } = readTarget(store);
  if (at !== null && now >= at && now - at < LIMITS_FOR_MS) return;
  const limits = await askLimits(host, server, signal);
  if (limits === undefined) return;
  changeTarget(store, {
    "server_max_events": limits.maxEvents,
    "server_max_bytes": limits.maxBytes,
    "limits_at": now,
  });
}

const CLOSED = {
  circuit: "closed",
  failures: 0,
  "next_attempt_at": 0,
  "last_error_code": null,
  "last_error": null,
  "paused_reason": null,
  "paused_detail": null,
  "paused_at": null,
};

const PAUSES: readonly StopReason[] = [
  "endpoint_missing",
  "forbidden",
  "not_admitted",
  "protocol",
  "redirected",
  "workspace_missing",
];

/** Failures open the circuit; refusals of everything pause the target. */
export function noteStop(
  host: Pick<DrainHost, "random">,
  store: Store,
  stop: Stop,
  now: number,
): number | undefined {
  if (stop.isFailure) {
    const failures = readTarget(store).failures + 1;
    const fraction = parseInt(host.random.hex(4), 16) / 0xffffffff;
    const wait = circuitWaitMs(failures, fraction, stop.retryAfterMs);
    changeTarget(store, {
      circuit: "open",
      failures,
      "next_attempt_at": now + wait,
      "last_error_code": stop.reason,
      "last_error": stop.detail,
    });
    return now + wait;
  }
  if (PAUSES.includes(stop.reason)) {
    changeTarget(store, {
      "paused_reason": stop.reason,
      "paused_detail": stop.detail,
      "paused_at": now,
    });
  }
  return undefined;
}

/** A good batch closes the circuit and lets learned limits grow. */
export function noteSuccess(store: Store, own: BatchSize): void {
  const target = readTarget(store);
  const isNew = target.circuit !== "closed" || target.paused_reason !== null;
  const hasHints = target.hint_events !== null || target.hint_bytes !== null;
  if (!isNew && !hasHints) return;
  changeTarget(store, { ...grow(target, own), ...(isNew ? CLOSED : {}) });
}

/** Notes the pass, and takes the mark away if nothing waits any more. */
export function finishPass(
  host: Pick<DrainHost, "blocking" | "clock">,
  store: Store,
  report: PassReport,
): void {
  const now = host.clock.now();
  const { counts: _counts, ...facts } = report;
  const isGood = report.stoppedBecause === "done";
  changeTarget(store, {
    "last_pass_at": now,
    "last_pass": JSON.stringify(facts),
    ...(isGood ? { "last_success_at": now } : {}),
  });
  trimBatches(store);
  const { pending } = store.paths;
  const waits = () => {
    const counts = countQueue(host, store);
    return residueOf(counts) + counts.pendingRemote + totalOf(counts.parked) +
        counts.overflowBytes > 0;
  };
  const hasProgress = report.accepted + report.duplicate > 0;
  // The age of the mark tells for how long nothing has gone forward.
  if (waits() && !hasProgress) return;
  host.blocking.remove(pending);
  // An event that came in between must not be forgotten.
  if (waits()) host.blocking.touch(pending);
}
