/**
 * The variables of all dependencies of a project together: what services may
 * be given, and which of it nobody else may see.
 *
 * @module
 */

import type { DependencyEndpoint } from "./dependency_endpoint.ts";
import type { ProjectedVariable } from "./dependency_projection.ts";
import { DEPENDENCIES } from "./dependency_registry.ts";
import type { DependencyId } from "./service_keys.ts";

/** A dependency that is there. */
export interface ProvidedDependency {
  /** Which one. */
  readonly id: DependencyId;
  /** Where it answers in the end. */
  readonly endpoint: DependencyEndpoint;
}

/** What dependencies provide. */
export interface DependencyVariables {
  /** Each variable by its name; the values that `${…}` stands for. */
  readonly sources: ReadonlyMap<string, ProjectedVariable>;
  /** Values that must never be shown, the longest first. */
  readonly secrets: readonly string[];
}

/**
 * Joins the variables of dependencies. Where two have one of the same name,
 * such as the databases of PostgreSQL and Supabase, that of the dependency
 * which was made for it counts: the first in the registry.
 *
 * @param publicHost host in addresses for people.
 */
export function projectDependencies(
  provided: readonly ProvidedDependency[],
  publicHost: string,
): DependencyVariables {
  const sources = new Map<string, ProjectedVariable>();
  for (const definition of Object.values(DEPENDENCIES)) {
    const found = provided.find(({ id }) => id === definition.id);
    if (found === undefined) continue;
    for (const one of definition.project(found.endpoint, publicHost)) {
      if (!sources.has(one.name)) sources.set(one.name, one);
    }
  }
  const passwords = provided.flatMap((
    { endpoint },
  ) => [endpoint.password, ...Object.values(endpoint.secrets)]);
  const values = [...sources.values()].filter(({ isSecret }) => isSecret)
    .map(({ value }) => value);
  const secrets = [...new Set([...values, ...passwords])]
    .flatMap((value) => value === undefined || value === "" ? [] : [value])
    .sort((a, b) => b.length - a.length || a.localeCompare(b));
  return { sources, secrets };
}
