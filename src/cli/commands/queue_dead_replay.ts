/**
 * `reeve queue dead replay`.
 *
 * @module
 */

import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import {
  deadJobFilter,
  type DeadJobFlags,
  requireJobChoice,
} from "../queue_choice.ts";
import {
  openQueue,
  requireQueueName,
  type TenantFlag,
  tenantWords,
} from "../queue_place.ts";
import { jobs } from "../queue_text.ts";

/** Flags of `reeve queue dead replay`. */
export interface QueueDeadReplayFlags
  extends JsonFlags, TenantFlag, DeadJobFlags {
  /** Every one. */
  readonly all: boolean;
}

/** Makes dead jobs ready again. */
export async function run(
  context: CommandContext,
  flags: QueueDeadReplayFlags,
  queue: string,
): Promise<CommandResult> {
  requireQueueName(queue);
  requireJobChoice(flags, "replay", queue);
  await using open = await openQueue(context, flags, {
    create: false,
    changes: true,
  });
  const { backend } = open;
  const filter = deadJobFilter(flags, context.host.clock.now());
  const count = await backend.replayDead(queue, filter);
  const words = tenantWords(backend.tenant);
  return {
    exit: EXIT.ok,
    text: count === 0
      ? "No such job is dead."
      : `${jobs(count)} will run again, with all attempts.\n` +
        `See: reeve queue status${words}`,
    json: {
      "schema": "queue_dead_replay",
      "schema_version": 1,
      "tenant": backend.tenant,
      "queue": queue,
      "replayed": count,
    },
  };
}
