/**
 * `reeve sync dead skip`.
 *
 * @module
 */

import { countDead, type DeadFilter, skipDead } from "../../queue/dead.ts";
import { actorOf, DECLINED, mayApply } from "../apply.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import {
  deadFilter,
  type DeadFlags,
  requireChoice,
  requireFound,
} from "../dead_choice.ts";
import { EXIT } from "../exit_code.ts";
import { events } from "../pass_text.ts";
import { openProject } from "../sync_project.ts";

/** Flags of `reeve sync dead skip`. */
export interface DeadSkipFlags extends JsonFlags, DeadFlags {
  /** Every one. */
  readonly all: boolean;
  /** Do not ask. */
  readonly yes: boolean;
}

/** Skipping can be taken back, so the command itself is the wish. */
const IS_WANTED = true;

/** Gives dead events up; they stay here and can be replayed. */
export async function run(
  context: CommandContext,
  flags: DeadSkipFlags,
): Promise<CommandResult> {
  requireChoice(flags, "skip");
  using open = await openProject(context, { write: true });
  const nowMs = context.host.clock.now();
  const chosen = deadFilter(flags, nowMs);
  const filter: DeadFilter = { ...chosen, states: ["dead"] };
  const amount = [...countDead(open.store, filter).values()]
    .reduce((sum, n) => sum + n, 0);
  requireFound(amount, flags);
  const question = `Give up ${events(amount)}?`;
  const consent = await mayApply(
    context,
    { apply: IS_WANTED, yes: flags.yes },
    {
      amount,
      question,
    },
  );
  if (consent === "declined") return DECLINED;
  const count = skipDead(open.store, filter, {
    actor: actorOf(context),
    nowMs,
  });
  return {
    exit: EXIT.ok,
    text: count === 0
      ? "Nothing to skip."
      : `${events(count)} skipped; later events of their lanes go on.\n` +
        "Take back: reeve sync dead replay --skipped --all",
    json: {
      "schema": "sync_dead_skip",
      "schema_version": 1,
      "project_id": open.project.id,
      "skipped": count,
    },
  };
}
