/**
 * Somebody who provides each dependency of a start.
 *
 * @module
 */

import { DEPENDENCIES } from "./dependency_registry.ts";
import type { DependencyChoice } from "./model.ts";
import { chooseProvision, type Provision } from "./provision_facts.ts";
import { isDependency } from "./service_keys.ts";

/** What choosing needs of the world. */
export type ProvisionHost = Parameters<typeof chooseProvision>[0];

/**
 * Chooses for each key of a unit; a dependency is looked for once.
 *
 * @param ids names of dependencies by the keys of their units.
 * @throws {KnownError} `unusable` when nothing provides one of them.
 */
export async function chooseEach(
  host: ProvisionHost,
  ids: ReadonlyMap<string, string>,
  dependencies: readonly DependencyChoice[],
): Promise<ReadonlyMap<string, Provision>> {
  const chosen = new Map<string, Promise<Provision>>();
  const choose = (id: string): Promise<Provision> => {
    const choice = dependencies.find((one) => one.id === id);
    if (choice === undefined || !isDependency(id)) {
      throw new TypeError(`no dependency ${id}`);
    }
    const known = chosen.get(id) ??
      chooseProvision(host, DEPENDENCIES[id], choice);
    chosen.set(id, known);
    return known;
  };
  return new Map(
    await Promise.all(
      [...ids].map(async ([key, id]) => [key, await choose(id)] as const),
    ),
  );
}
