/**
 * What a start is about: the recorded run that it goes on with, and the plan
 * of each project. Pure.
 *
 * @module
 */

import { severityOf } from "./evidence.ts";
import type { StartRequest } from "./lifecycle.ts";
import type {
  EnvironmentSettings,
  Mode,
  Project,
  RunState,
  ServiceStatus,
} from "./model.ts";
import type { ObservedRun, ObservedUnit } from "./observe.ts";
import type { RecordedRun, RecordedUnit } from "./run_reuse.ts";
import { MAIN_PROJECT, unitKey } from "./selectable_units.ts";
import { dependentsOf, type ServiceGraph } from "./service_graph.ts";
import { planStart, type StartPlan } from "./start_plan.ts";

/** What is recorded for a mode, as one run. */
export function joinRuns(
  runs: readonly ObservedRun[],
  mode: Mode,
): ObservedRun | undefined {
  const [first, ...others] = runs.filter(({ run }) => run.mode === mode);
  if (first === undefined) return undefined;
  return others.reduce((sum, other) => {
    const names = new Set(sum.run.projects.map(({ name }) => name));
    const isNew = ({ project }: { readonly project: string }) =>
      !names.has(project) &&
      other.run.projects.some(({ name }) => name === project);
    return {
      run: {
        ...sum.run,
        projects: [
          ...sum.run.projects,
          ...other.run.projects.filter(({ name }) => !names.has(name)),
        ],
        services: [...sum.run.services, ...other.run.services.filter(isNew)],
        dependencies: [
          ...sum.run.dependencies,
          ...other.run.dependencies.filter(isNew),
        ],
        ports: [...sum.run.ports, ...other.run.ports.filter(isNew)],
      },
      units: [...sum.units, ...other.units.filter(isNew)],
    };
  }, first);
}

/** Dependencies of the main checkout that another mode has up. */
export function borrowedUnits(
  runs: readonly ObservedRun[],
  mode: Mode,
  settings: Pick<EnvironmentSettings, "dependencies">,
): readonly ObservedUnit[] {
  const shared = new Set(
    settings.dependencies.filter(({ isShared }) => isShared)
      .map(({ id }) => id),
  );
  return runs.filter(({ run }) => run.mode !== mode)
    .flatMap(({ units }) => units)
    .filter(({ kind, project, id, truth }) =>
      kind === "dependency" && project === MAIN_PROJECT && shared.has(id) &&
      truth.status !== "stopped" && truth.status !== "stale"
    );
}

/** Whether something of a unit may still run. */
export function mayRun({ record, truth }: ObservedUnit): boolean {
  switch (truth.status) {
    case "finished":
    case "stale":
    case "stopped":
      return false;
    case "degraded":
      return record.identity !== undefined;
    default:
      return true;
  }
}

/** A recorded run, as the decision about it wants it. */
export function recordedRun({ run, units }: ObservedRun): RecordedRun {
  return {
    runId: run.runId,
    mode: run.mode,
    projects: run.projects,
    fingerprint: run.fingerprint,
    hasFailed: run.failure !== undefined,
    units: units.map((unit): RecordedUnit => ({
      kind: unit.kind,
      project: unit.project,
      id: unit.id,
      isAlive: mayRun(unit),
    })),
  };
}

/** Units that a restart ends first: the chosen ones, and who needs them. */
export function restartedUnits(
  units: readonly ObservedUnit[],
  request: Pick<StartRequest, "chosen" | "projects" | "withDependents">,
  graph: ServiceGraph,
): readonly ObservedUnit[] {
  const names = new Set(request.projects.map(({ name }) => name));
  const { chosen } = request;
  if (chosen === "everything") {
    return units.filter(({ project }) =>
      names.has(project) || project === MAIN_PROJECT
    );
  }
  const meant = units.filter((unit) => chosen.has(unitKey(unit)));
  if (!request.withDependents) return meant;
  const keys = new Set(meant.map(unitKey));
  for (const { project, id } of meant) {
    const isShared = project === MAIN_PROJECT && !names.has(MAIN_PROJECT);
    for (const dependent of dependentsOf(graph, [id])) {
      for (const name of isShared ? names : [project]) {
        keys.add(unitKey({ project: name, id: dependent }));
      }
    }
  }
  return units.filter((unit) => keys.has(unitKey(unit)));
}

/** What a plan of one project is made from. */
export interface ProjectScope {
  /** Settings with implied needs. */
  readonly settings: Pick<EnvironmentSettings, "dependencies" | "services">;
  /** What a person has asked for. */
  readonly request: StartRequest;
  /** What is recorded and stays, by key, as it is. */
  readonly found: ReadonlyMap<string, ServiceStatus>;
  /** Keys that are meant; narrower than the request's for a restart. */
  readonly chosen: "everything" | ReadonlySet<string>;
}

/**
 * The plan of one project.
 *
 * @param existingPaths every `onlyIfPath` that is there.
 */
export function planProject(
  { settings, request, found, chosen }: ProjectScope,
  project: Project,
  existingPaths: ReadonlySet<string>,
): StartPlan {
  const ids = [
    ...settings.dependencies.map(({ id, isShared }) => ({
      id,
      owner: isShared && request.mode === "trees" ? MAIN_PROJECT : project.name,
    })),
    ...settings.services.map(({ slug: id }) => ({ id, owner: project.name })),
  ];
  const result = planStart(settings, {
    project,
    mode: request.mode,
    chosen: chosen === "everything" ? chosen : new Set(
      ids.filter(({ id, owner }) => chosen.has(unitKey({ project: owner, id })))
        .map(({ id }) => id),
    ),
    refused: new Set(),
    withNeeded: true,
    withDependencies: request.withDependencies,
    existingPaths,
    found: new Map(
      ids.flatMap(({ id, owner }) => {
        const status = found.get(unitKey({ project: owner, id }));
        return status === undefined ? [] : [[id, status]];
      }),
    ),
  });
  if (result.kind === "plan") return result;
  // Settings with such faults were refused before.
  throw new TypeError("the graph of the settings is not sound");
}

/** What is not well of a run, as sentences. */
export function degradedTexts(run: RunState): readonly string[] {
  return run.services.filter(({ status, isCritical }) =>
    severityOf(status, isCritical) === "degraded"
  ).map(({ name, status, failure }) =>
    failure ?? `${name} is ${status.replaceAll("_", " ")}`
  );
}
