/**
 * `reeve queue dead purge`.
 *
 * @module
 */

import { type ApplyFlags, DECLINED, mayApply } from "../apply.ts";
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
  extends JsonFlags, TenantFlag, DeadJobFlags, ApplyFlags {
  /** Every one. */
  readonly all: boolean;
}

/** Jobs that are deleted in one step. */
const PAGE = 500;

/** Says which dead jobs would be deleted; with `--apply` deletes them. */
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
  const consent = await mayApply(context, flags, {
    amount: found.length,
    question: `Delete ${jobs(found.length)} of ${queue} for good?`,
  });
  if (consent === "declined") return DECLINED;
  const isApplied = consent === "apply";
  // What has died since was not asked about.
  const chosen = isApplied ? found.map(({ id }) => id) : [];
  let count = 0;
  for (let at = 0; at < chosen.length; at += PAGE) {
    const ids = chosen.slice(at, at + PAGE);
    count += await backend.purgeDead(queue, { ids });
  }
  return {
    exit: EXIT.ok,
    text: textOf(isApplied ? count : found.length, isApplied),
    json: {
      "schema": "queue_dead_purge",
      "schema_version": 1,
      "tenant": backend.tenant,
      "queue": queue,
      "applied": isApplied,
      "job_count": found.length,
      "deleted": count,
    },
  };
}

function textOf(count: number, isApplied: boolean): string {
  if (count === 0) return "No such job is dead.";
  return isApplied
    ? `${jobs(count)} deleted.`
    : `${jobs(count)} would be deleted for good. Carry it out with --apply.`;
}
