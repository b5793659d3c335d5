/**
 * Whether a step that cannot be undone may be done. `--apply` wants it; at a
 * terminal the person is asked once more.
 *
 * @module
 */

import type { CommandContext, CommandResult } from "./command.ts";
import { EXIT } from "./exit_code.ts";

/** Flags of a command that shows first what it would do. */
export interface ApplyFlags {
  /** Do it. */
  readonly apply: boolean;
  /** Do not ask. */
  readonly yes: boolean;
}

/** Whether to do it, or why not. */
export type Consent = "apply" | "only_show" | "declined";

/** Asks where there is somebody to ask, and only for what there is to do. */
export async function mayApply(
  { host, isJson }: Pick<CommandContext, "host" | "isJson">,
  { apply, yes }: ApplyFlags,
  { amount, question }: {
    readonly amount: number;
    readonly question: string;
  },
): Promise<Consent> {
  if (!apply) return "only_show";
  const asks = amount > 0 && !yes && !isJson && host.terminal.isInteractive;
  if (!asks) return "apply";
  return await host.terminal.confirm(question) ? "apply" : "declined";
}

/** What a command gives whose person has said no. */
export const DECLINED: CommandResult = {
  exit: EXIT.interrupted,
  text: "Nothing was done.",
};

/** Who acts, as far as the environment names somebody. */
export function actorOf({ host }: Pick<CommandContext, "host">): string {
  return host.env.get("USER") ?? host.env.get("USERNAME") ?? "unknown";
}
