/**
 * `reeve sync dead purge`.
 *
 * @module
 */

import type { DeadFilter } from "../../queue/dead.ts";
import {
  type DeadPurge,
  type DeadPurgeReport,
  planDeadPurge,
  purgeDead,
} from "../../queue/dead_purge.ts";
import { addRemoved, NOTHING_REMOVED } from "../../queue/remove_events.ts";
import { actorOf, type ApplyFlags, DECLINED, mayApply } from "../apply.ts";
import { archiveEvents } from "../archive_events.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import {
  deadFilter,
  type DeadFlags,
  requireFound,
  type SkippedFlag,
} from "../dead_choice.ts";
import { EXIT } from "../exit_code.ts";
import { events } from "../pass_text.ts";
import { formatBytes } from "../size.ts";
import { type OpenProject, openProject } from "../sync_project.ts";

/** Flags of `reeve sync dead purge`. */
export interface DeadPurgeFlags
  extends JsonFlags, DeadFlags, ApplyFlags, SkippedFlag {
  /** Directory of the archive that is written before. */
  readonly archive?: string;
}

/** Throws dead events away: after an archive, or when they are old. */
export async function run(
  context: CommandContext,
  flags: DeadPurgeFlags,
): Promise<CommandResult> {
  using open = await openProject(context, { write: flags.apply });
  const nowMs = context.host.clock.now();
  const filter = deadFilter(flags, nowMs);
  const purge: DeadPurge = {
    actor: actorOf(context),
    nowMs,
    isAutomatic: false,
  };
  const plan = planOf(open, { filter, purge, flags });
  requireFound(plan.count + plan.notArchived.count, flags);
  const consent = await mayApply(context, flags, {
    amount: plan.count,
    question: `Throw ${events(plan.count)} away for good?`,
  });
  if (consent === "declined") return DECLINED;
  const done = consent === "apply" && plan.count > 0
    ? await apply(context, open, { filter, purge, flags })
    : { report: plan };
  return resultOf(open, { ...done, isApplied: consent === "apply" });
}

interface Wish {
  readonly filter: DeadFilter;
  readonly purge: DeadPurge;
  readonly flags: DeadPurgeFlags;
}

/** With a directory for it, what is not archived will be. */
function planOf(
  { store }: OpenProject,
  { filter, purge, flags }: Wish,
): DeadPurgeReport {
  const plan = planDeadPurge(store, filter, purge);
  if (flags.archive === undefined) return plan;
  return {
    ...plan,
    ...addRemoved(plan, plan.notArchived),
    notArchived: NOTHING_REMOVED,
  };
}

interface Done {
  readonly report: DeadPurgeReport;
  /** Manifest of the archive that was written before. */
  readonly archive?: string;
}

async function apply(
  context: CommandContext,
  { store }: OpenProject,
  { filter, purge, flags }: Wish,
): Promise<Done> {
  const { archive: directory } = flags;
  if (directory === undefined) {
    return { report: purgeDead(store, filter, purge) };
  }
  const { states = ["dead"], type, reason, ids } = filter;
  const proved = await archiveEvents(context, store, {
    directory,
    filter: {
      states,
      ...(type === undefined ? {} : { type }),
      ...(reason === undefined ? {} : { reason }),
      ...(ids === undefined ? {} : { ids }),
    },
  });
  if (proved === "empty") return { report: purgeDead(store, filter, purge) };
  const { archive, path } = proved;
  const report = purgeDead(store, filter, { ...purge, archive });
  return { report, archive: path };
}

function resultOf(
  { project }: OpenProject,
  { report, archive, isApplied }: Done & { readonly isApplied: boolean },
): CommandResult {
  const { count, bytes, notArchived } = report;
  const size = formatBytes(bytes);
  const lines = [
    isApplied
      ? `${events(count)} thrown away, ${size}.`
      : `${events(count)}, ${size}, would be thrown away; nothing was.`,
    ...(archive === undefined ? [] : [`Archive: ${archive}`]),
  ];
  if (notArchived.count > 0) {
    lines.push(
      `${events(notArchived.count)} of the last 90 days need an archive: ` +
        "--archive DIR",
    );
  }
  if (!isApplied && count > 0) lines.push("Carry it out with --apply.");
  return {
    exit: EXIT.ok,
    text: lines.join("\n"),
    json: {
      "schema": "sync_dead_purge",
      "schema_version": 1,
      "project_id": project.id,
      "applied": isApplied,
      "event_count": count,
      "bytes": bytes,
      "not_archived": notArchived.count,
      "archive": archive ?? null,
    },
  };
}
