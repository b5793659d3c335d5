/**
 * What must be ready before what: one graph over services and dependencies.
 *
 * @module
 */

import type { EnvironmentSettings, Mode } from "./model.ts";
import { EVERY_DEPENDENCY } from "./service_keys.ts";

/** A service or a dependency, as the graph sees it. */
export interface GraphNode {
  /** Slug of a service, or id of a dependency. */
  readonly id: string;
  /** What it is. */
  readonly kind: "dependency" | "service";
  /** What must be ready before it. */
  readonly after: readonly string[];
}

/** An edge that does not count in a mode. */
export interface DroppedEdge {
  /** Who asks for the other. */
  readonly from: string;
  /** Who is not there in this mode. */
  readonly to: string;
}

/** A sound graph: every edge leads to a node, and none leads back. */
export interface ServiceGraph {
  /** Nodes by id: dependencies first, then services, each as in the settings. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** Edges to what is off in this mode. */
  readonly dropped: readonly DroppedEdge[];
}

/** What is wrong with the edges of the settings. */
export type GraphFault =
  /** Two have one name. */
  | { readonly kind: "duplicate"; readonly id: string }
  /** Nobody has that name. */
  | {
    readonly kind: "unknown";
    readonly from: string;
    readonly to: string;
    /** Every name that there is. */
    readonly known: readonly string[];
  }
  /** Each waits for the next, and the last is the first. */
  | { readonly kind: "cycle"; readonly path: readonly string[] };

/** A graph, or everything that is wrong with it. */
export type GraphResult =
  | { readonly kind: "faults"; readonly faults: readonly GraphFault[] }
  | { readonly kind: "graph"; readonly graph: ServiceGraph };

/** The graph of all that belongs to a mode. */
export function graphOf(
  settings: Pick<EnvironmentSettings, "dependencies" | "services">,
  mode: Mode,
): GraphResult {
  const every = [
    ...settings.dependencies.map(({ id, modes }) => ({
      node: { id, kind: "dependency", after: [] } satisfies GraphNode,
      modes,
    })),
    ...settings.services.map(({ slug, dependsOn, modes }) => ({
      node: {
        id: slug,
        kind: "service",
        after: [...new Set(dependsOn)],
      } satisfies GraphNode,
      modes,
    })),
  ];
  const faults = namingFaults(every.map(({ node }) => node));
  if (faults.length > 0) return { kind: "faults", faults };
  const present = every.filter(({ modes }) => modes.includes(mode));
  const ids = new Set(present.map(({ node }) => node.id));
  const dropped: DroppedEdge[] = [];
  const nodes = new Map<string, GraphNode>();
  for (const { node } of present) {
    const { id, kind } = node;
    const after = node.after.filter((to) => {
      if (!ids.has(to)) dropped.push({ from: id, to });
      return ids.has(to);
    });
    nodes.set(id, { id, kind, after });
  }
  const path = findCycle(nodes);
  return path === undefined
    ? { kind: "graph", graph: { nodes, dropped } }
    : { kind: "faults", faults: [{ kind: "cycle", path }] };
}

/**
 * Settings in which a service that waits for all dependencies names those of
 * the mode.
 */
export function withImpliedNeeds<
  T extends Pick<EnvironmentSettings, "dependencies" | "services">,
>(settings: T, mode: Mode): T {
  const all = settings.dependencies.filter(({ modes }) => modes.includes(mode))
    .map(({ id }) => id);
  const services = settings.services.map((service) => ({
    ...service,
    dependsOn: service.dependsOn.flatMap((name) =>
      name === EVERY_DEPENDENCY ? all : [name]
    ),
  }));
  return { ...settings, services };
}

function namingFaults(nodes: readonly GraphNode[]): readonly GraphFault[] {
  const known = new Set<string>();
  const faults: GraphFault[] = [];
  for (const { id } of nodes) {
    if (known.has(id)) faults.push({ kind: "duplicate", id });
    known.add(id);
  }
  for (const { id: from, after } of nodes) {
    for (const to of after) {
      if (known.has(to)) continue;
      faults.push({ kind: "unknown", from, to, known: [...known].sort() });
    }
  }
  return faults;
}

/** A way from a node back to itself, both ends written out. */
function findCycle(
  nodes: ReadonlyMap<string, GraphNode>,
): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of nodes.keys()) {
    // Explicit, as a chain of thousands must not exhaust the stack.
    const path: { readonly id: string; next: number }[] = [];
    const open = new Set<string>();
    const enter = (id: string) => {
      path.push({ id, next: 0 });
      open.add(id);
    };
    if (!done.has(start)) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const to = nodes.get(top.id)?.after[top.next++];
      if (to === undefined) {
        done.add(top.id);
        open.delete(top.id);
        path.pop();
      } else if (open.has(to)) {
        const ids = path.map(({ id }) => id);
        return [...ids.slice(ids.indexOf(to)), to];
      } else if (!done.has(to)) enter(to);
    }
  }
  return undefined;
}

/**
 * Layers of a start: each layer needs only what earlier ones hold. Only the
 * given ids take part; an edge to another one does not count.
 */
export function startLayers(
  graph: Pick<ServiceGraph, "nodes">,
  ids: ReadonlySet<string>,
): readonly (readonly string[])[] {
  const depths = new Map<string, number>();
  const members = [...graph.nodes.values()].filter(({ id }) => ids.has(id));
  let waiting: readonly GraphNode[] = members;
  const layers: string[][] = [];
  while (waiting.length > 0) {
    const ready = waiting.filter(({ after }) =>
      after.every((id) => !ids.has(id) || depths.has(id))
    );
    if (ready.length === 0) throw new TypeError("the graph has a cycle");
    for (const { id } of ready) depths.set(id, layers.length);
    layers.push(ready.map(({ id }) => id));
    waiting = waiting.filter(({ id }) => !depths.has(id));
  }
  return layers;
}

/** Layers of a stop: whoever needs somebody ends before that one. */
export function stopLayers(
  graph: Pick<ServiceGraph, "nodes">,
  ids: ReadonlySet<string>,
): readonly (readonly string[])[] {
  const { nodes } = graph;
  const after = new Map([...nodes.keys()].map((id) => [id, [] as string[]]));
  for (const node of nodes.values()) {
    for (const to of node.after) after.get(to)?.push(node.id);
  }
  const turned = new Map(
    [...nodes.values()].map((node) => [
      node.id,
      { ...node, after: after.get(node.id) ?? [] },
    ]),
  );
  return startLayers({ nodes: turned }, ids);
}

/** Everybody that needs one of the given ones, however indirectly. */
export function dependentsOf(
  graph: Pick<ServiceGraph, "nodes">,
  ids: Iterable<string>,
): ReadonlySet<string> {
  const of = new Map<string, string[]>();
  for (const { id, after } of graph.nodes.values()) {
    for (const to of after) of.set(to, [...of.get(to) ?? [], id]);
  }
  return reachable(ids, (id) => of.get(id) ?? []);
}

/** Everybody that the given ones need, however indirectly. */
export function neededBy(
  graph: Pick<ServiceGraph, "nodes">,
  ids: Iterable<string>,
): ReadonlySet<string> {
  return reachable(ids, (id) => graph.nodes.get(id)?.after ?? []);
}

function reachable(
  ids: Iterable<string>,
  next: (id: string) => readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const to of next(id)) {
      if (found.has(to)) continue;
      found.add(to);
      open.push(to);
    }
  }
  return found;
}

/** What is wrong, in a sentence without its point. */
export function describeGraphFault(fault: GraphFault): string {
  switch (fault.kind) {
    case "duplicate":
      return `Two services or dependencies have the name ${fault.id}`;
    case "unknown":
      return `${fault.from} depends on ${fault.to}, which there is not; ` +
        `there are ${fault.known.join(", ")}`;
    case "cycle":
      return `Services wait for each other: ${fault.path.join(" → ")}`;
  }
}
