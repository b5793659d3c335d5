/**
 * Settings that a program hands over as JSON, as changes of keys: nested by
 * what they are about, or flat by the names of the keys.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { EnvironmentSettings } from "./model.ts";
import { PayloadDraft, type PayloadPlace } from "./settings_payload_draft.ts";
import { looksLikeKey } from "./settings_alias.ts";
import {
  dependencyEntry,
  dependencyList,
  profileEntry,
  serviceEntry,
} from "./settings_payload_units.ts";
import type { SettingChange } from "./settings_change.ts";
import { DEPENDENCY_IDS } from "./service_keys.ts";
import { portKeys, repositoryKey, serviceKey } from "./settings_names.ts";

/** Changes, and what had to be left out. */
export interface PayloadChanges {
  /** What to set and take out. */
  readonly changes: readonly SettingChange[];
  /** What has no counterpart here, as sentences. */
  readonly warnings: readonly string[];
}

type Section = (draft: PayloadDraft, place: PayloadPlace) => void;

/** Ports by the names that they have elsewhere. */
const PORTS: Readonly<Record<string, string>> = Object.fromEntries([
  ...DEPENDENCY_IDS.flatMap((id) =>
    portKeys(id).flatMap(({ name, resource }, at) => [
      [`${id}_${resource}`, name],
      ...at === 0 ? [[id, name]] : [],
    ])
  ),
  ["db", portKeys("postgres")[0]?.name ?? ""],
]);

const SECTIONS: Readonly<Record<string, Section>> = {
  "default_mode": (draft, place) =>
    draft.put(repositoryKey("DEFAULT_MODE").name, place),
  "trees_directory": (draft, place) =>
    draft.put(repositoryKey("TREES_DIR").name, place),
  "public_host": (draft, place) =>
    draft.put(repositoryKey("PUBLIC_HOST").name, place),
  "inherited_env": (draft, place) =>
    draft.put(repositoryKey("INHERIT_ENV").name, place),
  // First, so that what follows may name them.
  "services": (draft, place) => {
    for (const entry of draft.entries(place)) serviceEntry(draft, entry);
  },
  "additional_services": (draft, place) => {
    for (const entry of draft.items(place)) serviceEntry(draft, entry);
  },
  "dependencies": (draft, place) => {
    if (Array.isArray(place.value)) {
      dependencyList(draft, place);
      return;
    }
    for (const entry of draft.entries(place)) dependencyEntry(draft, entry);
  },
  "directories": (draft, place) => {
    for (const entry of draft.entries(place)) directoryEntry(draft, entry);
  },
  "ports": (draft, place) => {
    for (const entry of draft.entries(place)) portEntry(draft, entry);
  },
  "network": (draft, place) => {
    for (const entry of draft.entries(place)) {
      draft.choose(entry, { "public_host": repositoryKey("PUBLIC_HOST").name });
    }
  },
  "ui": (draft, place) => draft.leaveOut(place),
  "profiles": (draft, place) => {
    for (const entry of draft.entries(place)) profileEntry(draft, entry);
    draft.putModes();
  },
};

/**
 * Reads a payload.
 *
 * @param text JSON: an object.
 * @param settings what counts so far.
 * @throws {KnownError} `usage` for what is no such object, or names something
 * that does not exist; values are checked when they are written.
 */
export function readPayload(
  text: string,
  settings: EnvironmentSettings,
): PayloadChanges {
  const root: PayloadPlace = { path: "", name: "", value: parse(text) };
  const draft = new PayloadDraft(settings);
  const entries = draft.entries(root);
  const odd = entries.find(({ name }) =>
    !Object.hasOwn(SECTIONS, name) && !looksLikeKey(name)
  );
  if (odd !== undefined) draft.refuse(odd, Object.keys(SECTIONS));
  for (const [name, section] of Object.entries(SECTIONS)) {
    const entry = entries.find((entry) => entry.name === name);
    if (entry !== undefined) section(draft, entry);
  }
  for (const entry of entries) {
    if (looksLikeKey(entry.name)) draft.putFlat(entry);
  }
  return { changes: draft.changes(), warnings: draft.warnings };
}

function directoryEntry(draft: PayloadDraft, entry: PayloadPlace): void {
  const name = entry.name.replace(/_dir(?:_name|ectory)?$/, "");
  if (name === "planning") return draft.leaveOut(entry);
  draft.choose({ ...entry, name }, {
    "trees": repositoryKey("TREES_DIR").name,
    ...draft.perService((slug) => serviceKey(slug, "DIR").name),
  });
}

function portEntry(draft: PayloadDraft, entry: PayloadPlace): void {
  const name = entry.name.replace(/_port(?:_base)?$/, "");
  if (name === "spacing") return draft.leaveOut(entry);
  draft.choose({ ...entry, name }, {
    ...PORTS,
    ...draft.perService((slug) => serviceKey(slug, "PORT").name),
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const isEmpty = text.trim() === "";
    throw new KnownError(
      "usage",
      isEmpty
        ? "Cannot read the settings: standard input is empty"
        : "Cannot read the settings: standard input is not JSON",
      { hint: 'Write an object, such as {"REEVE_DEFAULT_MODE": "main"}.' },
    );
  }
}
