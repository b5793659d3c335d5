/**
 * Ports that a start would give, for who only asks.
 *
 * @module
 */

import type { PortPlan } from "../environment/model.ts";
import type { EnvironmentPlace } from "../environment/place.ts";
import { previewPorts } from "../environment/port_ledger.ts";
import type { PortWish } from "../environment/port_plan.ts";
import { listProjects } from "../environment/projects.ts";
import { MAIN_PROJECT } from "../environment/selectable_units.ts";
import { portBases } from "../environment/start_ports.ts";
import type { Host } from "../host/host.ts";

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
