/**
 * `reeve queue pause`.
 *
 * @module
 */

import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import {
  openQueue,
  requireQueueName,
  type TenantFlag,
  tenantWords,
} from "../queue_place.ts";

/** Holds jobs of a queue back, in every worker. */
export async function run(
  context: CommandContext,
  flags: JsonFlags & TenantFlag,
  queue: string,
): Promise<CommandResult> {
  requireQueueName(queue);
  await using open = await openQueue(context, flags, {
    create: true,
    changes: true,
  });
  const { backend } = open;
  await backend.pause(queue);
  const words = tenantWords(backend.tenant);
  return {
    exit: EXIT.ok,
    text: `Paused ${queue}: jobs are taken and none is begun.\n` +
      `Go on: reeve queue resume ${queue}${words}`,
    json: {
      "schema": "queue_pause",
      "schema_version": 1,
      "tenant": backend.tenant,
      "queue": queue,
      "paused": true,
    },
  };
}
