/**
 * `reeve queue cancel`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { CancelResult } from "../../jobs/backend.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import {
  openQueue,
  requireQueueName,
  type TenantFlag,
  tenantWords,
} from "../queue_place.ts";

/** Takes a job out that has not begun. */
export async function run(
  context: CommandContext,
  flags: JsonFlags & TenantFlag,
  queue: string,
  id: string,
): Promise<CommandResult> {
  requireQueueName(queue);
  await using open = await openQueue(context, flags, {
    create: false,
    changes: true,
  });
  const { backend } = open;
  const words = tenantWords(backend.tenant);
  requireCancelled(await backend.cancel(queue, id), { queue, id, words });
  return {
    exit: EXIT.ok,
    text: `Cancelled ${id} of ${queue}.`,
    json: {
      "schema": "queue_cancel",
      "schema_version": 1,
      "tenant": backend.tenant,
      "queue": queue,
      "id": id,
    },
  };
}

interface Wish {
  readonly queue: string;
  readonly id: string;
  readonly words: string;
}

function requireCancelled(
  result: CancelResult,
  { queue, id, words }: Wish,
): void {
  switch (result) {
    case "cancelled":
      return;
    case "active":
      throw new KnownError("unusable", `Cannot cancel ${id}: it runs already`, {
        hint: `See: reeve queue show ${queue} ${id}${words}`,
      });
    case "finished":
      throw new KnownError("unusable", `Cannot cancel ${id}: it has ended`, {
        hint: `See: reeve queue show ${queue} ${id}${words}`,
      });
    case "missing":
      throw new KnownError(
        "not_found",
        `Cannot find the job ${id} in ${queue}`,
        { hint: `See: reeve queue list ${queue}${words}` },
      );
  }
}
