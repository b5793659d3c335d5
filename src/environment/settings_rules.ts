/**
 * What must hold between settings that are each right by themselves.
 *
 * @module
 */

import { nearestName } from "../config/nearest.ts";
import type { EnvironmentSettings, Mode, ServiceDefinition } from "./model.ts";
import { graphOf } from "./service_graph.ts";
import {
  type DependencyId,
  EVERY_DEPENDENCY,
  isDependency,
  RESERVED_SLUGS,
} from "./service_keys.ts";
import { addFault, type Reading } from "./settings_layers.ts";
import {
  dependencyKey,
  envPrefix,
  repositoryKey,
  serviceKey,
  serviceKeys,
} from "./settings_names.ts";
import { checkEnv, type KnownSource, placeholdersIn } from "./template_fill.ts";
import { DEPENDENCY_SOURCES, knownSources } from "./template_sources.ts";

/** Names that services may use, gathered once for all of them. */
interface Names {
  /** Services and dependencies. */
  readonly units: ReadonlySet<string>;
  /** Those with a port. */
  readonly served: ReadonlySet<string>;
  /** What variables may be filled with; few settings have any to fill. */
  readonly sources: () => ReadonlyMap<string, KnownSource>;
}

/** Looks for contradictions and names that mean nothing, as faults. */
export function checkRules(
  reading: Reading,
  settings: EnvironmentSettings,
): void {
  const names = namesOf(settings);
  for (const service of settings.services) {
    checkName(reading, service);
    checkDependsOn(reading, names, service);
    checkPlaceholders(reading, names, service);
    checkVariables(reading, names, service);
  }
  checkCycles(reading, settings);
  checkDatabases(reading, settings);
  warnOfPorts(reading, settings.services);
}

function namesOf({ services, dependencies }: EnvironmentSettings): Names {
  const ids = dependencies.map(({ id }) => id).filter(isDependency);
  const served = services.filter(({ portBase }) => portBase !== undefined);
  let sources: ReadonlyMap<string, KnownSource> | undefined;
  return {
    units: new Set([...services.map(({ slug }) => slug), ...ids]),
    served: new Set([...served.map(({ slug }) => slug), ...ids]),
    sources: () => sources ??= knownSources(services, ids),
  };
}

function checkName(reading: Reading, { slug }: ServiceDefinition): void {
  if (!RESERVED_SLUGS.includes(slug)) return;
  const { name } = repositoryKey("SERVICES");
  addFault(reading, name, `${slug} means something else; rename it`);
}

function checkDependsOn(
  reading: Reading,
  { units }: Names,
  { slug, dependsOn }: ServiceDefinition,
): void {
  const { name } = serviceKey(slug, "DEPENDS_ON");
  for (const other of dependsOn) {
    if (other === slug) {
      addFault(reading, name, "a service cannot wait for itself");
    } else if (!units.has(other) && other !== EVERY_DEPENDENCY) {
      const near = suggestion(other, [...units].filter((id) => id !== slug));
      addFault(reading, name, `nothing is called ${other}${near}`);
    }
  }
}

function checkPlaceholders(
  reading: Reading,
  { served }: Names,
  { slug, command, healthUrl, publicUrl, env }: ServiceDefinition,
): void {
  const key = serviceKeys(slug);
  const texts: readonly (readonly [string, string])[] = [
    [key("CMD").name, command.join(" ")],
    [key("HEALTH_URL").name, healthUrl ?? ""],
    [key("PUBLIC_URL").name, publicUrl ?? ""],
    ...Object.entries(env).map(([name, text]) =>
      [envPrefix(slug) + name, text] as const
    ),
  ];
  for (const [name, text] of texts) {
    if (!text.includes("{")) continue;
    const empty = placeholdersIn(text).find((placeholder) => {
      const [kind, other = slug] = placeholder.split(":");
      return kind === "port" && !served.has(other);
    });
    if (empty === undefined) continue;
    addFault(reading, name, `{${empty}} stands for a port that is not set`);
  }
}

function checkVariables(
  reading: Reading,
  { sources }: Names,
  { slug, env }: ServiceDefinition,
): void {
  if (Object.keys(env).length === 0) return;
  const known = sources();
  for (const { name, reason, unknown } of checkEnv(slug, env, known)) {
    const key = envPrefix(slug) + name;
    const near = unknown === undefined
      ? ""
      : providerText(unknown) ?? suggestion(unknown, [...known.keys()]);
    addFault(reading, key, `it ${reason}${near}`);
  }
}

/** Who would provide a name, if it were on. */
function providerText(source: string): string | undefined {
  const [id] =
    Object.entries(DEPENDENCY_SOURCES).find(([, sources]) =>
      Object.hasOwn(sources, source)
    ) ?? [];
  return id === undefined
    ? undefined
    : `; ${repositoryKey("DEPENDENCIES").name} does not list ${id}`;
}

/** Each mode has a graph of its own; what else is wrong is said elsewhere. */
function checkCycles(
  reading: Reading,
  { services, dependencies }: EnvironmentSettings,
): void {
  const slugs = new Set(services.map(({ slug }) => slug));
  const others = services.map((service) => ({
    ...service,
    dependsOn: service.dependsOn.filter((other) =>
      other !== service.slug && slugs.has(other)
    ),
  }));
  if (others.every(({ dependsOn }) => dependsOn.length === 0)) return;
  const modes: readonly Mode[] = ["main", "trees"];
  const circles = modes.flatMap((mode) => {
    const found = graphOf({ services: others, dependencies }, mode);
    if (found.kind === "graph") return [];
    return found.faults.flatMap((fault) =>
      fault.kind === "cycle" ? [fault.path.join(" → ")] : []
    );
  });
  for (const circle of new Set(circles)) {
    const [first = ""] = circle.split(" ");
    const { name } = serviceKey(first, "DEPENDS_ON");
    addFault(reading, name, `services wait in a circle: ${circle}`);
  }
}

/** Both would be the database of the same mode. */
function checkDatabases(
  reading: Reading,
  { dependencies }: EnvironmentSettings,
): void {
  const modesOf = (id: DependencyId) =>
    dependencies.find((dependency) => dependency.id === id)?.modes ?? [];
  const both = modesOf("postgres").filter((mode) =>
    modesOf("supabase").includes(mode)
  );
  if (both.length === 0) return;
  const { name } = dependencyKey("supabase", "MODES");
  addFault(
    reading,
    name,
    `postgres and supabase are both on in ${both.join(" and ")}`,
  );
}

function warnOfPorts(
  { warnings }: Reading,
  services: readonly ServiceDefinition[],
): void {
  const first = new Map<number, string>();
  for (const { slug, portBase } of services) {
    if (portBase === undefined) continue;
    const other = first.get(portBase);
    if (other === undefined) first.set(portBase, slug);
    else {
      warnings.push(
        `${other} and ${slug} both want port ${portBase}; one gets another`,
      );
    }
  }
}

function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
}
