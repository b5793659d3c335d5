/**
 * `reeve __complete`, which the completion scripts ask.
 *
 * @module
 */

import { proposeCompletions } from "@stricli/core";
import type { CommandContext, CommandResult } from "../command.ts";
import { app } from "../commands.ts";
import type { ReeveContext } from "../define_command.ts";
import { EXIT } from "../exit_code.ts";

/** Prints what could come next, one word a line. */
export async function run(
  context: CommandContext,
  _flags: unknown,
  ...words: readonly string[]
): Promise<CommandResult> {
  const quiet = { write: () => undefined };
  const inner: ReeveContext = {
    ...context,
    outcome: {},
    process: { stdout: quiet, stderr: quiet },
  };
  const found = await proposeCompletions(app, words, inner);
  return {
    exit: EXIT.ok,
    text: found.map(({ completion }) => completion).join("\n"),
  };
}
