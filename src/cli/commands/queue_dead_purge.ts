/**
 * `reeve queue dead purge`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { DECLINED } from "../apply.ts";
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
} from "../queue_place.ts";
import { jobs } from "../queue_text.ts";

/** Flags of `reeve queue dead purge`. */
export interface QueueDeadPurgeFlags
  extends JsonFlags, TenantFlag, DeadJobFlags {
  /** Every one. */
  readonly all: boolean;
  /** Do not ask. */
  readonly yes: boolean;
}

/** Jobs that are deleted in one step. */
const PAGE = 500;

/** Deletes dead jobs, once the person has agreed to how many. */
export async function run(
  context: CommandContext,
  flags: QueueDeadPurgeFlags,
  queue: string,
): Promise<CommandResult> {
  requireQueueName(queue);
  requireJobChoice(flags, "purge", queue);
  await using open = await openQueue(context, flags, {
    create: false,
    changes: true,
  });
  const { backend } = open;
  const { host } = context;
  const filter = deadJobFilter(flags, host.clock.now());
  const found = await backend.listDead(queue, filter);
  if (found.length > 0 && !flags.yes) {
    if (context.isJson || !host.terminal.isInteractive) {
      throw new KnownError(
        "usage",
        `Cannot delete ${jobs(found.length)} of ${queue} without --yes`,
        { hint: "Nothing was deleted. Add --yes to delete them for good." },
      );
    }
    const question = `Delete ${jobs(found.length)} of ${queue} for good?`;
    if (!await host.terminal.confirm(question)) return DECLINED;
  }
  // What has died since was not asked about.
  let count = 0;
  for (let at = 0; at < found.length; at += PAGE) {
    const ids = found.slice(at, at + PAGE).map(({ id }) => id);
    count += await backend.purgeDead(queue, { ids });
  }
  return {
    exit: EXIT.ok,
    text: count === 0 ? "No such job is dead." : `${jobs(count)} deleted.`,
    json: {
      "schema": "queue_dead_purge",
      "schema_version": 1,
      "tenant": backend.tenant,
      "queue": queue,
      "deleted": count,
    },
  };
}
