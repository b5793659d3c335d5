/**
 * `reeve sync purge`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { acquireLease } from "../../queue/lease.ts";
import {
  planPurge,
  purge,
  type PurgePlan,
  type PurgeReport,
} from "../../queue/purge.ts";
import type { Removed } from "../../queue/remove_events.ts";
import { actorOf } from "../apply.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { events } from "../pass_text.ts";
import { openProgress } from "../progress.ts";
import { formatBytes } from "../size.ts";
import { type OpenProject, openProject } from "../sync_project.ts";
import { wrap } from "../table.ts";

/** Flags of `reeve sync purge`. */
export interface PurgeFlags extends JsonFlags {
  /** Do it. */
  readonly apply: boolean;
  /** Name or id of the project, written out. */
  readonly confirm?: string;
}

const LEASE_WAIT_MS = 2000;

/** Throws away everything of this project that is not delivered. */
export async function run(
  context: CommandContext,
  flags: PurgeFlags,
): Promise<CommandResult> {
  using open = await openProject(context, { write: flags.apply });
  if (flags.apply) checkConfirmed(open, flags);
  const report = flags.apply ? await apply(context, open) : undefined;
  const plan = report?.plan ?? planPurge(open.host, open.store);
  return resultOf(context, open, { plan, report: report?.done });
}

/** The name must be written out: nothing of this can be taken back. */
function checkConfirmed(
  { project }: OpenProject,
  { confirm }: PurgeFlags,
): void {
  if (confirm === project.slug || confirm === project.id) return;
  throw new KnownError(
    "usage",
    confirm === undefined
      ? "Cannot purge without the name of the project"
      : `Cannot purge ${confirm}: this project is ${project.slug}`,
    { hint: `Add --confirm ${project.slug}` },
  );
}

async function apply(
  context: CommandContext,
  { host, store }: OpenProject,
): Promise<{ readonly plan: PurgePlan; readonly done: PurgeReport }> {
  const lease = await acquireLease(host, store, {
    role: "command",
    waitMs: LEASE_WAIT_MS,
  });
  if ("busy" in lease) {
    const who = lease.busy === undefined
      ? "another process"
      : `process ${lease.busy.pid}`;
    throw new KnownError("not_ready", `Cannot purge: ${who} is delivering`, {
      hint: "Wait until it has ended, or stop it: reeve daemon stop",
    });
  }
  using _ = lease;
  const plan = planPurge(host, store);
  const progress = openProgress(context, "Throwing events away");
  progress.start(plan.events.count);
  try {
    const done = await purge(host, store, lease, {
      plan,
      actor: actorOf(context),
      onDone: progress.advance,
    });
    return { plan, done };
  } finally {
    progress.finish();
  }
}

function resultOf(
  { host }: CommandContext,
  { project, paths }: OpenProject,
  { plan, report }: {
    readonly plan: PurgePlan;
    readonly report: PurgeReport | undefined;
  },
): CommandResult {
  const { events: removed, overflow, quarantine } = report ?? plan;
  const isApplied = report !== undefined;
  return {
    exit: EXIT.ok,
    text: textOf(plan, report ?? plan, {
      slug: project.slug,
      directory: paths.directory,
      isApplied,
      width: host.terminal.columns,
    }),
    json: {
      "schema": "sync_purge",
      "schema_version": 1,
      "project_id": project.id,
      "project_slug": project.slug,
      "applied": isApplied,
      ...sumJson("event", removed),
      "by_state": plan.byState,
      "possibly_sent": plan.possiblySent,
      ...sumJson("overflow", overflow),
      ...sumJson("quarantine", quarantine),
      "damaged_queues_left": plan.asides,
    },
  };
}

function sumJson(
  of: "event" | "overflow" | "quarantine",
  { bytes, count }: Removed,
): Readonly<Record<string, number>> {
  return { [`${of}_count`]: count, [`${of}_bytes`]: bytes };
}

function textOf(
  plan: PurgePlan,
  { events: removed, overflow, quarantine }: PurgeReport,
  { slug, directory, isApplied, width }: {
    readonly slug: string;
    readonly directory: string;
    readonly isApplied: boolean;
    readonly width: number;
  },
): string {
  const row = (what: string, { count, bytes }: Removed) =>
    `  ${what.padEnd(14)} ${String(count).padStart(7)}  ${formatBytes(bytes)}`;
  const states = Object.entries(plan.byState)
    .map(([state, count]) => `${count} ${state}`).join(", ");
  const lines = [
    isApplied ? `Thrown away of ${slug}:` : `Would be thrown away of ${slug}:`,
    row("events", removed),
    row("overflow file", overflow),
    row("quarantine", quarantine),
  ];
  if (states !== "") lines.push(wrap(`Events by state: ${states}.`, width));
  if (plan.possiblySent > 0) {
    lines.push(`The server may have ${events(plan.possiblySent)} of them.`);
  }
  if (plan.asides.length > 0) {
    const names = plan.asides.join(", ");
    lines.push(`Damaged queues stay in ${directory}: ${names}`);
  }
  if (!isApplied) {
    lines.push(
      "Nothing was done. Keep a copy first: reeve sync archive DIR",
      `Carry it out with --apply --confirm ${slug}`,
    );
  }
  return lines.join("\n");
}
