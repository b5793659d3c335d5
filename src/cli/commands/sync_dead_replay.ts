/**
 * `reeve sync dead replay`.
 *
 * @module
 */

import { replayDead } from "../../queue/dead.ts";
import { actorOf } from "../apply.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import {
  deadFilter,
  type DeadFlags,
  requireChoice,
  requireFound,
  type SkippedFlag,
} from "../dead_choice.ts";
import { EXIT } from "../exit_code.ts";
import { markWaiting } from "../../queue/waiting_mark.ts";
import { events } from "../pass_text.ts";
import { openProject } from "../sync_project.ts";

/** Flags of `reeve sync dead replay`. */
export interface DeadReplayFlags extends JsonFlags, DeadFlags, SkippedFlag {
  /** Every one. */
  readonly all: boolean;
}

/** Makes dead or skipped events ready to be sent again. */
export async function run(
  context: CommandContext,
  flags: DeadReplayFlags,
): Promise<CommandResult> {
  requireChoice(flags, "replay");
  using open = await openProject(context, { write: true });
  const nowMs = context.host.clock.now();
  const count = replayDead(open.store, deadFilter(flags, nowMs), {
    actor: actorOf(context),
    nowMs,
  });
  requireFound(count, flags);
  if (count > 0) markWaiting(open.host, open.paths);
  return {
    exit: EXIT.ok,
    text: count === 0
      ? "Nothing to replay."
      : `${events(count)} will be sent again. Send now: reeve sync now`,
    json: {
      "schema": "sync_dead_replay",
      "schema_version": 1,
      "project_id": open.project.id,
      "replayed": count,
    },
  };
}
