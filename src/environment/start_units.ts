/**
 * Starts the units of all projects of an attempt: each as soon as what it needs
 * is ready, and no later for anybody else's sake.
 *
 * @module
 */

import type { Attempt } from "./attempt.ts";
import { unitKey } from "./selectable_units.ts";
import {
  inTurns,
  isCritical,
  type Lane,
  openLane,
  type StartedUnit,
  type StartScope,
  type TaskResult,
} from "./start_lane.ts";
import { startOne } from "./start_one.ts";
import type { PlannedStart } from "./start_plan.ts";
import { startingService, waitForKept } from "./start_wait.ts";

/** What became of all units. */
export interface StartedUnits {
  /** Everything that was to be started. */
  readonly units: readonly StartedUnit[];
  /** Something that nobody expected; everything else was given up then. */
  readonly surprise: { readonly error: unknown } | undefined;
}

interface Task {
  readonly result: Promise<TaskResult>;
  readonly projects: Set<string>;
}

/** Starts everything that is planned. Never rejects. */
export async function startUnits(
  attempt: Attempt,
  scope: StartScope,
  interrupt: AbortSignal,
): Promise<StartedUnits> {
  const everything = new AbortController();
  const all = AbortSignal.any([interrupt, everything.signal]);
  const lanes = scope.plans.map((plan) => openLane(attempt, scope, plan, all));
  const tasks = new Map<string, Task>();
  let surprise: StartedUnits["surprise"];
  const kept = new Map<string, Promise<TaskResult>>();
  const awaitKept = (lane: Lane, id: string) => {
    const key = unitKey({ project: lane.project.name, id });
    const unit = startingService(scope, key);
    if (unit === undefined) return [];
    const known = kept.get(key) ??
      waitForKept(attempt, scope, lane, { key, unit });
    kept.set(key, known);
    return [known];
  };
  const run = (lane: Lane, planned: PlannedStart): Promise<TaskResult> => {
    const key = unitKey({ project: planned.owner, id: planned.id });
    const known = tasks.get(key);
    if (known !== undefined) {
      known.projects.add(lane.project.name);
      return known.result;
    }
    const needs = planned.after.flatMap((id) => {
      const need = lane.planned.get(id);
      return need === undefined ? awaitKept(lane, id) : [run(lane, need)];
    });
    const work = { attempt, scope, lane, planned, key, all };
    const result = startOne(work, needs, (other) => run(lane, other))
      .catch((error): TaskResult => {
        surprise ??= { error };
        everything.abort();
        return { unit: undefined, endpoint: undefined };
      });
    tasks.set(key, { result, projects: new Set([lane.project.name]) });
    return result;
  };
  const { pace } = scope;
  await inTurns(
    lanes,
    pace.projects,
    (lane) =>
      // Whoever is needed comes first, so one at a time never waits for itself.
      inTurns(lane.planned.values(), pace.units, async (planned) => {
        const { unit } = await run(lane, planned);
        // What a project cannot do without ends its start, and no other's.
        const isFatal = unit === undefined ||
          unit.failure !== undefined && isCritical(unit);
        if (isFatal) lane.giveUp.abort();
      }),
  );
  const units = await Promise.all(
    [...tasks.values()].map(async ({ result, projects }) => {
      const { unit } = await result;
      return unit === undefined ? [] : [{ ...unit, projects } as StartedUnit];
    }),
  );
  return { units: units.flat(), surprise };
}
