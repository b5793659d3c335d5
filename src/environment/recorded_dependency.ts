/**
 * A recorded dependency as its provisioner knows it, so that another command
 * than the one that started it can ask it and end it.
 *
 * @module
 */

import { dependencyDataPath } from "../state/environment_paths.ts";
import { DEPENDENCIES } from "./dependency_registry.ts";
import type { DependencyChoice, DependencyRecord } from "./model.ts";
import type { EnvironmentPlace } from "./place.ts";
import { findUnit } from "./provisioners/container.ts";
import {
  pickProvisioner,
  type ProvisionHost,
} from "./provisioners/pick_provisioner.ts";
import type {
  ProvisionContext,
  ProvisionedUnit,
  Provisioner,
} from "./provisioners/provisioner.ts";
import { isDependency } from "./service_keys.ts";
import type { SignalJournal } from "./signal_journal.ts";
import { ownUnits } from "./unit_owner.ts";

/** A recorded dependency, or why there is none. */
export type RecordedDependency =
  | {
    readonly kind: "found";
    readonly provisioner: Provisioner;
    readonly unit: ProvisionedUnit;
  }
  /** What was started is not there any more. */
  | { readonly kind: "gone" }
  | { readonly kind: "unknown"; readonly reason: string };

/**
 * Finds a recorded dependency.
 *
 * @param journal writes down the signals of its end; without one it can only
 * be asked.
 * @throws {KnownError} when what provides it cannot be asked.
 */
export async function recordedUnit(
  host: ProvisionHost,
  place: EnvironmentPlace,
  record: DependencyRecord,
  journal?: SignalJournal,
): Promise<RecordedDependency> {
  const { id, mode, identity } = record;
  if (!isDependency(id)) {
    return { kind: "unknown", reason: `nobody knows ${id}` };
  }
  const definition = DEPENDENCIES[id];
  const owner = ownUnits(host, journal === undefined ? {} : { journal });
  const provisioner = pickProvisioner(host, definition, mode, owner);
  if (mode === "command" || mode === "native") {
    if (identity === undefined) return { kind: "gone" };
    const name = `${record.project} ${id}`;
    const endpoint = {
      host: "localhost",
      ports: record.ports,
      isTls: false,
      path: "",
      query: "",
      secrets: {},
      ...definition.credentials,
    };
    const unit = { kind: "process", endpoint, name, identity } as const;
    return { kind: "found", provisioner, unit };
  }
  const choice = place.loaded.settings.dependencies.find((one) =>
    one.id === id
  );
  if (choice === undefined) {
    return {
      kind: "unknown",
      reason: `the settings do not name ${id} any more`,
    };
  }
  const plan = await provisioner.plan(contextOf(place, record, choice));
  if (plan.kind === "external") {
    const unit = { kind: "external", endpoint: plan.endpoint } as const;
    return { kind: "found", provisioner, unit };
  }
  if (plan.kind === "process") return { kind: "gone" };
  const unit = await findUnit(host, plan);
  return unit === undefined
    ? { kind: "gone" }
    : { kind: "found", provisioner, unit };
}

/** How long a dependency may take to end, in milliseconds, where it is known. */
export function graceOf(
  { id }: Pick<DependencyRecord, "id">,
): number | undefined {
  return isDependency(id) ? DEPENDENCIES[id].graceMs : undefined;
}

function contextOf(
  place: EnvironmentPlace,
  record: DependencyRecord,
  choice: DependencyChoice,
): ProvisionContext {
  const { id, project, ports } = record;
  if (!isDependency(id)) throw new TypeError(`nobody knows ${id}`);
  return {
    definition: DEPENDENCIES[id],
    choice,
    scope: place.scope,
    project,
    projectRoot: place.repositoryRoot,
    ports,
    dataDirectory: record.dataDirectory ??
      dependencyDataPath(place.paths, project, id),
    logPath: record.logPath ?? "",
    baseEnv: {},
    program: undefined,
  };
}
