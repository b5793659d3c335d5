import type {
  DependencyChoice,
  ServiceDefinition,
} from "../../src/environment/model.ts";

/** A service that settings may hold. */
export function wantedService(
  slug: string,
  part: Partial<ServiceDefinition> = {},
): ServiceDefinition {
  return {
    slug,
    displayName: slug.charAt(0).toUpperCase() + slug.slice(1),
    command: ["run", slug],
    directory: ".",
    portBase: 8000,
    ready: { kind: "listen" },
    dependsOn: [],
    env: {},
    timeoutMs: 10_000,
    graceMs: 2000,
    isCritical: true,
    onlyIfPath: undefined,
    modes: ["main", "trees"],
    healthUrl: undefined,
    publicUrl: undefined,
    ...part,
  };
}

/** A dependency that settings may hold. */
export function wantedDependency(
  id: string,
  part: Partial<DependencyChoice> = {},
): DependencyChoice {
  return {
    id,
    mode: "native",
    ports: { primary: 5432 },
    url: undefined,
    command: [],
    isShared: false,
    modes: ["main", "trees"],
    ...part,
  };
}
