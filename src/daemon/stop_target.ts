/**
 * Ends one proved daemon: its own credential, then SIGTERM, then SIGKILL, each
 * after a fresh proof. What it reports is the step that really ended it.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Machine, ProcessHold } from "../host/processes.ts";
import {
  type Proof,
  terminate,
  type TerminateOutcome,
  waitForExit,
} from "../process/terminate.ts";
import { findToken, requestShutdown } from "./credential.ts";
import type { Journal } from "./journal.ts";
import { isPortClosed, proveTarget, type Target } from "./target.ts";

/** The step that ended a daemon. */
export type CleanupPath = "http_shutdown" | "terminate" | "kill";

/** Why a daemon could not be ended. */
export type FailureReason =
  | "access_denied_on_kill"
  | "access_denied_on_terminate"
  | "access_denied_opening_process"
  | "interrupted"
  | "process_gone_but_port_still_listening"
  | "still_alive_after_kill"
  | "unknown_failure";

/** How ending one daemon went. */
export type StopOutcome =
  | { readonly kind: "ended"; readonly path: CleanupPath | null }
  | { readonly kind: "changed"; readonly reason: string }
  | {
    readonly kind: "failed";
    readonly reason: FailureReason;
    /** What happened, when the reason alone does not say it. */
    readonly detail?: string;
  };

/** What {@linkcode stopTarget} needs of the world. */
export type StopHost = Pick<
  Host,
  "clock" | "env" | "files" | "network" | "processes"
>;

/** Limits and context of {@linkcode stopTarget}. */
export interface StopOptions {
  /** Writes down each step. */
  readonly journal: Journal;
  /** Where we are. */
  readonly machine: Machine;
  /** Why the daemon may be ended, in one sentence. */
  readonly reason: string;
  /** Whether it answers and can be asked; a silent one is not asked. */
  readonly canBeAsked: boolean;
  /** How long it may take after it agreed to stop. @default 1000 */
  readonly shutdownWaitMs?: number;
  /** How long it may take after SIGTERM. @default 1000 */
  readonly graceMs?: number;
  /** How long it may take after SIGKILL. @default 1000 */
  readonly killWaitMs?: number;
  /** Stops between two steps. */
  readonly interrupt?: AbortSignal;
  /** Called after each signal: from then on it is the daemon's turn. */
  readonly onSignalled?: () => void;
}

/** Ends one daemon. */
export async function stopTarget(
  host: StopHost,
  target: Target,
  options: StopOptions,
): Promise<StopOutcome> {
  // Held before it is proved: the proof is about the process that is held.
  const held = await host.processes.hold(target.pid);
  if (held === "denied") {
    return { kind: "failed", reason: "access_denied_opening_process" };
  }
  if (held === "gone") return await confirmGone(host, target, null);
  using hold = held;
  const proof = await proveTarget(host, target);
  if (proof.kind === "gone") return await confirmGone(host, target, null);
  if (proof.kind === "refused") {
    return { kind: "changed", reason: proof.reason };
  }
  if (options.interrupt?.aborted) {
    return { kind: "failed", reason: "interrupted" };
  }
  const asked = options.canBeAsked
    ? await askToStop(host, hold, target, options)
    : "not_asked";
  if (asked === "ended") return await confirmEnd(host, target, "http_shutdown");
  return await signalTarget(host, hold, target, {
    ...options,
    hasAgreed: asked === "agreed",
    // What we sent may have closed its listener without ending it.
    prove: (signalsSent) =>
      proveTarget(host, target, {
        mayHaveClosed: asked !== "not_asked" || signalsSent > 0,
      }),
  });
}

async function askToStop(
  host: StopHost,
  hold: ProcessHold,
  target: Target,
  options: StopOptions,
): Promise<"ended" | "agreed" | "refused" | "not_asked"> {
  const token = await findToken(host, target, options.machine);
  // A daemon of ours answers nobody without its token; others may.
  if (token === undefined && target.family.hasOwnRecords) return "not_asked";
  const outcome = await options.journal.step(
    target,
    "http_shutdown",
    options.reason,
    () => requestShutdown(host, target.port, token),
  );
  // Waiting after a refusal would only cost time.
  if (outcome !== "accepted") return "refused";
  const waitMs = options.shutdownWaitMs ?? 1000;
  return await waitForExit(host, hold, waitMs) ? "ended" : "agreed";
}

async function signalTarget(
  host: StopHost,
  hold: ProcessHold,
  target: Target,
  options: StopOptions & {
    readonly hasAgreed: boolean;
    readonly prove: (signalsSent: number) => Promise<Proof>;
  },
): Promise<StopOutcome> {
  const { journal, reason, prove, hasAgreed, onSignalled, ...limits } = options;
  const outcome = await terminate(host, hold, prove, {
    ...limits,
    onSignal: async (name, send) => {
      const step = name === "SIGTERM" ? "terminate" : "kill";
      const sent = await journal.step(target, step, reason, send);
      onSignalled?.();
      return sent;
    },
  });
  if (outcome.kind === "already_gone" && hasAgreed) {
    return await confirmEnd(host, target, "http_shutdown");
  }
  return await judge(host, target, outcome);
}

async function judge(
  host: StopHost,
  target: Target,
  outcome: TerminateOutcome,
): Promise<StopOutcome> {
  switch (outcome.kind) {
    case "already_gone":
      return await confirmGone(host, target, null);
    case "terminated":
      return await confirmEnd(host, target, "terminate");
    case "killed":
      return await confirmEnd(host, target, "kill");
    case "survived":
      return { kind: "failed", reason: "still_alive_after_kill" };
    case "denied":
      return {
        kind: "failed",
        reason: outcome.signal === "SIGTERM"
          ? "access_denied_on_terminate"
          : "access_denied_on_kill",
      };
    case "refused":
      return { kind: "changed", reason: outcome.reason };
    case "interrupted":
      return { kind: "failed", reason: "interrupted" };
  }
}

/** It was gone before we did anything: fine if nobody else took its port. */
async function confirmGone(
  host: StopHost,
  target: Target,
  path: CleanupPath | null,
): Promise<StopOutcome> {
  return await isPortClosed(host, target.port) ? { kind: "ended", path } : {
    kind: "changed",
    reason: "it has ended and another process has its port",
  };
}

const CLOSE_WAIT_MS = 1000;

async function confirmEnd(
  host: StopHost,
  target: Target,
  path: CleanupPath,
): Promise<StopOutcome> {
  const start = host.clock.elapsed();
  while (!await isPortClosed(host, target.port)) {
    if (host.clock.elapsed() - start > CLOSE_WAIT_MS) {
      return {
        kind: "failed",
        reason: "process_gone_but_port_still_listening",
      };
    }
    await host.clock.sleep(5);
  }
  return { kind: "ended", path };
}
