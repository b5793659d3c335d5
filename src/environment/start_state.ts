/**
 * The state of a run after a start: what was there and stays, and what has
 * come of what was started. Pure.
 *
 * @module
 */

import { endedDependency, endedService, type EndOutcome } from "./end_units.ts";
import type {
  DependencyRecord,
  EnvironmentSettings,
  PortPlan,
  Project,
  RunState,
  ServiceRecord,
} from "./model.ts";
import type { ObservedUnit } from "./observe.ts";
import { unitKey } from "./selectable_units.ts";
import type { StartedUnit } from "./start_lane.ts";
import {
  dependencyField,
  mergeFingerprints,
  parseFingerprint,
  serviceField,
} from "./startup_identity.ts";

/** What the state after a start is made from. */
export interface StateParts {
  /** Settings of the repository. */
  readonly settings: Pick<EnvironmentSettings, "dependencies" | "services">;
  /** The run that it becomes; what it holds of units is replaced. */
  readonly base: RunState;
  /** What was recorded and stays, as it was found. */
  readonly kept: readonly ObservedUnit[];
  /** What was ended before the start, by key. */
  readonly cleared: ReadonlyMap<string, EndOutcome>;
  /** What was started. */
  readonly started: readonly StartedUnit[];
  /** What became of those of them that were ended again, by key. */
  readonly ended: ReadonlyMap<string, EndOutcome>;
  /** Ports that were reserved. */
  readonly ports: readonly PortPlan[];
}

/** The state after a start. */
export function stateAfter(parts: StateParts): RunState {
  const { base, settings } = parts;
  const begun = new Set(parts.started.map(({ key }) => key));
  const kept = parts.kept.filter((unit) => !begun.has(unitKey(unit)));
  const services = [
    ...kept.flatMap((unit) =>
      unit.kind === "service" ? [keptService(unit, parts.cleared)] : []
    ),
    ...parts.started.flatMap((unit) =>
      unit.kind === "service" ? [startedService(unit, parts.ended)] : []
    ),
  ];
  const dependencies = [
    ...kept.flatMap((unit) =>
      unit.kind === "dependency" ? [keptDependency(unit, parts.cleared)] : []
    ),
    ...parts.started.flatMap((unit) =>
      unit.kind === "dependency" ? [startedDependency(unit, parts.ended)] : []
    ),
  ];
  const slugs = settings.services.map(({ slug }) => slug);
  const ids = settings.dependencies.map(({ id }) => id);
  return {
    ...base,
    services: sortBy(services, ({ slug }) => slug, slugs),
    dependencies: sortBy(dependencies, ({ id }) => id, ids),
    ports: portsAfter(parts.base.ports, parts.ports, services, dependencies),
  };
}

/** Projects first as they come, then units in the order of the settings. */
function sortBy<T extends { readonly project: string }>(
  records: readonly T[],
  idOf: (record: T) => string,
  order: readonly string[],
): readonly T[] {
  const rank = (record: T) => {
    const at = order.indexOf(idOf(record));
    return at < 0 ? order.length : at;
  };
  return records.toSorted((a, b) =>
    a.project === b.project ? rank(a) - rank(b) : a.project < b.project ? -1 : 1
  );
}

function keptService(
  unit: Extract<ObservedUnit, { kind: "service" }>,
  cleared: ReadonlyMap<string, EndOutcome>,
): ServiceRecord {
  const end = cleared.get(unitKey(unit));
  const { record, truth } = unit;
  if (end !== undefined) return endedService(record, end);
  if (record.status === "degraded" && truth.status === "stale") return record;
  if (truth.status !== "running") return { ...record, status: truth.status };
  const actualPort = truth.actualPort ?? record.actualPort;
  return { ...record, status: "running", actualPort, failure: undefined };
}

function keptDependency(
  unit: Extract<ObservedUnit, { kind: "dependency" }>,
  cleared: ReadonlyMap<string, EndOutcome>,
): DependencyRecord {
  const end = cleared.get(unitKey(unit));
  const { record, truth } = unit;
  if (end !== undefined) return endedDependency(record, end);
  const { status } = truth;
  if (status !== "running") return { ...record, status };
  return { ...record, status, failure: undefined };
}

function startedService(
  { key, record }: Extract<StartedUnit, { kind: "service" }>,
  ended: ReadonlyMap<string, EndOutcome>,
): ServiceRecord {
  const end = ended.get(key);
  if (end === undefined) return record;
  // Whoever failed stays known as that, and not as one that was stopped.
  return end.kind === "kept" || record.failure === undefined
    ? endedService(record, end)
    : record;
}

function startedDependency(
  { key, record }: Extract<StartedUnit, { kind: "dependency" }>,
  ended: ReadonlyMap<string, EndOutcome>,
): DependencyRecord {
  const end = ended.get(key);
  if (end === undefined) return record;
  return end.kind === "kept" || record.failure === undefined
    ? endedDependency(record, end)
    : record;
}

function portsAfter(
  before: readonly PortPlan[],
  now: readonly PortPlan[],
  services: readonly ServiceRecord[],
  dependencies: readonly DependencyRecord[],
): readonly PortPlan[] {
  const plans = new Map(
    [...before, ...now].map((plan) => [`${plan.project}\n${plan.unit}`, plan]),
  );
  return [...plans.values()].flatMap((plan) => {
    const [id, resource] = plan.unit.split(".");
    const isOf = ({ project }: { readonly project: string }) =>
      project === plan.project;
    if (resource === undefined) {
      const service = services.find((one) =>
        isOf(one) && one.slug === plan.unit
      );
      if (service === undefined) return [];
      return [{ ...plan, final: service.actualPort ?? plan.final }];
    }
    const dependency = dependencies.find((one) => isOf(one) && one.id === id);
    if (dependency === undefined) return [];
    return [{ ...plan, final: dependency.ports[resource] ?? plan.final }];
  });
}

/** The projects of a run that some more are started in. */
export function joinProjects(
  before: readonly Project[],
  now: readonly Project[],
): readonly Project[] {
  const names = new Set(now.map(({ name }) => name));
  return [...before.filter(({ name }) => !names.has(name)), ...now];
}

/**
 * The fingerprint after a start of some units: what runs on as it was keeps
 * what it was started with.
 */
export function fingerprintAfter(
  before: string | undefined,
  now: string,
  kept: readonly ObservedUnit[],
  started: readonly StartedUnit[],
): string {
  if (before === undefined) return now;
  const begun = new Set(started.map(({ key }) => key));
  const staying = new Set(
    kept.filter((unit) => !begun.has(unitKey(unit))).map(({ kind, id }) =>
      kind === "service" ? serviceField(id) : dependencyField(id)
    ),
  );
  const renewed = [...parseFingerprint(now).keys()].filter((field) =>
    field.includes(".") ? !staying.has(field) : staying.size === 0
  );
  return mergeFingerprints(before, now, new Set(renewed));
}
