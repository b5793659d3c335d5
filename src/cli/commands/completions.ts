/**
 * `reeve completions SHELL`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { EXIT } from "../exit_code.ts";

/** The script of each shell. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_reeve() {
  local IFS=$'\\n'
  COMPREPLY=($(reeve __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _reeve reeve`,
  zsh: `#compdef reeve
_reeve() {
  local -a found
  found=("\${(@f)$(reeve __complete -- "\${words[@]:1:$((CURRENT-1))}" 2>/dev/null)}")
  compadd -a found
}
compdef _reeve reeve`,
  fish:
    `complete -c reeve -f -a '(set -l words (commandline -opc) (commandline -ct); \
reeve __complete -- $words[2..-1] 2>/dev/null)'`,
};

/** Prints the completion script for one shell. */
export function run(
  _context: CommandContext,
  _flags: unknown,
  shell: string,
): Promise<CommandResult> {
  const script = SCRIPTS[shell];
  if (script === undefined) {
    throw new KnownError("usage", `Cannot complete in ${shell}`, {
      hint: "Choose one of bash, zsh and fish.",
    });
  }
  return Promise.resolve({ exit: EXIT.ok, text: script });
}
