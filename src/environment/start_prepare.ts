/**
 * Gets a start ready: what is decided, what forbids it, and who provides what
 * it needs. Nothing is changed yet.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Change } from "./attempt.ts";
import type { StartReport, StartRequest } from "./lifecycle.ts";
import type { ObservedRun } from "./observe.ts";
import type { Provision } from "./provision_facts.ts";
import {
  decideStart,
  plannedKeys,
  type StartDecision,
} from "./start_decide.ts";
import type { ProjectPlan } from "./start_lane.ts";
import { chooseProvisions } from "./start_needs.ts";

/** What a start will do. */
export interface PreparedStart extends StartDecision {
  /** Tells it from one that must not be made. */
  readonly kind: "prepared";
  /** The run that it becomes. */
  readonly runId: string;
  /** Whether the recorded run goes on. */
  readonly goesOn: boolean;
  /** Where dependencies that are started come from, by key. */
  readonly provisions: ReadonlyMap<string, Provision>;
}

/** A start that must not be made, and what there is to say about it. */
export interface BlockedReport {
  /** Tells it from one that may be made. */
  readonly kind: "blocked";
  /** Why. */
  readonly report: StartReport;
}

const RUN_TOKEN_BYTES = 4;

/**
 * Decides what a start does.
 *
 * @throws {KnownError} `usage` for settings whose graph is not sound or that
 * name nothing to start; `unusable` when nothing provides a dependency.
 */
export async function prepareStart(
  change: Change,
  request: StartRequest,
  observed: readonly ObservedRun[],
  before: ObservedRun | undefined,
): Promise<BlockedReport | PreparedStart> {
  const { host, place, events } = change;
  const decision = await decideStart(host, place, request, observed, before);
  const { plans, reuse, settings } = decision;
  events.note("state.run_reuse", {
    kind: reuse.kind,
    reason: reuse.reason,
    mismatches: reuse.mismatches.map(({ field }) => field),
  });
  const blocked = blockedTexts(plans);
  if (blocked.length > 0) return block(before, blocked);
  const isEmpty = plannedKeys(plans).size === 0 &&
    (before?.units ?? []).length === 0 &&
    plans.every(({ plan }) => plan.there.length === 0);
  if (isEmpty) throw nothingToStart();
  return {
    ...decision,
    kind: "prepared",
    runId: reuse.runId ?? newRunId(host),
    goesOn: reuse.runId !== undefined,
    provisions: await chooseProvisions(host, settings, plans),
  };
}

function blockedTexts(plans: readonly ProjectPlan[]): readonly string[] {
  return plans.flatMap(({ project: { name }, plan }) =>
    plan.blocked.map(({ id, by, status }) => {
      const state = status === "termination_failed"
        ? "could not be ended"
        : "cannot be looked at";
      return id === by
        ? `${name} ${id} is not started: its last process ${state}`
        : `${name} ${id} is not started: it needs ${by}, whose last process ${state}`;
    })
  );
}

function block(
  before: ObservedRun | undefined,
  texts: readonly string[],
): BlockedReport {
  return {
    kind: "blocked",
    report: {
      kind: "failed",
      run: before?.run,
      failure: texts.join("; "),
      hint: "See what runs: reeve health. Then end it: reeve stop",
      degraded: [],
    },
  };
}

function nothingToStart(): KnownError {
  return new KnownError(
    "usage",
    "There is nothing to start: no service and no dependency of the settings " +
      "is meant",
    { hint: "See what there is: reeve show-config" },
  );
}

function newRunId(
  { clock, random }: Change["host"],
): string {
  const digits = new Date(clock.now()).toISOString().replace(/\D/g, "");
  return `run-${digits.slice(0, 14)}-${random.hex(RUN_TOKEN_BYTES)}`;
}
