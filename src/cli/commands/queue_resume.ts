/**
 * `reeve queue resume`.
 *
 * @module
 */

import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import {
  openQueue,
  requireQueueName,
  type TenantFlag,
} from "../queue_place.ts";

/** Lets jobs of a queue begin again. */
export async function run(
  context: CommandContext,
  flags: JsonFlags & TenantFlag,
  queue: string,
): Promise<CommandResult> {
  requireQueueName(queue);
  await using open = await openQueue(context, flags, {
    create: false,
    changes: true,
  });
  const { backend } = open;
  await backend.resume(queue);
  return {
    exit: EXIT.ok,
    text: `Resumed ${queue}: its jobs are begun again.`,
    json: {
      "schema": "queue_resume",
      "schema_version": 1,
      "tenant": backend.tenant,
      "queue": queue,
      "paused": false,
    },
  };
}
