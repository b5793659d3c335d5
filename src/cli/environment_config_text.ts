/**
 * What was, or would be, written into a repository's file, as text and as
 * JSON.
 *
 * @module
 */

import { parseEnvLines } from "../config/env_lines.ts";
import type { ServiceSuggestion } from "../environment/detect_services.ts";
import { blockOf } from "../environment/managed_block.ts";
import {
  changedKeys,
  readText,
  statesSettings,
} from "../environment/settings_change.ts";
import type { LoadedSettings } from "../environment/settings_load.ts";
import type { SettingsEdited } from "../environment/settings_write.ts";
import type { JsonObject } from "../state/json_value.ts";
import { settingsJson } from "./environment_settings_text.ts";
import { lineDiff } from "./line_diff.ts";

/** What became of a repository's settings. */
export interface ShownEdit {
  /** Root of the repository. */
  readonly root: string;
  /** The file. */
  readonly edited: SettingsEdited;
  /** Whether nothing was to be written. */
  readonly isDryRun: boolean;
  /** What was found in the repository and written. */
  readonly found: readonly ServiceSuggestion[];
  /** What counts now, or would count. */
  readonly loaded: LoadedSettings;
  /** What had to be left out, as sentences. */
  readonly warnings: readonly string[];
}

/** The text for a person. */
export function editText(shown: ShownEdit): string {
  const { edited, found, isDryRun } = shown;
  const { after, before, outcome, path } = edited;
  if (outcome === "unchanged") return `Nothing to change in ${path}.`;
  const first = found.map((one) => `Found ${foundText(one)}`);
  const rows = isFirst(edited)
    ? [(blockOf(after) ?? after).trimEnd()]
    : lineDiff(before ?? "", after);
  const head = isDryRun ? `${path} would change:` : `Saved in ${path}:`;
  return [...first, head, ...rows].join("\n");
}

/** The document for a program; values that may be secret are not in it. */
export function editJson(shown: ShownEdit): JsonObject {
  const { edited, found, isDryRun, loaded, root, warnings } = shown;
  const { after, before, outcome, path } = edited;
  const isChanged = outcome === "changed";
  const old = readText(path, before ?? "").settings;
  const now = readText(path, after).settings;
  return {
    "schema": "environment_config",
    "schema_version": 1,
    "ok": loaded.faults.length === 0,
    "saved": isChanged && !isDryRun,
    "changed": isChanged,
    "dry_run": isDryRun,
    "path": path,
    "repository_root": root,
    "keys": changedKeys(old, now).map(({ name }) => name),
    "diff": lineDiff(before ?? "", after).map((row) =>
      row.slice(0, 1) + withoutSecret(row.slice(1))
    ),
    "found_services": found.map((one) => ({
      "slug": one.slug,
      "command": one.command,
      "directory": one.directory,
      "port": one.port ?? null,
      "source": one.source,
      "confidence": one.confidence,
    })),
    "warnings": [...warnings],
    "config": settingsJson({ root, loaded }),
  };
}

function isFirst({ before }: SettingsEdited): boolean {
  return !statesSettings(before ?? "");
}

function foundText(
  { command, confidence, directory, port, slug, source }: ServiceSuggestion,
): string {
  const place = directory === "." ? source : `${directory}/${source}`;
  const listens = port === undefined ? "" : `, port ${port}`;
  return `${slug}: ${command}${listens} (${place}, confidence ${confidence})`;
}

/** Variables and addresses may hold passwords. */
function withoutSecret(row: string): string {
  const [line] = parseEnvLines(row).lines;
  const maySay = line === undefined || line.value === "" ||
    !(line.name.includes("_ENV__") || line.name.endsWith("_URL"));
  return maySay ? row : `${line.name}=…`;
}
