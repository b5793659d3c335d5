/**
 * What dependencies are started from, and where those answer that are up.
 *
 * @module
 */

import {
  dependencyDataPath,
  serviceLogPath,
} from "../state/environment_paths.ts";
import type { Attempt } from "./attempt.ts";
import type { DependencyEndpoint } from "./dependency_endpoint.ts";
import { DEPENDENCIES } from "./dependency_registry.ts";
import type { DependencyChoice, DependencyRecord } from "./model.ts";
import { chooseProvision, type Provision } from "./provision_facts.ts";
import { pickProvisioner } from "./provisioners/pick_provisioner.ts";
import type { ProvisionContext } from "./provisioners/provisioner.ts";
import { type DependencyId, isDependency } from "./service_keys.ts";
import { inheritedVariables } from "./service_launch.ts";
import { resourceUnit } from "./port_entry.ts";
import type { PortBook } from "./start_ports.ts";
import { ownUnits } from "./unit_owner.ts";

/** One dependency to bring up. */
export interface DependencyWish {
  /** What the settings say. */
  readonly choice: DependencyChoice;
  /** What was decided. */
  readonly provision: Provision;
  /** Project that owns it. */
  readonly project: string;
  /** Root of that project. */
  readonly projectRoot: string;
  /** Ports of this attempt. */
  readonly ports: PortBook;
  /** Gives up early. */
  readonly signal: AbortSignal;
}

/** What a dependency is started from. */
export function contextOf(
  { host, place, run }: Attempt,
  { choice, provision, project, projectRoot, ports }:
    & Omit<DependencyWish, "ports" | "signal">
    & { readonly ports: Pick<PortBook, "portOf"> },
): ProvisionContext {
  const id = dependencyId(choice);
  return {
    definition: DEPENDENCIES[id],
    choice,
    scope: place.scope,
    project,
    projectRoot,
    ports: Object.fromEntries(
      Object.entries(choice.ports).map(([resource, base]) => [
        resource,
        ports.portOf(project, resourceUnit(id, resource)) ?? base,
      ]),
    ),
    dataDirectory: dependencyDataPath(place.paths, project, id),
    logPath: serviceLogPath(run, project, id),
    baseEnv: inheritedVariables(host.env, []),
    program: provision.program,
  };
}

/**
 * Where a dependency answers that was up before.
 *
 * @throws {KnownError} when what provides it is not there any more.
 */
export async function keptEndpoint(
  attempt: Attempt,
  choice: DependencyChoice,
  record: DependencyRecord,
): Promise<DependencyEndpoint> {
  const { host, place } = attempt;
  const { project, mode } = record;
  const definition = DEPENDENCIES[dependencyId(choice)];
  const fixed = { ...choice, mode };
  const provision = await chooseProvision(host, definition, fixed);
  const context = contextOf(attempt, {
    choice: fixed,
    provision,
    project,
    projectRoot: place.repositoryRoot,
    ports: {
      portOf: (_project, unit) => record.ports[unit.split(".")[1] ?? ""],
    },
  });
  const owner = ownUnits(host, {});
  const provisioner = pickProvisioner(host, definition, mode, owner);
  return (await provisioner.plan(context)).endpoint;
}

/** The id of a dependency of the settings. */
function dependencyId({ id }: DependencyChoice): DependencyId {
  if (isDependency(id)) return id;
  throw new TypeError(`There is no dependency ${id}`);
}
