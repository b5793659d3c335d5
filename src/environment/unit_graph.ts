/**
 * One graph over the units of several projects.
 *
 * @module
 */

import type { EnvironmentSettings, Mode } from "./model.ts";
import { MAIN_PROJECT, unitKey } from "./selectable_units.ts";
import {
  graphOf,
  type ServiceGraph,
  withImpliedNeeds,
} from "./service_graph.ts";

/** A unit of a project. */
export interface GraphUnit {
  /** Its key, of `unitKey`. */
  readonly key: string;
  /** What it is. */
  readonly kind: "dependency" | "service";
  /** Mode of its run. */
  readonly mode: Mode;
  /** Project that owns it. */
  readonly project: string;
  /** Slug or id. */
  readonly id: string;
}

type Settings = Pick<EnvironmentSettings, "dependencies" | "services">;

/**
 * Who needs each unit, by key. Where settings have changed so that they make
 * no sense, each service counts as needing every dependency.
 */
export function dependentsByKey(
  settings: Settings,
  units: readonly GraphUnit[],
): ReadonlyMap<string, readonly string[]> {
  const graphs = new Map<Mode, ServiceGraph | undefined>();
  const graphFor = (mode: Mode) => {
    if (!graphs.has(mode)) graphs.set(mode, soundGraph(settings, mode));
    return graphs.get(mode);
  };
  const dependents = new Map(units.map(({ key }) => [key, [] as string[]]));
  for (const unit of units) {
    const graph = graphFor(unit.mode);
    const needs = graph === undefined
      ? allDependencies(units, unit)
      : (graph.nodes.get(unit.id)?.after ?? []).flatMap((id) =>
        keysOf(unit.project, id)
      );
    for (const key of needs) dependents.get(key)?.push(unit.key);
  }
  return dependents;
}

/** The graph of a mode, or `undefined` for settings that make no sense. */
export function soundGraph(
  settings: Settings,
  mode: Mode,
): ServiceGraph | undefined {
  const result = graphOf(withImpliedNeeds(settings, mode), mode);
  return result.kind === "graph" ? result.graph : undefined;
}

/** Its own, or the one that worktrees share. */
function keysOf(project: string, id: string): readonly string[] {
  return [unitKey({ project, id }), unitKey({ project: MAIN_PROJECT, id })];
}

function allDependencies(
  units: readonly GraphUnit[],
  { kind }: GraphUnit,
): readonly string[] {
  if (kind === "dependency") return [];
  return units.filter((one) => one.kind === "dependency")
    .map(({ key }) => key);
}
