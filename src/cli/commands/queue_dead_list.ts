/**
 * `reeve queue dead list`.
 *
 * @module
 */

import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import {
  deadJobFilter,
  type DeadJobFlags,
  requireLimit,
} from "../queue_choice.ts";
import {
  openQueue,
  requireQueueName,
  type TenantFlag,
  tenantWords,
} from "../queue_place.ts";
import { formatDeadJobs, jobJson } from "../queue_text.ts";

/** Flags of `reeve queue dead list`. */
export interface QueueDeadListFlags
  extends JsonFlags, TenantFlag, Omit<DeadJobFlags, "id"> {
  /** Most jobs. */
  readonly limit: number;
}

/** Lists jobs that have failed for good. */
export async function run(
  context: CommandContext,
  flags: QueueDeadListFlags,
  queue: string,
): Promise<CommandResult> {
  requireQueueName(queue);
  const limit = requireLimit(flags.limit);
  await using open = await openQueue(context, flags, { create: false });
  const { backend } = open;
  const { host } = context;
  const nowMs = host.clock.now();
  const list = await backend.listDead(queue, {
    ...deadJobFilter(flags, nowMs),
    limit,
  });
  const words = tenantWords(backend.tenant);
  const more = list.length === limit
    ? [`The first ${limit} are shown; see --limit.`]
    : [];
  return {
    exit: EXIT.ok,
    text: list.length === 0 ? `No such job of ${queue} is dead.` : [
      formatDeadJobs(list, { nowMs, width: host.terminal.columns }),
      "",
      ...more,
      `See one: reeve queue dead show ${queue} ID${words}`,
      `Run again: reeve queue dead replay ${queue} --id ID${words}`,
    ].join("\n"),
    json: {
      "schema": "queue_dead_list",
      "schema_version": 1,
      "tenant": backend.tenant,
      "queue": queue,
      "jobs": list.map(jobJson),
    },
  };
}
