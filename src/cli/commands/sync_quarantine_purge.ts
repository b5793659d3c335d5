/**
 * `reeve sync quarantine purge`.
 *
 * @module
 */

import { purgeQuarantine, sumQuarantine } from "../../queue/quarantine_care.ts";
import { actorOf, type ApplyFlags, DECLINED, mayApply } from "../apply.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import {
  quarantineFilter,
  type QuarantineFlags,
} from "../quarantine_choice.ts";
import { formatBytes } from "../size.ts";
import { openProject } from "../sync_project.ts";

/** Flags of `reeve sync quarantine purge`. */
export interface QuarantinePurgeFlags
  extends JsonFlags, QuarantineFlags, ApplyFlags {}

/** Throws away what was put apart. */
export async function run(
  context: CommandContext,
  flags: QuarantinePurgeFlags,
): Promise<CommandResult> {
  using open = await openProject(context, { write: flags.apply });
  const nowMs = context.host.clock.now();
  const filter = quarantineFilter(flags, nowMs);
  const plan = sumQuarantine(open.store, filter);
  const amount = entries(plan.count);
  const consent = await mayApply(context, flags, {
    amount: plan.count,
    question: `Throw ${amount} away for good?`,
  });
  if (consent === "declined") return DECLINED;
  const isApplied = consent === "apply";
  const count = isApplied
    ? purgeQuarantine(open.store, filter, { actor: actorOf(context), nowMs })
    : plan.count;
  const size = formatBytes(plan.bytes);
  return {
    exit: EXIT.ok,
    text: isApplied
      ? `${entries(count)} thrown away, ${size}.`
      : `${amount}, ${size}, would be thrown away; nothing was.` +
        (count > 0 ? "\nCarry it out with --apply." : ""),
    json: {
      "schema": "sync_quarantine_purge",
      "schema_version": 1,
      "project_id": open.project.id,
      "applied": isApplied,
      "entry_count": count,
      "bytes": plan.bytes,
    },
  };
}

function entries(count: number): string {
  return `${count} ${count === 1 ? "entry" : "entries"}`;
}
