/**
 * `reeve config edit`.
 *
 * @module
 */

import type { Fault } from "../../config/fault.ts";
import { KnownError } from "../../errors.ts";
import { splitCommand } from "../../environment/command_words.ts";
import type { SettingFault } from "../../environment/settings_layers.ts";
import { loadStatedSettings } from "../../environment/settings_load.ts";
import { settingsPath } from "../../environment/settings_write.ts";
import type { Host } from "../../host/host.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { openPlace } from "../environment_key.ts";
import { EXIT } from "../exit_code.ts";
import { readScope } from "./config_scope.ts";

/** Flags of the command. */
export interface EditFlags extends JsonFlags {
  /** The person's own file instead of the repository's. */
  readonly own: boolean;
}

interface Checked {
  readonly faults: readonly (Fault | SettingFault)[];
  readonly warnings: readonly string[];
}

const USUAL_EDITOR = "vi";
/** What a shell ends with for a program that is not there. */
const NOT_FOUND = 127;

/** Opens the person's editor, then says what is wrong in the file. */
export async function run(
  { host, takeInterrupts }: CommandContext,
  { own }: EditFlags,
): Promise<CommandResult> {
  const project = own ? undefined : await projectAround(host);
  const path = project?.file ?? readScope(host).config.userFile;
  const command = editorFrom(host);
  if (!host.terminal.isInteractive) {
    throw new KnownError("unusable", "Cannot open an editor: no terminal", {
      hint: `Change the file yourself: ${path}`,
    });
  }
  // Ctrl-C in the editor is the editor's.
  takeInterrupts();
  const before = await textOf(host, path);
  await edit(host, command, path);
  return report({
    path,
    isChanged: await textOf(host, path) !== before,
    checked: project === undefined
      ? checkOwn(host)
      : await loadStatedSettings(host, project),
  });
}

/** Lends the terminal to the editor; standard output is for the result. */
async function edit(
  { env, programs }: Pick<Host, "env" | "programs">,
  [editor = USUAL_EDITOR, ...args]: readonly string[],
  path: string,
): Promise<void> {
  const words = [editor, ...args, path];
  const hasShell = env.os !== "windows";
  const code = await programs.attend({
    executable: hasShell ? "/bin/sh" : editor,
    args: hasShell ? ["-c", 'exec "$@" >&2', "sh", ...words] : words.slice(1),
    cwd: env.cwd,
  });
  requireEnd(editor, hasShell && code === NOT_FOUND ? "missing" : code);
}

async function projectAround(host: Host) {
  const { repositoryRoot: root } = await openPlace(host);
  return { root, file: settingsPath({ root, file: undefined }) };
}

function checkOwn(host: Host): Checked {
  const { faults, userFile, warnings } = readScope(host).config;
  return { faults: faults.filter(({ file }) => file === userFile), warnings };
}

function editorFrom({ env }: Pick<Host, "env">): readonly string[] {
  const name = env.get("VISUAL") === undefined ? "EDITOR" : "VISUAL";
  const split = splitCommand(env.get(name) ?? USUAL_EDITOR);
  if (split.kind === "words" && split.words.length > 0) return split.words;
  throw new KnownError("unusable", `${name} is no command`, {
    hint: `Set it to your editor, such as ${name}=nano.`,
  });
}

function requireEnd(executable: string, code: number | "missing"): void {
  if (code === 0) return;
  throw new KnownError(
    "unusable",
    code === "missing"
      ? `Cannot find the editor ${executable}`
      : `The editor ${executable} ended with ${code}`,
    { hint: "Set EDITOR to your editor, such as EDITOR=nano." },
  );
}

async function textOf(
  { files }: Pick<Host, "files">,
  path: string,
): Promise<string | undefined> {
  const facts = await files.stat(path);
  return facts === undefined ? undefined : await files.readText(path);
}

function report(
  { checked, isChanged, path }: {
    readonly path: string;
    readonly isChanged: boolean;
    readonly checked: Checked;
  },
): CommandResult {
  const { faults, warnings } = checked;
  const isSound = faults.length === 0;
  const state = isChanged ? "is changed" : "is as it was";
  return {
    exit: isSound ? EXIT.ok : EXIT.actionable,
    json: {
      "schema": "config_edit",
      "schema_version": 1,
      "ok": isSound,
      "path": path,
      "changed": isChanged,
      "faults": faults.map(({ hint, key, line, message }) => ({
        "key": key ?? null,
        "line": line ?? null,
        "message": message,
        "hint": hint,
      })),
      "warnings": [...warnings],
    },
    text: isSound
      ? `${path} ${state}, and nothing is wrong in it.`
      : `${path} ${state} and stays so, but something is wrong in it.`,
    notes: [
      ...faults.flatMap(({ hint, message }) => [`${message}.`, `  ${hint}`]),
      ...warnings.map((text) => `${text}.`),
    ],
  };
}
