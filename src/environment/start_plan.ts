/**
 * What a start of one project does: what is started after what, what is there
 * already, and what is left out, with the reason.
 *
 * @module
 */

import type {
  EnvironmentSettings,
  Mode,
  Project,
  ServiceStatus,
} from "./model.ts";
import { MAIN_PROJECT } from "./selectable_units.ts";
import {
  dependentsOf,
  type GraphFault,
  graphOf,
  neededBy,
  type ServiceGraph,
  startLayers,
} from "./service_graph.ts";

/** What a plan is made from. */
export interface StartFacts {
  /** The project. */
  readonly project: Project;
  /** Its mode. */
  readonly mode: Mode;
  /** Services and dependencies that are meant, by slug and id. */
  readonly chosen: "everything" | ReadonlySet<string>;
  /** Those that must not be started, even where others need them. */
  readonly refused: ReadonlySet<string>;
  /** Whether what the chosen ones need is started too. */
  readonly withNeeded: boolean;
  /** Whether dependencies may be started. */
  readonly withDependencies: boolean;
  /** Every `onlyIfPath` that exists below the root of the project. */
  readonly existingPaths: ReadonlySet<string>;
  /** What is recorded for the project, as it was found just now. */
  readonly found: ReadonlyMap<string, ServiceStatus>;
}

/** One service or dependency to start. */
export interface PlannedStart {
  /** Slug or id. */
  readonly id: string;
  /** What it is. */
  readonly kind: "dependency" | "service";
  /** Project that will own it: `Main` for what is shared. */
  readonly owner: string;
  /** Who of this plan, or of those that are still starting, is ready first. */
  readonly after: readonly string[];
  /** What its last record was found to be; its remains are cleared first. */
  readonly replaces: ServiceStatus | undefined;
}

/** Why something is not started. */
export type LeftOutReason =
  | "no_dependencies"
  | "not_selected"
  | "off_in_mode"
  | "path_missing"
  | "refused";

/** Something that is not started. */
export interface LeftOut {
  /** Slug or id. */
  readonly id: string;
  /** Why. */
  readonly reason: LeftOutReason;
}

/** A need that nothing fills; it is started all the same. */
export interface UnmetNeed {
  /** Who is started. */
  readonly id: string;
  /** What it needs. */
  readonly needs: string;
  /** Why that is not started. */
  readonly reason: LeftOutReason;
}

/** Something that cannot be started now. */
export interface BlockedStart {
  /** Slug or id. */
  readonly id: string;
  /** Whose state forbids it: its own, or that of one that it needs. */
  readonly by: string;
  /** `unverified` or `termination_failed`: a second one might come up. */
  readonly status: ServiceStatus;
}

/** What a start does. */
export interface StartPlan {
  /** Tells it from faults. */
  readonly kind: "plan";
  /** To start, layer by layer. */
  readonly layers: readonly (readonly PlannedStart[])[];
  /** Up already, or on its way. */
  readonly there: readonly {
    readonly id: string;
    readonly status: ServiceStatus;
  }[];
  /** Must be looked at by a person first. */
  readonly blocked: readonly BlockedStart[];
  /** Not started. */
  readonly leftOut: readonly LeftOut[];
  /** Started without something that it needs. */
  readonly unmet: readonly UnmetNeed[];
}

/** Plans the start of one project. */
export function planStart(
  settings: Pick<EnvironmentSettings, "dependencies" | "services">,
  facts: StartFacts,
):
  | StartPlan
  | { readonly kind: "faults"; readonly faults: readonly GraphFault[] } {
  const result = graphOf(settings, facts.mode);
  if (result.kind === "faults") return result;
  const { graph } = result;
  const reasons = leftOutReasons(settings, facts, graph);
  const wanted = [...graph.nodes.keys()].filter((id) => !reasons.has(id));
  const there = wanted.filter((id) =>
    verdictFor(settings, facts, id) === "there"
  );
  const blocked = blockedStarts(settings, facts, graph, wanted);
  const stuck = new Set(blocked.map(({ id }) => id));
  const rest = new Set(
    wanted.filter((id) =>
      verdictFor(settings, facts, id) === "start" && !stuck.has(id)
    ),
  );
  const awaited = new Set([
    ...rest,
    ...there.filter((id) => facts.found.get(id) === "starting"),
  ]);
  const shared = new Set(
    settings.dependencies.filter(({ isShared }) =>
      isShared && facts.mode === "trees"
    ).map(({ id }) => id),
  );
  const plan = (id: string): readonly PlannedStart[] => {
    const node = graph.nodes.get(id);
    return node === undefined ? [] : [{
      id,
      kind: node.kind,
      owner: shared.has(id) ? MAIN_PROJECT : facts.project.name,
      after: node.after.filter((to) => awaited.has(to)),
      replaces: facts.found.get(id),
    }];
  };
  return {
    kind: "plan",
    layers: startLayers(graph, rest).map((layer) => layer.flatMap(plan)),
    there: there.map((id) => ({
      id,
      status: facts.found.get(id) ?? "running",
    })),
    blocked,
    leftOut: [...reasons].map(([id, reason]) => ({ id, reason })),
    unmet: unmetNeeds(settings, rest, reasons, facts),
  };
}

/** Those whose state forbids a start, and those that need one of them. */
function blockedStarts(
  settings: Pick<EnvironmentSettings, "services">,
  facts: StartFacts,
  graph: ServiceGraph,
  wanted: readonly string[],
): readonly BlockedStart[] {
  const causes = wanted.filter((id) =>
    verdictFor(settings, facts, id) === "blocked"
  ).map((by) => ({ by, of: dependentsOf(graph, [by]) }));
  return wanted.flatMap((id) => {
    const verdict = verdictFor(settings, facts, id);
    if (verdict === "there") return [];
    const cause = causes.find(({ by }) => by === id) ??
      causes.find(({ of }) => of.has(id));
    if (cause === undefined) return [];
    const status = facts.found.get(cause.by) ?? "unverified";
    return [{ id, by: cause.by, status }];
  });
}

/** Why each one that is not started is not, in the order of the settings. */
function leftOutReasons(
  settings: Pick<EnvironmentSettings, "dependencies" | "services">,
  facts: StartFacts,
  graph: ServiceGraph,
): ReadonlyMap<string, LeftOutReason> {
  const gone = new Map<string, LeftOutReason>();
  const note = (id: string, reason: LeftOutReason | undefined) => {
    if (reason !== undefined) gone.set(id, reason);
  };
  for (const { id } of settings.dependencies) {
    note(id, dependencyReason(id, facts, graph));
  }
  for (const { slug, onlyIfPath } of settings.services) {
    note(slug, serviceReason(slug, onlyIfPath, facts, graph));
  }
  const selected = selectedIds(facts, graph, gone);
  return new Map(
    [
      ...settings.dependencies.map(({ id }) => id),
      ...settings.services.map(
        ({ slug }) => slug,
      ),
    ].flatMap((id) => {
      const reason = gone.get(id) ??
        (selected.has(id) ? undefined : "not_selected" as const);
      return reason === undefined ? [] : [[id, reason] as const];
    }),
  );
}

function dependencyReason(
  id: string,
  facts: StartFacts,
  graph: ServiceGraph,
): LeftOutReason | undefined {
  if (!graph.nodes.has(id)) return "off_in_mode";
  if (facts.refused.has(id)) return "refused";
  return facts.withDependencies ? undefined : "no_dependencies";
}

function serviceReason(
  slug: string,
  onlyIfPath: string | undefined,
  facts: StartFacts,
  graph: ServiceGraph,
): LeftOutReason | undefined {
  if (!graph.nodes.has(slug)) return "off_in_mode";
  if (facts.refused.has(slug)) return "refused";
  return onlyIfPath === undefined || facts.existingPaths.has(onlyIfPath)
    ? undefined
    : "path_missing";
}

/** What is chosen and, where that counts, what it needs of what can start. */
function selectedIds(
  facts: StartFacts,
  graph: ServiceGraph,
  gone: ReadonlyMap<string, LeftOutReason>,
): ReadonlySet<string> {
  if (facts.chosen === "everything") return new Set(graph.nodes.keys());
  if (!facts.withNeeded) return facts.chosen;
  // What is not started needs nothing, so the way does not lead through it.
  const nodes = new Map(
    [...graph.nodes].filter(([id]) => !gone.has(id)),
  );
  const roots = [...facts.chosen].filter((id) => nodes.has(id));
  return new Set([...facts.chosen, ...neededBy({ nodes }, roots)]);
}

function verdictFor(
  settings: Pick<EnvironmentSettings, "services">,
  facts: StartFacts,
  id: string,
): "blocked" | "start" | "there" {
  switch (facts.found.get(id)) {
    case "running":
    case "starting":
      return "there";
    case "finished": {
      const service = settings.services.find(({ slug }) => slug === id);
      return service?.ready.kind === "exit" ? "there" : "start";
    }
    case "termination_failed":
    case "unverified":
      return "blocked";
    default:
      return "start";
  }
}

function unmetNeeds(
  settings: Pick<EnvironmentSettings, "services">,
  planned: ReadonlySet<string>,
  reasons: ReadonlyMap<string, LeftOutReason>,
  facts: StartFacts,
): readonly UnmetNeed[] {
  return settings.services.filter(({ slug }) => planned.has(slug))
    .flatMap(({ slug: id, dependsOn }) =>
      [...new Set(dependsOn)].flatMap((needs) => {
        const reason = reasons.get(needs);
        const isUp = verdictFor(settings, facts, needs) === "there";
        return reason === undefined || isUp ? [] : [{ id, needs, reason }];
      })
    );
}
