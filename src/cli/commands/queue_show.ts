/**
 * `reeve queue show`.
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

/** Shows one job. */
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
  const job = await backend.get(queue, id);
  const words = tenantWords(backend.tenant);
  if (job === undefined) {
    throw new KnownError("not_found", `Cannot find the job ${id} in ${queue}`, {
      hint: `See: reeve queue list ${queue}${words}`,
    });
  }
  const layout = { nowMs: host.clock.now(), width: host.terminal.columns };
  return {
    exit: EXIT.ok,
    text: formatJob(job, layout),
    json: {
      "schema": "queue_job",
      "schema_version": 1,
      "tenant": backend.tenant,
      "job": jobJson(job),
    },
  };
}
