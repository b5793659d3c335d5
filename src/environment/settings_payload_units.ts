/**
 * What a payload says about one service, one dependency or one mode.
 *
 * @module
 */

import type { Mode } from "./model.ts";
import {
  type PayloadDraft,
  type PayloadPlace,
  wrong,
} from "./settings_payload_draft.ts";
import {
  DEPENDENCY_IDS,
  DEPENDENCY_KEYS,
  isDependency,
  RESERVED_SLUGS,
  SERVICE_KEYS,
  SLUG_PATTERN,
} from "./service_keys.ts";
import {
  type DependencyKey,
  dependencyKey,
  envPrefix,
  portKeys,
  type ServiceKey,
  serviceKey,
} from "./settings_names.ts";

const SLUG = new RegExp(`^(?:${SLUG_PATTERN})$`);

/** Other names for the keys of a service. */
const OTHER: Readonly<Record<string, ServiceKey>> = {
  "command": "CMD",
  "critical": "CRITICAL",
  "directory": "DIR",
  "display_name": "DISPLAY_NAME",
  "enable_if_path": "ONLY_IF_PATH",
  "port_base": "PORT",
  "start_cmd": "CMD",
  "timeout": "READY_TIMEOUT",
};

/** Reads a service; one that is not listed yet is added. */
export function serviceEntry(draft: PayloadDraft, place: PayloadPlace): void {
  const { name: slug, path } = place;
  if (!SLUG.test(slug) || RESERVED_SLUGS.includes(slug)) {
    throw wrong(
      path,
      `${JSON.stringify(slug)} is no name for a service: lower-case words of ` +
        "letters and digits with - between, and none of " +
        RESERVED_SLUGS.join(", "),
    );
  }
  if (!draft.slugs.includes(slug)) draft.slugs.push(slug);
  const keys: Readonly<Record<string, string>> = Object.fromEntries([
    ...Object.keys(SERVICE_KEYS).map((key) => [
      key.toLowerCase(),
      serviceKey(slug, key as ServiceKey).name,
    ]),
    ...Object.entries(OTHER).map(([name, key]) => [
      name,
      serviceKey(slug, key).name,
    ]),
  ]);
  for (const entry of draft.entries(place)) {
    if (entry.name === "env") variables(draft, slug, entry);
    else if (entry.name === "expect_listener") listener(draft, slug, entry);
    else if (entry.name === "enabled") switchBoth(draft, slug, entry);
    else draft.choose(entry, keys);
  }
  draft.putModes();
}

/** Reads the list of the dependencies that are on. */
export function dependencyList(
  draft: PayloadDraft,
  { path, value }: PayloadPlace,
): void {
  const names = Array.isArray(value) ? value.map(String) : [];
  draft.dependencies.clear();
  for (const name of names) {
    if (!isDependency(name)) {
      return draft.refuse({ path, name, value }, DEPENDENCY_IDS);
    }
    draft.dependencies.add(name);
  }
}

/** Reads a dependency; it is on then. */
export function dependencyEntry(
  draft: PayloadDraft,
  place: PayloadPlace,
): void {
  const { name: id } = place;
  if (!isDependency(id)) return draft.refuse(place, DEPENDENCY_IDS);
  draft.dependencies.add(id);
  const keys: Readonly<Record<string, string>> = Object.fromEntries([
    ...Object.keys(DEPENDENCY_KEYS).map((key) => [
      key.toLowerCase(),
      dependencyKey(id, key as DependencyKey).name,
    ]),
    ...portKeys(id).map(({ name, resource }, at) => [
      at === 0 ? "port" : `${resource}_port`,
      name,
    ]),
  ]);
  for (const entry of draft.entries(place)) draft.choose(entry, keys);
}

/** Reads which units are on in a mode. */
export function profileEntry(draft: PayloadDraft, place: PayloadPlace): void {
  const { name: mode } = place;
  if (mode !== "main" && mode !== "trees") {
    return draft.refuse(place, ["main", "trees"]);
  }
  const entries = draft.entries(place);
  const units = [...draft.slugs, ...DEPENDENCY_IDS];
  for (const entry of entries) {
    const unit = entry.name.replace(/_enabled?$/, "");
    const isOn = switchOf(entry);
    if (unit === "startup") continue;
    if (units.includes(unit)) draft.switchMode(unit, mode, isOn);
    else if (isOn) draft.refuse({ ...entry, name: unit }, units);
  }
  // A mode that starts nothing has nothing, whatever else is said of it.
  const startup = entries.find(({ name }) =>
    /^startup(?:_enabled?)?$/.test(name)
  );
  const isOn = startup === undefined || switchOf(startup);
  if (isOn) return;
  for (const unit of units) draft.switchMode(unit, mode, isOn);
}

function variables(
  draft: PayloadDraft,
  slug: string,
  place: PayloadPlace,
): void {
  for (const entry of draft.entries(place)) {
    draft.put(envPrefix(slug) + entry.name, entry);
  }
}

/** A worker has no port and is ready once it runs. */
function listener(
  draft: PayloadDraft,
  slug: string,
  place: PayloadPlace,
): void {
  if (switchOf(place)) return;
  draft.putText(serviceKey(slug, "READY").name, "running");
}

function switchBoth(
  draft: PayloadDraft,
  slug: string,
  place: PayloadPlace,
): void {
  const isOn = switchOf(place);
  const modes: readonly Mode[] = ["main", "trees"];
  for (const mode of modes) draft.switchMode(slug, mode, isOn);
}

function switchOf({ path, value }: PayloadPlace): boolean {
  if (typeof value === "boolean") return value;
  throw wrong(path, "it must be true or false");
}
