/**
 * `reeve queue dead show`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import {
  openQueue,
  requireQueueName,
  type TenantFlag,
  tenantWords,
} from "../queue_place.ts";
import { formatJob, jobJson } from "../queue_text.ts";

/** Shows a dead job and why it failed. */
export async function run(
  context: CommandContext,
  flags: JsonFlags & TenantFlag,
  queue: string,
  id: string,
): Promise<CommandResult> {
  requireQueueName(queue);
  await using open = await openQueue(context, flags, { create: false });
  const { backend } = open;
  const { host } = context;
  const [job] = await backend.listDead(queue, { ids: [id], limit: 1 });
  const words = tenantWords(backend.tenant);
  if (job === undefined) {
    throw new KnownError("not_found", `Cannot find a dead job ${id}`, {
      hint: `See: reeve queue dead list ${queue}${words}`,
    });
  }
  const layout = { nowMs: host.clock.now(), width: host.terminal.columns };
  return {
    exit: EXIT.ok,
    text: [
      formatJob(job, layout),
      "",
      `Run again: reeve queue dead replay ${queue} --id ${id}${words}`,
      `Delete:    reeve queue dead purge ${queue} --id ${id}${words} --apply`,
    ].join("\n"),
    json: {
      "schema": "queue_dead_job",
      "schema_version": 1,
      "tenant": backend.tenant,
      "job": jobJson(job),
    },
  };
}
