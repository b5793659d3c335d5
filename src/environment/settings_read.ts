/**
 * Reads what a repository says about its services and dependencies, and where
 * each value comes from.
 *
 * @module
 */

import { type EnvLines, parseEnvLines } from "../config/env_lines.ts";
import { faultError } from "../config/fault.ts";
import { projectFault } from "../config/project_file.ts";
import type { KnownError } from "../errors.ts";
import { suggestedValues } from "./detect_values.ts";
import type { ServiceSuggestion } from "./detect_services.ts";
import type { translateLegacy } from "./legacy_envctl.ts";
import type { EnvironmentSettings } from "./model.ts";
import { isDependency } from "./service_keys.ts";
import { readDependency } from "./settings_dependency.ts";
import {
  fileValues,
  lineFaults,
  type Reading,
  readKey,
  type SettingFault,
  type SettingOrigin,
  type SettingsEnv,
  type SettingSource,
  stackLayers,
  type StatedValue,
} from "./settings_layers.ts";
import { isEnvironmentName, listOf, repositoryKey } from "./settings_names.ts";
import { checkRules } from "./settings_rules.ts";
import { readService, textOf } from "./settings_service.ts";
import { noteUnknown } from "./settings_unknown.ts";

/** A file as it was read. */
export interface SettingsFile {
  /** Its path. */
  readonly path: string;
  /** Its text. */
  readonly text: string;
}

/** `.envctl`, and what reads it, which few repositories need. */
export interface LegacyFile extends SettingsFile {
  /** Makes settings of it. */
  readonly translate: typeof translateLegacy;
}

/** Everything that settings may come from. */
export interface SettingsSources {
  /** The environment, which wins. */
  readonly env: SettingsEnv;
  /** The repository's file, if there is one. */
  readonly file?: SettingsFile | undefined;
  /** `.envctl`, which counts only if the file says nothing of this part. */
  readonly legacy?: LegacyFile | undefined;
  /** What the repository seems to have, which counts last. */
  readonly suggestions?: readonly ServiceSuggestion[] | undefined;
}

/** Settings, and what there is to say about them. */
export interface ReadSettings {
  /** The settings; defaults stand in for what is wrong. */
  readonly settings: EnvironmentSettings;
  /** What they mostly come from. */
  readonly source: Exclude<SettingSource, "env">;
  /** Where the value of each key comes from. */
  readonly origins: ReadonlyMap<string, SettingOrigin>;
  /** What is wrong; nothing may be started with a fault. */
  readonly faults: readonly SettingFault[];
  /** What is odd without being wrong. */
  readonly warnings: readonly string[];
}

/** Reads all settings of the environment part; it never throws. */
export function readEnvironmentSettings(
  sources: SettingsSources,
): ReadSettings {
  const { file, env } = sources;
  const parsed = parseEnvLines(file?.text ?? "");
  const own = fileValues(file?.path ?? "", parsed.lines, "file");
  const hasOwn = own.some(({ name }) => isEnvironmentName(name));
  const legacy = hasOwn || sources.legacy === undefined
    ? undefined
    : sources.legacy.translate(sources.legacy, sources.suggestions ?? []);
  const stated = stackLayers(env, [own, legacy?.values ?? []]);
  const detected = suggestedValues(sources.suggestions ?? [], stated);
  const reading: Reading = {
    layers: detected.length === 0
      ? stated
      : stackLayers(env, [own, legacy?.values ?? [], detected]),
    faults: file === undefined ? [] : [...fileFaults(file, parsed)],
    warnings: [...legacy?.warnings ?? []],
    origins: new Map(),
  };
  const settings = readAll(reading);
  checkRules(reading, settings);
  noteUnknown(reading, own, settings.services.map(({ slug }) => slug));
  return {
    settings,
    source: sourceOf(hasOwn, legacy?.values ?? [], detected),
    origins: reading.origins,
    faults: reading.faults,
    warnings: reading.warnings,
  };
}

/**
 * The error of a command that needs settings without faults, or `undefined`
 * where there are none. It names the first fault and counts the others.
 */
export function settingsError(
  { faults }: Pick<ReadSettings, "faults">,
): KnownError | undefined {
  const [first, ...others] = faults;
  if (first === undefined) return undefined;
  if (others.length === 0) return faultError(first);
  const count = others.length === 1 ? "is 1 more" : `are ${others.length} more`;
  return faultError({
    ...first,
    hint: `${first.hint} There ${count}; see: reeve show-config`,
  });
}

function readAll(reading: Reading): EnvironmentSettings {
  const text = (
    key:
      | "INHERIT_ENV"
      | "PLANS_DIR"
      | "PUBLIC_HOST"
      | "SERVICES"
      | "TREES_DIR"
      | "WORKTREE_LINKS",
  ) => textOf(reading, repositoryKey(key)) ?? "";
  const on = readKey(reading, repositoryKey("DEPENDENCIES"));
  const mode = readKey(reading, repositoryKey("DEFAULT_MODE"));
  const hooks = readKey(reading, repositoryKey("WORKTREE_HOOKS"));
  return {
    defaultMode: mode === "trees" ? "trees" : "main",
    treesDirectory: text("TREES_DIR"),
    worktrees: {
      plansDirectory: text("PLANS_DIR"),
      links: listOf(text("WORKTREE_LINKS")),
      runsHooks: hooks === "inherit",
    },
    services: listOf(text("SERVICES")).map((slug) =>
      readService(reading, slug)
    ),
    dependencies: (Array.isArray(on) ? on : [])
      .filter(isDependency)
      .map((id) => readDependency(reading, id)),
    publicHost: text("PUBLIC_HOST"),
    inheritedEnv: listOf(text("INHERIT_ENV")),
  };
}

function fileFaults(
  { path, text }: SettingsFile,
  parsed: EnvLines,
): readonly SettingFault[] {
  const fault = projectFault(path, text, parsed);
  return [
    ...(fault === undefined ? [] : [{ ...fault, key: undefined }]),
    ...lineFaults(path, parsed),
  ];
}

function sourceOf(
  hasOwn: boolean,
  legacy: readonly StatedValue[],
  detected: readonly StatedValue[],
): ReadSettings["source"] {
  if (hasOwn) return "file";
  if (legacy.length > 0) return "legacy";
  return detected.length > 0 ? "detected" : "default";
}
