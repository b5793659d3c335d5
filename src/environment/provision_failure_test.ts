import { assertEquals } from "@std/assert";
import type { ProbeCause, ProbeResult } from "./dependency_probe.ts";
import {
  classifyFailure,
  type FailureEvidence,
  nextStep,
} from "./provision_failure.ts";

function answer(cause: ProbeCause): ProbeResult {
  return { kind: "failed", cause, reason: "bind: address already in use" };
}

const BASE: FailureEvidence = {
  hasEnded: false,
  portOwner: "nobody",
  probe: undefined,
  isBootstrap: false,
};

const CONFLICT = "bind_conflict_retryable";
const HARD = "hard_start_failure";
const SLOW = "transient_probe_timeout_retryable";
const SOFT = "bootstrap_soft_failure";

Deno.test.each(
  [
    [{ hasEnded: true, portOwner: "stranger" }, CONFLICT],
    [{ portOwner: "stranger", probe: { kind: "ready" } }, CONFLICT],
    [{ portOwner: "stranger", isBootstrap: true }, CONFLICT],
    [{ hasEnded: true }, HARD],
    // Words about a port are no evidence that somebody has it.
    [{ hasEnded: true, probe: answer("nobody") }, HARD],
    [{ hasEnded: true, portOwner: "unknown" }, HARD],
    [{ hasEnded: true, isBootstrap: true }, HARD],
    [{ isBootstrap: true, portOwner: "unit" }, SOFT],
    [{ probe: answer("nobody") }, SLOW],
    [{ probe: answer("silent"), portOwner: "unit" }, SLOW],
    [{ probe: answer("hangs_up"), portOwner: "unit" }, SLOW],
    [
      { probe: { kind: "starting", cause: "not_yet", reason: "loading" } },
      SLOW,
    ],
    [{ probe: answer("refused"), portOwner: "unit" }, HARD],
    [{ probe: answer("foreign"), portOwner: "unit" }, HARD],
    [{ probe: answer("unreachable") }, HARD],
    [{}, HARD],
  ] satisfies readonly (readonly [Partial<FailureEvidence>, string])[],
)("%j is %s", (evidence, expected) => {
  assertEquals<string>(classifyFailure({ ...BASE, ...evidence }), expected);
});

Deno.test.each(
  [
    [CONFLICT, 0, 0, "next_port"],
    [CONFLICT, 7, 3, "next_port"],
    [CONFLICT, 8, 0, "stop"],
    [SLOW, 8, 0, "same_port"],
    [SLOW, 0, 2, "same_port"],
    [SLOW, 0, 3, "stop"],
    [SOFT, 0, 0, "stop"],
    [HARD, 0, 0, "stop"],
  ] as const,
)("after %s with %i ports and %i waits: %s", (failure, ports, waits, step) => {
  assertEquals<string>(nextStep(failure, { ports, waits }), step);
});
