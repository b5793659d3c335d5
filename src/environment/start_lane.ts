/**
 * What starting the units of several projects works with.
 *
 * @module
 */

import type { Attempt } from "./attempt.ts";
import type { DependencyEndpoint } from "./dependency_endpoint.ts";
import type {
  DependencyRecord,
  EnvironmentSettings,
  Mode,
  Project,
  ServiceRecord,
} from "./model.ts";
import type { ObservedUnit } from "./observe.ts";
import type { Provision } from "./provision_facts.ts";
import type { Pace } from "./lifecycle.ts";
import { openReadiness, type Readiness } from "./readiness.ts";
import { unitKey } from "./selectable_units.ts";
import type { PlannedStart, StartPlan } from "./start_plan.ts";
import type { PortBook } from "./start_ports.ts";

/** The plan of one project. */
export interface ProjectPlan {
  /** The project. */
  readonly project: Project;
  /** What is started of it. */
  readonly plan: StartPlan;
}

/** What an attempt starts. */
export interface StartScope {
  /** Settings with implied needs. */
  readonly settings: EnvironmentSettings;
  /** Mode of the run. */
  readonly mode: Mode;
  /** The plans of its projects. */
  readonly plans: readonly ProjectPlan[];
  /** Where dependencies come from, by key. */
  readonly provisions: ReadonlyMap<string, Provision>;
  /** Ports of the attempt. */
  readonly ports: PortBook;
  /** What is up already, by key. */
  readonly there: ReadonlyMap<string, ObservedUnit>;
  /** How much is done at the same time. */
  readonly pace: Pace;
}

/**
 * Works on items in their order, on at most so many at the same time.
 *
 * @throws whatever `work` throws first.
 */
export async function inTurns<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const all = [...items];
  const rest = all.values();
  const hand = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(all.slice(0, atOnce).map(hand));
}

/** What became of one unit. */
export type StartedUnit =
  & {
    /** Its key. */
    readonly key: string;
    /** Projects that asked for it. */
    readonly projects: ReadonlySet<string>;
    /** Why it is not ready, and the next step. */
    readonly failure:
      | { readonly why: string; readonly hint: string | undefined }
      | undefined;
    /** Whether it only failed because of another one. */
    readonly isConsequence: boolean;
  }
  & (
    | { readonly kind: "dependency"; readonly record: DependencyRecord }
    | { readonly kind: "service"; readonly record: ServiceRecord }
  );

/** What starting one unit has given. */
export interface TaskResult {
  /** What became of it; `undefined` for one that was not begun. */
  readonly unit: Omit<StartedUnit, "projects"> | undefined;
  /** Where it answers, for a dependency that is ready. */
  readonly endpoint: DependencyEndpoint | undefined;
}

/** Whether a project is broken without a unit. */
export function isCritical(
  unit: Pick<StartedUnit, "kind" | "record">,
): boolean {
  return !("isCritical" in unit.record) || unit.record.isCritical;
}

/** The start of one project, under way. */
export interface Lane {
  /** The project. */
  readonly project: Project;
  /** What is started of it, by slug or id. */
  readonly planned: ReadonlyMap<string, PlannedStart>;
  /** Ends the start of this project, and of no other. */
  readonly giveUp: AbortController;
  /** Aborts when it or everything is given up. */
  readonly signal: AbortSignal;
  /** Waits for its services. */
  readonly readiness: Readiness;
  /** Ports of its services, as they are now. */
  readonly ports: Map<string, number>;
}

/** Begins the start of a project; `all` aborts that of every project. */
export function openLane(
  { host }: Attempt,
  scope: StartScope,
  { project, plan }: ProjectPlan,
  all: AbortSignal,
): Lane {
  const giveUp = new AbortController();
  const signal = AbortSignal.any([all, giveUp.signal]);
  const ports = new Map<string, number>();
  for (const { slug } of scope.settings.services) {
    const there = scope.there.get(unitKey({ project: project.name, id: slug }));
    const recorded = there?.kind === "service"
      ? there.truth.actualPort ?? there.record.actualPort
      : undefined;
    const port = scope.ports.portOf(project.name, slug) ?? recorded;
    if (port !== undefined) ports.set(slug, port);
  }
  return {
    project,
    planned: new Map(plan.layers.flat().map((one) => [one.id, one])),
    giveUp,
    signal,
    readiness: openReadiness(host, signal),
    ports,
  };
}
