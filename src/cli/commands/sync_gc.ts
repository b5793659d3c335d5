/**
 * `reeve sync gc`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import {
  applyRetention,
  checkpoint,
  planRetention,
  type RetentionPlan,
  type RetentionPolicy,
  vacuum,
} from "../../queue/retention.ts";
import { actorOf, type ApplyFlags, DECLINED, mayApply } from "../apply.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { events } from "../pass_text.ts";
import { openProgress } from "../progress.ts";
import { formatBytes } from "../size.ts";
import { type OpenProject, openProject } from "../sync_project.ts";

/** Flags of `reeve sync gc`. */
export interface GcFlags extends JsonFlags, ApplyFlags {
  /** Days for which the row of a delivered event is kept. */
  readonly days: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const VACUUM_STEP_MS = 50;

interface Cleaned {
  readonly bodies: number;
  readonly rows: number;
  readonly freedBytes: number;
}

/** Removes what was delivered long ago and gives the room back. */
export async function run(
  context: CommandContext,
  flags: GcFlags,
): Promise<CommandResult> {
  if (!(flags.days >= 0)) {
    throw new KnownError("usage", `Cannot keep events for ${flags.days} days`, {
      hint: "--days takes a number from 0.",
    });
  }
  using open = await openProject(context, { write: flags.apply });
  const policy = policyOf(open, flags);
  const nowMs = context.host.clock.now();
  const plan = planRetention(open.store, { ...policy, nowMs });
  const amount = plan.bodies.count + plan.rows;
  const consent = await mayApply(context, flags, {
    amount,
    question: `Remove ${describePlan(plan)}?`,
  });
  if (consent === "declined") return DECLINED;
  const cleaned = consent === "apply"
    ? await clean(context, open, { policy, plan, nowMs })
    : undefined;
  return resultOf(open, plan, cleaned);
}

function policyOf({ place }: OpenProject, { days }: GcFlags): RetentionPolicy {
  return {
    bodyMs: place.config.get("sync.retain_days") * DAY_MS,
    rowMs: days * DAY_MS,
    maxRows: place.config.get("sync.max_rows"),
  };
}

async function clean(
  context: CommandContext,
  { store, paths }: OpenProject,
  { policy, plan, nowMs }: {
    readonly policy: RetentionPolicy;
    readonly plan: RetentionPlan;
    readonly nowMs: number;
  },
): Promise<Cleaned> {
  const { host } = context;
  const size = () => host.blocking.stat(paths.queue)?.size ?? 0;
  checkpoint(store);
  const before = size();
  const progress = openProgress(context, "Removing events");
  progress.start(plan.bodies.count + plan.rows);
  try {
    const done = await applyRetention(host, store, {
      ...policy,
      nowMs,
      actor: actorOf(context),
      onDone: progress.advance,
    });
    for (let left = Infinity;;) {
      const now = vacuum(host, store, { forMs: VACUUM_STEP_MS });
      if (now === 0 || now >= left) break;
      left = now;
      await host.clock.sleep(0);
    }
    checkpoint(store);
    return { ...done, freedBytes: Math.max(0, before - size()) };
  } finally {
    progress.finish();
  }
}

function describePlan({ bodies, rows }: RetentionPlan): string {
  return `the bodies of ${events(bodies.count)} ` +
    `(${formatBytes(bodies.bytes)}) and ${events(rows)}`;
}

function resultOf(
  { project }: OpenProject,
  plan: RetentionPlan,
  cleaned: Cleaned | undefined,
): CommandResult {
  return {
    exit: EXIT.ok,
    text: textOf(plan, cleaned),
    json: {
      "schema": "sync_gc",
      "schema_version": 1,
      "project_id": project.id,
      "applied": cleaned !== undefined,
      "bodies": cleaned?.bodies ?? plan.bodies.count,
      "body_bytes": plan.bodies.bytes,
      "event_count": cleaned?.rows ?? plan.rows,
      "free_bytes": cleaned === undefined ? plan.freeBytes : 0,
      "freed_bytes": cleaned?.freedBytes ?? 0,
    },
  };
}

function textOf(plan: RetentionPlan, cleaned: Cleaned | undefined): string {
  const { bodies, rows, freeBytes } = plan;
  if (bodies.count + rows === 0 && freeBytes === 0) return "Nothing to remove.";
  if (cleaned !== undefined) {
    return `The bodies of ${events(cleaned.bodies)} and ` +
      `${events(cleaned.rows)} are gone.\n` +
      `The file has given back ${formatBytes(cleaned.freedBytes)}.`;
  }
  return `Would remove ${describePlan(plan)}.\n` +
    `${formatBytes(freeBytes)} of the file are free already.\n` +
    "Nothing was done; carry it out with --apply.";
}
