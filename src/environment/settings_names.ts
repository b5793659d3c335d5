/**
 * Names of the keys as a repository's file writes them.
 *
 * @module
 */

import {
  DEPENDENCY_IDS,
  DEPENDENCY_KEYS,
  DEPENDENCY_PORTS,
  type DependencyId,
  REPOSITORY_KEYS,
  SERVICE_KEYS,
  type SettingSpec,
} from "./service_keys.ts";

/** Key of a repository. */
export type RepositoryKey = keyof typeof REPOSITORY_KEYS;

/** Key of a service. */
export type ServiceKey = keyof typeof SERVICE_KEYS;

/** Key of a dependency, besides its ports. */
export type DependencyKey = keyof typeof DEPENDENCY_KEYS;

/** A key with its name. */
export interface NamedKey {
  /** `REEVE_SERVICE_API_PORT`. */
  readonly name: string;
  /** What it takes. */
  readonly spec: SettingSpec;
}

/** One line of the reference. */
export interface KeyHelp extends NamedKey {
  /** What it is about. */
  readonly owner: "dependency" | "repository" | "service";
}

const OURS =
  /^REEVE_(?:DEFAULT_MODE|TREES_DIR|PLANS_DIR|WORKTREE|PUBLIC_HOST|INHERIT_ENV|SERVICES?|DEPENDENC(?:Y|IES))(?:_|$)/;

/** Whether a line is about the environment, as far as its name tells. */
export function isEnvironmentName(name: string): boolean {
  return OURS.test(name);
}

/** The part of a service's keys that names it: `API_WORKER`. */
export function suffixOf(slug: string): string {
  return slug.toUpperCase().replaceAll("-", "_");
}

/** A key of the repository. */
export function repositoryKey(key: RepositoryKey): NamedKey {
  return { name: `REEVE_${key}`, spec: REPOSITORY_KEYS[key] };
}

/** A key of a service. */
export function serviceKey(slug: string, key: ServiceKey): NamedKey {
  return serviceKeys(slug)(key);
}

/** The keys of one service, for whoever wants several. */
export function serviceKeys(slug: string): (key: ServiceKey) => NamedKey {
  const start = `REEVE_SERVICE_${suffixOf(slug)}_`;
  return (key) => ({ name: start + key, spec: SERVICE_KEYS[key] });
}

/** What all names of a service's own variables start with. */
export function envPrefix(slug: string): string {
  return `REEVE_SERVICE_${suffixOf(slug)}_ENV__`;
}

/** A key of a dependency. */
export function dependencyKey(id: DependencyId, key: DependencyKey): NamedKey {
  const name = `REEVE_DEPENDENCY_${suffixOf(id)}_${key}`;
  return { name, spec: DEPENDENCY_KEYS[key] };
}

/** The keys for the ports of a dependency, by resource. */
export function portKeys(
  id: DependencyId,
): readonly (NamedKey & {
  readonly resource: string;
  readonly port: number;
})[] {
  return Object.entries(DEPENDENCY_PORTS[id]).map(
    ([resource, port], at) => {
      const key = at === 0 ? "PORT" : `${suffixOf(resource)}_PORT`;
      const name = `REEVE_DEPENDENCY_${suffixOf(id)}_${key}`;
      const description = at === 0
        ? "Port of the main checkout; worktrees get others"
        : `Port of its ${resource}`;
      const spec: SettingSpec = {
        type: "integer",
        min: 1,
        max: 65_535,
        default: port,
        description,
      };
      return { name, spec, resource, port };
    },
  );
}

/** Every key that counts with these services. */
export function knownKeys(
  slugs: readonly string[],
): ReadonlyMap<string, NamedKey> {
  const keys = [
    ...keysOf(REPOSITORY_KEYS).map(repositoryKey),
    ...slugs.flatMap((slug) =>
      keysOf(SERVICE_KEYS).map((key) => serviceKey(slug, key))
    ),
    ...DEPENDENCY_IDS.flatMap((id) => [
      ...keysOf(DEPENDENCY_KEYS).map((key) => dependencyKey(id, key)),
      ...portKeys(id),
    ]),
  ];
  return new Map(keys.map((key) => [key.name, key]));
}

/** Every key for the reference; `<NAME>` stands for a service. */
export function keyReference(): readonly KeyHelp[] {
  const template = (key: ServiceKey): NamedKey => ({
    name: `REEVE_SERVICE_<NAME>_${key}`,
    spec: SERVICE_KEYS[key],
  });
  const variable: NamedKey = {
    name: "REEVE_SERVICE_<NAME>_ENV__<VARIABLE>",
    spec: {
      type: "text",
      pattern: ".*",
      form: "text of one line",
      description: "A variable of its own; {port} and its like and ${SOURCE} " +
        "are filled in, $${ stands for ${",
    },
  };
  const of = (owner: KeyHelp["owner"]) => (key: NamedKey): KeyHelp => ({
    ...key,
    owner,
  });
  return [
    ...keysOf(REPOSITORY_KEYS).map(repositoryKey).map(of("repository")),
    ...[...keysOf(SERVICE_KEYS).map(template), variable].map(of("service")),
    ...[...knownKeys([]).values()]
      .filter(({ name }) => name.startsWith("REEVE_DEPENDENCY_"))
      .map(of("dependency")),
  ];
}

/** The words of a list with commas or spaces between, each once. */
export function listOf(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter((word) => word !== ""))];
}

function keysOf<T extends object>(table: T): readonly (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}
