/**
 * What a start would do: the decision about the recorded run, the plan of each
 * project and its ports, out of the same functions that a start uses. Changes
 * nothing.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { PortPlan, Project } from "../environment/model.ts";
import { observeRuns } from "../environment/observe.ts";
import type { EnvironmentPlace } from "../environment/place.ts";
import { previewPorts } from "../environment/port_ledger.ts";
import type { PortWish } from "../environment/port_plan.ts";
import { listProjects } from "../environment/projects.ts";
import type { ReuseDecision } from "../environment/run_reuse.ts";
import { MAIN_PROJECT, unitKey } from "../environment/selectable_units.ts";
import type { StartRequest } from "../environment/start.ts";
import { decideStart, plannedKeys } from "../environment/start_decide.ts";
import { chooseProvisions, wishesOf } from "../environment/start_needs.ts";
import type { StartPlan } from "../environment/start_plan.ts";
import { portBases } from "../environment/start_ports.ts";
import { joinRuns } from "../environment/start_scope.ts";

/** What a start of one project would do. */
export interface ProjectPreview {
  /** The project. */
  readonly project: Project;
  /** What would be started, and what not. */
  readonly plan: StartPlan;
  /** Ports of what would be started. */
  readonly ports: readonly PortPlan[];
}

/** What a line would do. */
export interface StartPreview {
  /** What it would be asked for. */
  readonly request: StartRequest;
  /** What becomes of the recorded run. */
  readonly reuse: ReuseDecision;
  /** Names of units that would be ended first. */
  readonly ended: readonly string[];
  /** Each project. */
  readonly projects: readonly ProjectPreview[];
}

/**
 * Decides as a start does.
 *
 * @throws {KnownError} as a start would, such as for a dependency that nothing
 * provides.
 */
export async function previewStart(
  host: Host,
  place: EnvironmentPlace,
  request: StartRequest,
): Promise<StartPreview> {
  const observed = await observeRuns(host, place, {});
  const before = joinRuns(observed, request.mode);
  const decision = await decideStart(host, place, request, observed, before);
  const { plans, reuse, settings, toEnd } = decision;
  const provisions = await chooseProvisions(host, settings, plans);
  const ports = await portsFor(host, place, wishesOf(decision, provisions));
  return {
    request,
    reuse,
    ended: toEnd.map(({ name }) => name),
    projects: plans.map(({ plan, project }) => {
      const owned = plannedKeys([{ plan, project }]);
      const own = ports.filter(({ project, unit }) =>
        owned.has(unitKey({ project, id: unit.split(".")[0] ?? "" }))
      );
      return { project, plan, ports: own };
    }),
  };
}

/** Ports as a start would be given them now. */
export async function portsFor(
  host: Host,
  place: EnvironmentPlace,
  wishes: readonly PortWish[],
): Promise<readonly PortPlan[]> {
  if (wishes.length === 0) return [];
  const trees = await listProjects(host, place, "trees");
  return await previewPorts(host, place.paths, {
    scope: place.scope,
    projects: [MAIN_PROJECT, ...trees.map(({ name }) => name)],
    units: portBases(place.loaded.settings),
    wishes,
  });
}
