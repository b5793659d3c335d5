/**
 * The mutating modes of `reeve auth doctor`: `--reset`, `--plan`, `--apply`.
 *
 * @module
 */

import type { Candidate } from "../../daemon/candidate.ts";
import type { DaemonContext } from "../../daemon/context.ts";
import { scan } from "../../daemon/scan.ts";
import { planSweep } from "../../daemon/sweep_plan.ts";
import { reset, type ResetOutcome } from "../../doctor/reset.ts";
import {
  findDrift,
  readResetPlan,
  toResetPlan,
} from "../../doctor/reset_plan.ts";
import { KnownError } from "../../errors.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { openProgress } from "../progress.ts";
import { formatTable } from "../table.ts";
import type { DoctorFlags } from "./auth_doctor.ts";

/** Runs `--reset` with the consent that the flags and the person give. */
export async function resetByFlags(
  context: CommandContext,
  daemons: DaemonContext,
  flags: DoctorFlags,
  interrupt: AbortSignal,
): Promise<ResetOutcome> {
  const { host, isJson } = context;
  const mayAsk = !isJson && !flags.force && host.terminal.isInteractive;
  const progress = openProgress(context, "Stopping daemons");
  const outcome = await reset(host, daemons, {
    family: flags.family,
    command: "auth doctor --reset",
    isForced: flags.force,
    repairsState: true,
    interrupt,
    onStart: progress.start,
    onDone: progress.advance,
    ...(mayAsk ? { ask: (found) => ask(context, found, interrupt) } : {}),
  });
  progress.finish();
  return withSummary(outcome);
}

function withSummary(outcome: ResetOutcome): ResetOutcome {
  const { swept, skipped, failed } = outcome.result;
  const total = swept.length + skipped.length + failed.length;
  return total === 0 && outcome.messages.length === 0
    ? { ...outcome, messages: ["--reset: no orphans detected; no-op."] }
    : outcome;
}

const IS_NO = false;

async function ask(
  { host }: CommandContext,
  found: readonly Candidate[],
  interrupt: AbortSignal,
): Promise<boolean> {
  const lines = found.map(({ port, pid, health }) =>
    `  port ${port}, pid ${pid ?? "(unknown)"}, ` +
    `${health.packageVersion ?? "(unknown version)"}\n`
  );
  host.terminal.err(
    "These daemons cannot be judged automatically " +
      "(see reeve auth doctor --explain PORT):\n" + lines.join(""),
  );
  const amount = found.length === 1 ? "it" : `all ${found.length}`;
  const interrupted = new Promise<boolean>((resolve) =>
    interrupt.addEventListener("abort", () => resolve(IS_NO), { once: true })
  );
  const answer = host.terminal.confirm(`Stop ${amount} as well?`);
  return await Promise.race([answer, interrupted]);
}

/** Writes down what `--reset` would do and does nothing. */
export async function writePlan(
  { host }: CommandContext,
  daemons: DaemonContext,
  flags: DoctorFlags,
  path: string,
): Promise<CommandResult> {
  const found = await scan(host, daemons.families, { family: flags.family });
  const plan = planSweep(found.candidates, found.viewpoint, {
    agreesTo: () => flags.force,
    families: daemons.families,
  });
  const written = await toResetPlan(plan, found, {
    scope: daemons.scope,
    isForced: flags.force,
  });
  await host.files.writeAtomic(path, JSON.stringify(written, null, 2) + "\n");
  const table = formatTable(
    [
      { title: "PID", align: "right" },
      { title: "PORT", align: "right" },
      { title: "CLASS" },
      { title: "WHY", isFlexible: true },
    ],
    written.targets.map((target) => [
      String(target.pid),
      String(target.port),
      target.cleanup_class,
      target.reason,
    ]),
    host.terminal.columns,
  );
  const amount = written.targets.length;
  const text = amount === 0
    ? `Nothing to stop; the empty plan is in ${path}.`
    : `${table}\n\nThe plan to stop ${amount} is in ${path}.\n` +
      `Carry it out with: reeve auth doctor --apply ${path}`;
  return { exit: EXIT.ok, json: written, text };
}

/** Carries out a plan file exactly, or refuses it whole. */
export async function applyPlan(
  context: CommandContext,
  daemons: DaemonContext,
  path: string,
  interrupt: AbortSignal,
): Promise<ResetOutcome> {
  const { host } = context;
  const wanted = await readResetPlan(host, path);
  const progress = openProgress(context, "Stopping daemons");
  const outcome = await reset(host, daemons, {
    family: wanted.daemon_family,
    command: "auth doctor --apply",
    isForced: wanted.force,
    repairsState: false,
    interrupt,
    onStart: progress.start,
    onDone: progress.advance,
    async check(plan, found) {
      const now = await toResetPlan(plan, found, {
        scope: daemons.scope,
        isForced: wanted.force,
      });
      const drift = findDrift(wanted, now);
      if (drift.length === 0) return;
      throw new KnownError(
        "drift",
        `Cannot apply ${path}: ${drift.join("; ")}`,
        {
          hint: "Nothing was done. Make a new plan with: " +
            `reeve auth doctor --plan ${path}`,
        },
      );
    },
  });
  progress.finish();
  return outcome;
}
