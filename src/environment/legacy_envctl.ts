/**
 * Reads `.envctl`, the file of another tool, as settings of ours. It only
 * proposes: nothing is written, and what has no counterpart is named.
 *
 * @module
 */

import { placeOf } from "../config/fault.ts";
import type { ServiceSuggestion } from "./detect_services.ts";
import { legacyDependencies } from "./legacy_dependencies.ts";
import { legacyEnv } from "./legacy_env.ts";
import { copyKey, type Legacy, put, switchOf } from "./legacy_lines.ts";
import { legacyParts } from "./legacy_sections.ts";
import { SLUG_PATTERN } from "./service_keys.ts";
import { fileValues, type StatedValue } from "./settings_layers.ts";
import {
  listOf,
  repositoryKey,
  type ServiceKey,
  serviceKey,
  suffixOf,
} from "./settings_names.ts";

/** What an `.envctl` file says, in our words. */
export interface LegacySettings {
  /** Our keys with their values; each has the line that it comes from. */
  readonly values: readonly StatedValue[];
  /** What in it has no counterpart, as sentences. */
  readonly warnings: readonly string[];
}

interface LegacyService {
  readonly slug: string;
  /** Names of its keys there, by ours. */
  readonly keys: Readonly<Partial<Record<ServiceKey, string>>>;
  /** Names of the keys that switch it on, all and by mode. */
  readonly toggles: readonly (readonly [string, "all" | "main" | "trees"])[];
  readonly expectListener: readonly string[];
  readonly defaultPort: string | undefined;
}

const BUILT_IN: readonly LegacyService[] = [
  builtIn("backend", "8000"),
  builtIn("frontend", "9000"),
];

/** Translates an `.envctl` file. */
export function translateLegacy(
  file: { readonly path: string; readonly text: string },
  suggestions: readonly ServiceSuggestion[],
): LegacySettings {
  const legacy: Legacy = {
    ...legacyParts(file.text),
    lines: [],
    warnings: [],
    place: (line) => placeOf(file.path, line),
  };
  if (legacy.keys.size === 0 && legacy.sections.length === 0) {
    return { values: [], warnings: [] };
  }
  const copy = (from: string, to: string) => copyKey(legacy, from, to);
  copy("ENVCTL_DEFAULT_MODE", repositoryKey("DEFAULT_MODE").name);
  copy("TREES_DIR_NAME", repositoryKey("TREES_DIR").name);
  copy("ENVCTL_PLANNING_DIR", repositoryKey("PLANS_DIR").name);
  copy("ENVCTL_PUBLIC_HOST", repositoryKey("PUBLIC_HOST").name);
  const slugs = servicesOf(legacy)
    .filter((service) => translateService(legacy, service, suggestions))
    .map(({ slug }) => slug);
  // Where it has none that could run, what the repository has may count.
  if (slugs.length > 0) {
    put(legacy, repositoryKey("SERVICES").name, slugs.join(","), 1);
  }
  const dependencies = legacyDependencies(legacy);
  legacyEnv(legacy, slugs, dependencies);
  return {
    values: fileValues(file.path, legacy.lines, "legacy"),
    warnings: legacy.warnings,
  };
}

function builtIn(slug: string, defaultPort: string): LegacyService {
  const word = suffixOf(slug);
  return {
    slug,
    keys: {
      CMD: `ENVCTL_${word}_START_CMD`,
      DIR: `${word}_DIR`,
      PORT: `${word}_PORT_BASE`,
    },
    toggles: [
      [`MAIN_${word}_ENABLE`, "main"],
      [`TREES_${word}_ENABLE`, "trees"],
    ],
    expectListener: [
      `MAIN_${word}_EXPECT_LISTENER`,
      `TREES_${word}_EXPECT_LISTENER`,
    ],
    defaultPort,
  };
}

function additional(slug: string): LegacyService {
  const prefix = `ENVCTL_SERVICE_${suffixOf(slug)}_`;
  return {
    slug,
    keys: {
      CMD: `${prefix}START_CMD`,
      DIR: `${prefix}DIR`,
      PORT: `${prefix}PORT_BASE`,
      HEALTH_URL: `${prefix}HEALTH_URL`,
      PUBLIC_URL: `${prefix}PUBLIC_URL`,
      DEPENDS_ON: `${prefix}DEPENDS_ON`,
      CRITICAL: `${prefix}CRITICAL`,
      ONLY_IF_PATH: `${prefix}ENABLE_IF_PATH`,
    },
    toggles: [
      [`${prefix}ENABLE`, "all"],
      [`${prefix}MAIN_ENABLE`, "main"],
      [`${prefix}TREES_ENABLE`, "trees"],
    ],
    expectListener: [`${prefix}EXPECT_LISTENER`],
    defaultPort: undefined,
  };
}

function servicesOf(legacy: Legacy): readonly LegacyService[] {
  const list = legacy.keys.get("ENVCTL_ADDITIONAL_SERVICES");
  const slugs = listOf(list?.value ?? "");
  const isSlug = new RegExp(`^(?:${SLUG_PATTERN})$`);
  const odd = slugs.filter((slug) => !isSlug.test(slug));
  if (odd.length > 0 && list !== undefined) {
    legacy.warnings.push(
      `${legacy.place(list.line)}: some names of services cannot be used; ` +
        `write lower-case words of letters and digits with - between`,
    );
  }
  return [
    ...BUILT_IN,
    ...slugs.filter((slug) => !odd.includes(slug)).map(additional),
  ];
}

/** Whether the service is there in the end. */
function translateService(
  legacy: Legacy,
  service: LegacyService,
  suggestions: readonly ServiceSuggestion[],
): boolean {
  const { slug, keys } = service;
  const isBuiltIn = service.defaultPort !== undefined;
  const modes = modesOf(legacy, service);
  if (modes.length === 0) return false;
  const directory = legacy.keys.get(keys.DIR ?? "")?.value ||
    (isBuiltIn ? slug : ".");
  const command = legacy.keys.get(keys.CMD ?? "");
  const found = suggestions.find((other) => other.directory === directory);
  // The other tool has these two always; here they count once they can run.
  if (isBuiltIn && !command?.value && found === undefined) return false;
  const name = (key: ServiceKey) => serviceKey(slug, key).name;
  if (!command?.value && found !== undefined) {
    put(legacy, name("CMD"), found.command, command?.line ?? 1);
  }
  for (const [key, from] of Object.entries(keys)) {
    if (key === "PORT") continue;
    copyKey(legacy, from, name(key as ServiceKey));
  }
  if (!legacy.keys.has(keys.DIR ?? "")) {
    put(legacy, name("DIR"), directory, 1);
  }
  translatePort(legacy, service);
  put(legacy, name("MODES"), modes.join(","), 1);
  return true;
}

function translatePort(legacy: Legacy, service: LegacyService): void {
  const { slug, keys, expectListener, defaultPort } = service;
  const stated = legacy.keys.get(keys.PORT ?? "");
  const port = stated?.value || defaultPort;
  const name = serviceKey(slug, "PORT").name;
  if (port !== undefined) put(legacy, name, port, stated?.line ?? 1);
  const isWorker = expectListener.some((key) =>
    switchOf(legacy, key) === false
  );
  if (isWorker) put(legacy, serviceKey(slug, "READY").name, "running", 1);
}

function modesOf(
  legacy: Legacy,
  { toggles }: LegacyService,
): readonly ("main" | "trees")[] {
  const isOff = (mode: "all" | "main" | "trees") =>
    toggles.some(([key, of]) => of === mode && switchOf(legacy, key) === false);
  if (isOff("all")) return [];
  return (["main", "trees"] as const).filter((mode) =>
    !isOff(mode) &&
    switchOf(legacy, `${mode.toUpperCase()}_STARTUP_ENABLE`) !== false
  );
}
