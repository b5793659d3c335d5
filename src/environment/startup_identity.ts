/**
 * What decides what a start would start, as texts to be hashed, and the
 * fingerprint made of the hashes. It keeps one hash for each service and
 * dependency, so that a change can be named and replaces no more than it has to.
 *
 * @module
 */

import type { JsonValue } from "../state/json_value.ts";
import type {
  DependencyChoice,
  EnvironmentSettings,
  Mode,
  ServiceDefinition,
} from "./model.ts";

/** Canonical JSON by field: `inherited_env`, `services.api`, … */
export type StartupIdentity = ReadonlyMap<string, string>;

const HASH_LETTERS = 16;
const PAIR = /^([a-z_]+(?:\.[^=\s]+)?)=([0-9a-f]+)$/;

/**
 * Everything of a mode that decides what is started. What only changes how long
 * we wait, what things are called or how they are reached by people is left
 * out: it is no reason to end a service. Projects are not part of it, as a run
 * knows them by name and root.
 */
export function startupIdentity(
  settings: Pick<
    EnvironmentSettings,
    "dependencies" | "inheritedEnv" | "publicHost" | "services"
  >,
  mode: Mode,
): StartupIdentity {
  const parts: [string, JsonValue][] = [
    ["inherited_env", [...new Set(settings.inheritedEnv)].sort()],
    ["mode", mode],
    ["public_host", settings.publicHost],
  ];
  for (const service of settings.services) {
    if (!service.modes.includes(mode)) continue;
    parts.push([serviceField(service.slug), serviceJson(service)]);
  }
  for (const dependency of settings.dependencies) {
    if (!dependency.modes.includes(mode)) continue;
    parts.push([dependencyField(dependency.id), dependencyJson(dependency)]);
  }
  parts.sort(([a], [b]) => a < b ? -1 : 1);
  return new Map(parts.map(([field, value]) => [field, canonicalText(value)]));
}

/** The field of a service. */
export function serviceField(slug: string): string {
  return `services.${slug}`;
}

/** The field of a dependency. */
export function dependencyField(id: string): string {
  return `dependencies.${id}`;
}

function serviceJson(service: ServiceDefinition): JsonValue {
  return {
    "command": service.command,
    "directory": service.directory,
    "port_base": service.portBase ?? null,
    "ready": { ...service.ready },
    "depends_on": [...new Set(service.dependsOn)].sort(),
    "env": service.env,
    "only_if_path": service.onlyIfPath ?? null,
  };
}

function dependencyJson(dependency: DependencyChoice): JsonValue {
  return {
    "mode": dependency.mode,
    "ports": dependency.ports,
    "url": dependency.url ?? null,
    "command": dependency.command,
    "is_shared": dependency.isShared,
  };
}

/** JSON with one spelling for each value: keys sorted, no space. */
function canonicalText(value: JsonValue): string {
  return JSON.stringify(
    value,
    (_key, entry: JsonValue) =>
      typeof entry === "object" && entry !== null && !Array.isArray(entry)
        ? Object.fromEntries(
          Object.entries(entry).sort(([a], [b]) => a < b ? -1 : 1),
        )
        : entry,
  );
}

/**
 * The fingerprint: `field=hash` for each field, sorted, one space between two.
 * `hashes` are hexadecimal, of the texts of {@linkcode startupIdentity}.
 */
export function formatFingerprint(
  hashes: ReadonlyMap<string, string>,
): string {
  return [...hashes].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([field, hash]) => `${field}=${hash.slice(0, HASH_LETTERS)}`)
    .join(" ");
}

/** The hashes of a fingerprint by field; what is not understood is left out. */
export function parseFingerprint(text: string): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  for (const pair of text.split(" ")) {
    const [, field, hash] = PAIR.exec(pair) ?? [];
    if (field !== undefined && hash !== undefined) hashes.set(field, hash);
  }
  return hashes;
}

/**
 * The fingerprint of a run of which only some units are new: what stays keeps
 * the hash that it was started with, so that a later start still sees that it
 * is out of date. A unit is new only where it is new in every project.
 */
export function mergeFingerprints(
  before: string,
  now: string,
  renewed: ReadonlySet<string>,
): string {
  const merged = new Map(parseFingerprint(now));
  for (const [field, hash] of parseFingerprint(before)) {
    if (!renewed.has(field) && merged.has(field)) merged.set(field, hash);
  }
  return formatFingerprint(merged);
}
