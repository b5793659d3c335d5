/**
 * `reeve config` at a terminal: from what the repository has to a written
 * file.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { EnvironmentSettings } from "../environment/model.ts";
import { blockOf } from "../environment/managed_block.ts";
import type { EnvironmentPlace } from "../environment/place.ts";
import {
  readText,
  settledText,
  statesSettings,
} from "../environment/settings_change.ts";
import {
  loadSources,
  type RepositorySources,
} from "../environment/settings_load.ts";
import { readEnvironmentSettings } from "../environment/settings_read.ts";
import {
  editSettings,
  type SettingsEdited,
  settingsPath,
} from "../environment/settings_write.ts";
import type { Host } from "../host/host.ts";
import { lineDiff } from "./line_diff.ts";
import { askForSettings } from "./wizard_loop.ts";
import type { WizardBase, WizardFacts, WizardOutcome } from "./wizard_state.ts";

/** What the wizard needs of the world. */
export type WizardHost = Pick<Host, "clock" | "env" | "files" | "terminal">;

/** What became of the questions. */
export interface WizardEnd {
  /** What was, or would be, written. */
  readonly edited: SettingsEdited;
  /** The settings. */
  readonly settings: EnvironmentSettings;
}

/**
 * Asks for settings and writes them, or only says what it would write.
 *
 * @throws {KnownError} `cancelled` when the person leaves, and as
 * `editSettings()` for a file that cannot be read or written. Nothing was
 * written then.
 */
export async function runWizard(
  host: WizardHost,
  { repositoryRoot: root }: Pick<EnvironmentPlace, "repositoryRoot">,
  options: { readonly isDryRun?: boolean } = {},
): Promise<WizardEnd> {
  const project = { root, file: settingsPath({ root, file: undefined }) };
  const sources = await loadSources(host, project);
  const facts = factsOf(project.file, sources);
  const settings = await askForSettings(host, facts);
  if (settings === undefined) {
    throw new KnownError(
      "cancelled",
      "Left the questions; nothing was written",
    );
  }
  const edited = await editSettings(
    host,
    project,
    // Who has changed the file meanwhile keeps that: it is read anew.
    (file) => settledText(file, settings),
    options,
  );
  return { edited, settings };
}

function factsOf(path: string, sources: RepositorySources): WizardFacts {
  return {
    path,
    bases: basesOf(sources),
    suggestions: sources.suggestions,
    plan: (settings) => planFor(path, sources.file?.text, settings),
  };
}

function planFor(
  path: string,
  text: string | undefined,
  settings: EnvironmentSettings,
): WizardOutcome {
  try {
    const after = settledText({ path, text }, settings);
    const [fault] = readText(path, after).faults;
    if (fault !== undefined) {
      // Its line is one that was never written.
      const message = fault.message.replace(` in ${fault.where}:`, ":");
      return { kind: "fault", message };
    }
    const block = statesSettings(text ?? "") ? undefined : blockOf(after);
    const rows = lineDiff(text ?? "", after);
    const diff = rows.length === 0 ? "Nothing would change." : rows.join("\n");
    return { kind: "text", shown: block ?? diff };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return { kind: "fault", message: error.message };
  }
}

function basesOf(
  { file, legacy, suggestions }: RepositorySources,
): WizardFacts["bases"] {
  const env = { get: () => undefined };
  const empty: WizardBase = {
    name: "empty",
    what: "nothing",
    settings: readEnvironmentSettings({ env }).settings,
  };
  const current = file === undefined || !statesSettings(file.text)
    ? undefined
    : readEnvironmentSettings({ env, file, suggestions });
  const old = readEnvironmentSettings({ env, legacy, suggestions });
  const detected = readEnvironmentSettings({ env, suggestions });
  const [first = empty, ...others] = [
    ...current === undefined ? [] : [
      {
        name: "current",
        what: `what ${file?.path} says`,
        settings: current.settings,
      } as const,
    ],
    ...old.source === "legacy"
      ? [
        {
          name: "envctl",
          what: `what ${legacy?.path} says`,
          settings: old.settings,
        } as const,
      ]
      : [],
    ...suggestions.length > 0
      ? [
        {
          name: "detected",
          what: `what the repository has: ${
            suggestions.map(({ slug }) => slug).join(", ")
          }`,
          settings: detected.settings,
        } as const,
      ]
      : [],
    empty,
  ];
  return [first, ...others];
}
