/**
 * `reeve config` and `reeve init`: asks for the settings of a repository, or
 * writes what the line, a program or the repository itself says.
 *
 * @module
 */

import { nearestName } from "../../config/nearest.ts";
import { KnownError } from "../../errors.ts";
import {
  changedText,
  type Prefill,
  readText,
  savedText,
  type SettingChange,
  statesSettings,
} from "../../environment/settings_change.ts";
import {
  loadSettings,
  loadSources,
  loadStatedSettings,
} from "../../environment/settings_load.ts";
import { readPayload } from "../../environment/settings_payload.ts";
import { settingsError } from "../../environment/settings_read.ts";
import {
  editSettings,
  type SettingsEdited,
  settingsPath,
} from "../../environment/settings_write.ts";
import { mayRun } from "../../environment/start_scope.ts";
import type { CommandResult } from "../command.ts";
import {
  editJson,
  editText,
  type ShownEdit,
} from "../environment_config_text.ts";
import { runWizard } from "../environment_config_wizard.ts";
import { asChange } from "../environment_key.ts";
import type { EnvironmentSession } from "../environment_session.ts";
import { EXIT } from "../exit_code.ts";

type Outcome = Pick<ShownEdit, "edited" | "found" | "warnings">;

const SUBCOMMANDS = ["edit", "get", "init", "path", "set", "show", "unset"];
const DETECT = "init";

/**
 * Asks, or writes.
 *
 * @throws {KnownError} `usage` for words or values that mean nothing,
 * `cancelled` for a person who leaves; nothing was written then.
 */
export async function run(session: EnvironmentSession): Promise<CommandResult> {
  const { host, place, route } = session;
  const isDryRun = route.flags.dryRun === true;
  const outcome = await writeOrAsk(session, { isDryRun });
  const { edited } = outcome;
  const project = projectOf(session);
  const loaded = isDryRun
    ? { ...readText(edited.path, edited.after), notes: [] }
    : await loadSettings(host, project);
  const shown = { ...outcome, isDryRun, loaded, root: place.repositoryRoot };
  return {
    exit: EXIT.ok,
    text: editText(shown),
    json: editJson(shown),
    notes: [
      ...[...outcome.warnings, ...loaded.warnings].map((text) => `${text}.`),
      ...isDryRun ? [] : await keepsRunning(session, edited),
    ],
  };
}

async function writeOrAsk(
  session: EnvironmentSession,
  options: { readonly isDryRun: boolean },
): Promise<Outcome> {
  const { host, place, route } = session;
  const { words } = route;
  const isInit = words[0] === DETECT;
  const settings = isInit ? words.slice(1) : words;
  requireAssignments(settings);
  const project = projectOf(session);
  const given = [...route.flags.set ?? [], ...settings];
  const isPayload = route.flags.stdinJson === true;
  if (given.length > 0 || isPayload) {
    const prefill = await loadStatedSettings(host, project);
    const payload = isPayload
      ? readPayload(await host.terminal.readInput(), prefill.settings)
      : { changes: [], warnings: [] };
    const changes = [...payload.changes, ...given.map(assignmentOf)];
    const { warnings } = payload;
    const edit = { changes, prefill };
    const edited = await writeChanges(session, edit, options);
    return { edited, found: [], warnings };
  }
  const mayAsk = host.terminal.isInteractive && !route.headless;
  if (mayAsk) {
    const { edited } = await runWizard(host, place, options);
    return { edited, found: [], warnings: [] };
  }
  const takesFound = isInit || route.flags.detect === true;
  if (takesFound) return await writeFound(session, options);
  throw new KnownError("unusable", "Cannot ask for settings: no terminal", {
    hint: "Write them: reeve config KEY=VALUE …, or reeve config " +
      "--stdin-json. Take what the repository has: reeve config init",
  });
}

async function writeChanges(
  session: EnvironmentSession,
  { changes, prefill }: {
    readonly changes: readonly SettingChange[];
    readonly prefill: Prefill;
  },
  options: { readonly isDryRun: boolean },
): Promise<SettingsEdited> {
  return await editSettings(
    session.host,
    projectOf(session),
    (file) => changedText(file, changes, prefill),
    options,
  );
}

/** Writes what another tool's file or the repository says. */
async function writeFound(
  session: EnvironmentSession,
  options: { readonly isDryRun: boolean },
): Promise<Outcome> {
  const { host, place } = session;
  const project = projectOf(session);
  const [stated, sources] = await Promise.all([
    loadStatedSettings(host, project),
    loadSources(host, project),
  ]);
  const error = settingsError(stated);
  if (error !== undefined) throw asUnusable(error);
  if (stated.source === "default") {
    throw new KnownError(
      "not_found",
      `Found nothing to start in ${place.repositoryRoot}`,
      {
        hint: "Name it: reeve config SERVICES=api SERVICE_API_CMD='…'. " +
          "At a terminal there are questions: reeve config",
      },
    );
  }
  const edited = await editSettings(
    host,
    project,
    (file) =>
      statesSettings(file.text ?? "")
        ? file.text ?? ""
        : savedText(file, stated.settings),
    options,
  );
  const isNew = edited.outcome === "changed";
  const slugs = stated.settings.services.map(({ slug }) => slug);
  const found = isNew && stated.source === "detected"
    ? sources.suggestions.filter(({ slug }) => slugs.includes(slug))
    : [];
  return { edited, found, warnings: stated.notes };
}

/** What is wrong is in a file, not in the line. */
function asUnusable({ hint, message }: KnownError): KnownError {
  return new KnownError(
    "unusable",
    message,
    hint === undefined ? {} : { hint },
  );
}

function requireAssignments(words: readonly string[]): void {
  const odd = words.find((word) => !word.includes("="));
  if (odd === undefined) return;
  const nearest = nearestName(odd, SUBCOMMANDS);
  throw new KnownError("usage", `Cannot find the command config ${odd}`, {
    hint: nearest === undefined
      ? "See: reeve config --help"
      : `Did you mean ${nearest}?`,
  });
}

function assignmentOf(text: string): SettingChange {
  const at = text.indexOf("=");
  if (at > 0) return asChange(text.slice(0, at), text.slice(at + 1));
  throw new KnownError("usage", `${JSON.stringify(text)} is not KEY=VALUE`, {
    hint: "Write it like this: reeve config --set DEFAULT_MODE=trees",
  });
}

/** A word about what runs already with the settings as they were. */
async function keepsRunning(
  { host, place }: EnvironmentSession,
  { before, outcome }: SettingsEdited,
): Promise<readonly string[]> {
  if (outcome !== "changed" || !statesSettings(before ?? "")) return [];
  const { observeRuns } = await import("../../environment/observe.ts");
  const runs = await observeRuns(host, place, {});
  return runs.some(({ units }) => units.some(mayRun))
    ? ["What runs keeps its settings until: reeve restart"]
    : [];
}

function projectOf({ place }: EnvironmentSession) {
  const root = place.repositoryRoot;
  return { root, file: settingsPath({ root, file: undefined }) };
}
