/**
 * `reeve queue list`.
 *
 * @module
 */

import type { JobState } from "../../jobs/job.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import {
  openQueue,
  requireQueueName,
  type TenantFlag,
  tenantWords,
} from "../queue_place.ts";
import { requireLimit } from "../queue_choice.ts";
import { formatJobs, jobJson } from "../queue_text.ts";

/** Flags of `reeve queue list`. */
export interface QueueListFlags extends JsonFlags, TenantFlag {
  /** Only these states. */
  readonly state?: readonly JobState[];
  /** Most jobs. */
  readonly limit: number;
}

/** Lists jobs of a queue. */
export async function run(
  context: CommandContext,
  flags: QueueListFlags,
  queue: string,
): Promise<CommandResult> {
  requireQueueName(queue);
  const limit = requireLimit(flags.limit);
  await using open = await openQueue(context, flags, { create: false });
  const { backend } = open;
  const { host } = context;
  const { state: states = [] } = flags;
  const list = await backend.list(queue, {
    limit,
    ...(states.length === 0 ? {} : { states }),
  });
  const layout = { nowMs: host.clock.now(), width: host.terminal.columns };
  const words = tenantWords(backend.tenant);
  const more = list.length === limit
    ? [`The first ${limit} are shown; see --limit.`]
    : [];
  return {
    exit: EXIT.ok,
    text: list.length === 0 ? `No such job is in ${queue}.` : [
      formatJobs(list, layout),
      "",
      ...more,
      `See one: reeve queue show ${queue} ID${words}`,
    ].join("\n"),
    json: {
      "schema": "queue_list",
      "schema_version": 1,
      "tenant": backend.tenant,
      "queue": queue,
      "jobs": list.map(jobJson),
    },
  };
}
