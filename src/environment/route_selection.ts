/**
 * What start, restart and stop are about, beyond what a line names.
 *
 * @module
 */

import type { RunState } from "./model.ts";
import { commandRow } from "./route_table.ts";
import type { Route } from "./route_types.ts";
import {
  MAIN_PROJECT,
  type SelectableUnit,
  unitKey,
  unitsOfRun,
} from "./selectable_units.ts";
import { askOf, type SelectionFault, selectUnits } from "./selectors.ts";
import {
  dependentsOf,
  type ServiceGraph,
  stopLayers,
} from "./service_graph.ts";

/** What a line means that names no project. */
export function whenNothingNamed(
  route: Pick<Route, "command" | "mode" | "preview">,
): "everything" | "fault" {
  const { whenNothing } = commandRow(route.preview ?? route.command);
  return whenNothing === "choice_among_trees" && route.mode === "trees"
    ? "fault"
    : "everything";
}

/** What a restart is about. */
export type RestartSelection =
  | { readonly kind: "faults"; readonly faults: readonly SelectionFault[] }
  | {
    readonly kind: "chosen";
    /** What the line means. */
    readonly units: readonly SelectableUnit[];
    /** Services that run and need one of those: they are restarted with it. */
    readonly dependents: readonly SelectableUnit[];
  };

/**
 * What a restart ends and starts again. Dependencies take part when they are
 * named, by themselves or by `--dependencies`, `--entire-system` or `--all`, or
 * when nothing narrower is said; naming a project means its services.
 */
export function selectForRestart(
  route: Route,
  run: Pick<RunState, "dependencies" | "projects" | "services">,
  graph: Pick<ServiceGraph, "nodes">,
): RestartSelection {
  const every = unitsOfRun(run);
  const names = run.projects.map(({ name }) => name);
  const chosen = selectUnits(every, names, askOf(route), "everything");
  if (chosen.kind === "faults") return chosen;
  const { flags } = route;
  const areLeft = flags.dependencies === false ||
    chosen.isWhole && flags.scope === undefined;
  const units = chosen.units.filter(({ kind }) =>
    kind === "service" || !areLeft
  );
  if (flags.ignoreServiceDeps === true) {
    return { kind: "chosen", units, dependents: [] };
  }
  const stopped = new Set(
    run.services.filter(({ identity }) => identity === undefined)
      .map(({ project, slug }) => unitKey({ project, id: slug })),
  );
  const keys = new Set(units.map(unitKey));
  const dependents = every.filter((unit) =>
    !keys.has(unitKey(unit)) &&
    !stopped.has(unitKey(unit)) &&
    units.some((chosen) => isDependent(graph, unit, chosen))
  );
  return { kind: "chosen", units, dependents };
}

/** Dependencies of `Main` serve other projects too. */
function isDependent(
  graph: Pick<ServiceGraph, "nodes">,
  unit: SelectableUnit,
  on: SelectableUnit,
): boolean {
  const isReached = unit.project === on.project ||
    on.kind === "dependency" && on.project === MAIN_PROJECT;
  return isReached && dependentsOf(graph, [on.id]).has(unit.id);
}

/**
 * In which order to stop, as layers: dependents first. A service that the
 * settings no longer know ends first, such a dependency last, and without a
 * sound graph services end before dependencies.
 */
export function stopOrder(
  units: readonly SelectableUnit[],
  graph: Pick<ServiceGraph, "nodes"> | undefined,
): readonly (readonly SelectableUnit[])[] {
  const nodes = graph?.nodes ?? new Map();
  const ids = new Set(units.map(({ id }) => id).filter((id) => nodes.has(id)));
  const layers = graph === undefined ? [] : stopLayers(graph, ids);
  const unknown = units.filter(({ id }) => !nodes.has(id));
  return [
    unknown.filter(({ kind }) => kind === "service"),
    ...layers.map((layer) => units.filter(({ id }) => layer.includes(id))),
    unknown.filter(({ kind }) => kind === "dependency"),
  ].filter((layer) => layer.length > 0);
}
