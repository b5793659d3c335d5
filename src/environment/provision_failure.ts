/**
 * What a failed start means, and what is tried next. It follows from who has
 * the port, whether the process lives and what it answered, never from words
 * in its output.
 *
 * @module
 */

import type { ProbeResult } from "./dependency_probe.ts";

/** Why a dependency is not there. */
export type FailureClass =
  | "bind_conflict_retryable"
  | "bootstrap_soft_failure"
  | "hard_start_failure"
  | "transient_probe_timeout_retryable";

/** What is known about a start that did not succeed. */
export interface FailureEvidence {
  /** Whether its process, or its container, has ended. */
  readonly hasEnded: boolean;
  /** Who listens on its port now. */
  readonly portOwner: "nobody" | "stranger" | "unit" | "unknown";
  /** The last answer on its port. */
  readonly probe: ProbeResult | undefined;
  /** It was ready, and then a step that is done once has failed. */
  readonly isBootstrap: boolean;
}

/** What is tried next. */
export type RetryStep = "next_port" | "same_port" | "stop";

/** How many ports are tried besides the first. */
export const MAX_PORT_RETRIES = 8;

/** How many more times a slow one is waited for. */
export const MAX_SLOW_RETRIES = 3;

/** Answers of one that only needs more time. */
const SLOW: readonly string[] = ["hangs_up", "nobody", "not_yet", "silent"];

/** What a failed start means. */
export function classifyFailure(evidence: FailureEvidence): FailureClass {
  const { hasEnded, portOwner, probe, isBootstrap } = evidence;
  if (portOwner === "stranger") return "bind_conflict_retryable";
  if (hasEnded) return "hard_start_failure";
  if (isBootstrap) return "bootstrap_soft_failure";
  if (probe === undefined || probe.kind === "ready") {
    return "hard_start_failure";
  }
  return SLOW.includes(probe.cause)
    ? "transient_probe_timeout_retryable"
    : "hard_start_failure";
}

/** What is tried next after so many failures of that class. */
export function nextStep(
  failure: FailureClass,
  before: { readonly ports: number; readonly waits: number },
): RetryStep {
  if (failure === "bind_conflict_retryable") {
    return before.ports < MAX_PORT_RETRIES ? "next_port" : "stop";
  }
  if (failure === "transient_probe_timeout_retryable") {
    return before.waits < MAX_SLOW_RETRIES ? "same_port" : "stop";
  }
  return "stop";
}
