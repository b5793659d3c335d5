/**
 * Starts one unit of a project.
 *
 * @module
 */

import type { Attempt } from "./attempt.ts";
import type { ServiceDefinition } from "./model.ts";
import { isDependency } from "./service_keys.ts";
import type { LaunchFacts } from "./service_launch.ts";
import type { ServiceStart } from "./service_outcome.ts";
import { MAIN_PROJECT, unitKey } from "./selectable_units.ts";
import type {
  Lane,
  StartedUnit,
  StartScope,
  TaskResult,
} from "./start_lane.ts";
import type { PlannedStart } from "./start_plan.ts";
import { neverStarted, startService } from "./start_service.ts";
import { sourcesIn, type TemplateSource } from "./template_fill.ts";

/** One unit to start, with all that it is started from. */
export interface Work {
  /** The attempt. */
  readonly attempt: Attempt;
  /** What the attempt starts. */
  readonly scope: StartScope;
  /** Its project. */
  readonly lane: Lane;
  /** What is planned for it. */
  readonly planned: PlannedStart;
  /** Its key. */
  readonly key: string;
  /** Aborts for all projects, not for this one alone. */
  readonly all: AbortSignal;
}

/** Starts one unit as soon as what it needs is ready. */
export async function startOne(
  work: Work,
  needs: readonly Promise<TaskResult>[],
  run: (planned: PlannedStart) => Promise<TaskResult>,
): Promise<TaskResult> {
  const { attempt, lane, planned } = work;
  if (needs.length > 0) {
    attempt.reporter.onUnit({
      project: planned.owner,
      unit: planned.id,
      state: "waiting",
    });
  }
  const results = await Promise.all(needs);
  const missing = results.find(({ unit }) => unit?.failure !== undefined);
  if (planned.kind === "dependency") {
    return work.all.aborted ? leaveOut(work) : await startDependencyOf(work);
  }
  const service = work.scope.settings.services.find(({ slug }) =>
    slug === planned.id
  );
  if (service === undefined) throw new TypeError(`no service ${planned.id}`);
  const isOver = lane.signal.aborted && missing === undefined;
  if (isOver || results.some(({ unit }) => unit === undefined)) {
    return leaveOut(work);
  }
  return await startServiceOf(work, service, missing?.unit, run);
}

/** Gives up on a unit that has not been begun. */
function leaveOut({ attempt, planned }: Work): TaskResult {
  attempt.reporter.onUnit({
    project: planned.owner,
    unit: planned.id,
    state: "left_out",
    detail: "the start was given up",
  });
  return { unit: undefined, endpoint: undefined };
}

async function startServiceOf(
  work: Work,
  service: ServiceDefinition,
  missing: Omit<StartedUnit, "projects"> | undefined,
  run: (planned: PlannedStart) => Promise<TaskResult>,
): Promise<TaskResult> {
  const { attempt, scope, lane, key } = work;
  const usesSources = Object.values(service.env).some((text) =>
    sourcesIn(text).length > 0
  );
  const canStart = missing === undefined;
  const { project } = lane;
  const { slug } = service;
  const provided = canStart && usesSources
    ? await provide(work, run)
    : new Map<string, TemplateSource>();
  const factsNow = (): LaunchFacts => ({
    project,
    settings: scope.settings,
    port: lane.ports.get(slug),
    ports: lane.ports,
    provided,
    env: attempt.host.env,
  });
  const start: ServiceStart = {
    service,
    project,
    mode: scope.mode,
    readiness: lane.readiness,
    facts: factsNow(),
    isPortFixed: scope.ports.isFixed(project.name, slug),
    async movePort() {
      lane.ports.set(slug, await scope.ports.move(project.name, slug));
      return factsNow();
    },
    // Nobody has to wait for the others then; the last look tells why.
    onCrash: () => {
      if (service.isCritical) lane.giveUp.abort();
    },
  };
  const outcome = canStart
    ? await startService(attempt, start)
    : await neverStarted(
      attempt,
      start,
      `it needs ${nameOf(missing)}, which is not ready`,
    );
  const { record } = outcome;
  if (record.actualPort !== undefined) {
    lane.ports.set(slug, record.actualPort);
  }
  const failure = outcome.kind === "failed"
    ? { why: outcome.why, hint: outcome.hint }
    : undefined;
  return {
    unit: {
      key,
      kind: "service",
      record,
      failure,
      isConsequence: !canStart ||
        failure !== undefined && lane.signal.aborted,
    },
    endpoint: undefined,
  };
}

function nameOf(unit: Pick<StartedUnit, "kind" | "record">): string {
  const { record } = unit;
  return "name" in record ? record.name : `${record.project} ${record.id}`;
}

async function startDependencyOf(
  { attempt, scope, lane, planned, key, all }: Work,
): Promise<TaskResult> {
  const { id, owner } = planned;
  const choice = scope.settings.dependencies.find((one) => one.id === id);
  const provision = scope.provisions.get(key);
  if (choice === undefined || provision === undefined) {
    throw new TypeError(`no dependency ${id}`);
  }
  const isShared = owner === MAIN_PROJECT && lane.project.name !== owner;
  // Most repositories have no dependency, and bringing one up is much to load.
  const { bringUp } = await import("./start_dependency.ts");
  const up = await bringUp(attempt, {
    choice,
    provision,
    project: owner,
    projectRoot: isShared ? attempt.place.repositoryRoot : lane.project.root,
    ports: scope.ports,
    // What others need too goes on without this project.
    signal: isShared ? all : lane.signal,
  });
  const failure = up.kind === "failed"
    ? { why: up.why, hint: up.hint }
    : undefined;
  const isConsequence = failure !== undefined && lane.signal.aborted;
  return {
    unit: {
      key,
      kind: "dependency",
      record: up.record,
      failure,
      isConsequence,
    },
    endpoint: up.endpoint,
  };
}

/** What the dependencies of a project provide, those that were up included. */
async function provide(
  { attempt, scope, lane }: Work,
  run: (planned: PlannedStart) => Promise<TaskResult>,
): Promise<ReadonlyMap<string, TemplateSource>> {
  const found = await Promise.all(
    scope.settings.dependencies.map(async (choice) => {
      const { id } = choice;
      if (!isDependency(id)) return [];
      const planned = lane.planned.get(id);
      if (planned !== undefined) {
        const { endpoint } = await run(planned);
        return endpoint === undefined ? [] : [{ id, endpoint }];
      }
      const owners = [lane.project.name, MAIN_PROJECT];
      const there = owners.map((project) =>
        scope.there.get(unitKey({ project, id }))
      ).find((unit) => unit !== undefined);
      if (there?.kind !== "dependency") return [];
      const { keptEndpoint } = await import("./start_context.ts");
      const endpoint = await keptEndpoint(attempt, choice, there.record);
      return [{ id, endpoint }];
    }),
  );
  const provided = found.flat();
  if (provided.length === 0) return new Map();
  const { publicHost } = scope.settings;
  const { projectDependencies } = await import("./dependency_env.ts");
  return projectDependencies(provided, publicHost).sources;
}
