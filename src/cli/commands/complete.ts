/**
 * `reeve __complete`, which the completion scripts ask.
 *
 * @module
 */

import { proposeCompletions } from "@stricli/core";
import type { CommandContext, CommandResult } from "../command.ts";
import { app } from "../commands.ts";
import type { ReeveContext } from "../define_command.ts";
import {
  ENVIRONMENT_BRIEFS,
  mayBeEnvironmentLine,
} from "../environment_words.ts";
import { EXIT } from "../exit_code.ts";

/** Prints what could come next, one word a line. */
export async function run(
  context: CommandContext,
  _flags: unknown,
  ...words: readonly string[]
): Promise<CommandResult> {
  const own = await proposeEnvironmentWords(context, words);
  const isBoth = words[0] === "config";
  if (own !== undefined && !isBoth) {
    return { exit: EXIT.ok, text: own.join("\n") };
  }
  const quiet = { write: () => undefined };
  const inner: ReeveContext = {
    ...context,
    outcome: {},
    process: { stdout: quiet, stderr: quiet },
  };
  const found = await proposeCompletions(app, words, inner);
  const [first = ""] = words;
  const commands = words.length > 1
    ? []
    : Object.keys(ENVIRONMENT_BRIEFS).filter((name) => name.startsWith(first));
  return {
    exit: EXIT.ok,
    text: [
      ...new Set([
        ...found.map(({ completion }) => completion),
        ...commands,
        ...own ?? [],
      ]),
    ].join("\n"),
  };
}

/** Words after a command about environments; `undefined` for other lines. */
async function proposeEnvironmentWords(
  { host }: CommandContext,
  words: readonly string[],
): Promise<readonly string[] | undefined> {
  const before = words.slice(0, -1);
  if (!mayBeEnvironmentLine(before)) return undefined;
  const { proposeAfter } = await import("../environment_completion.ts");
  return await proposeAfter(host, words);
}
