/**
 * `reeve auth doctor`.
 *
 * @module
 */

import { unstickRefreshLock } from "../../auth/refresh_lock.ts";
import type { SessionCheck } from "../../auth/session_check.ts";
import { type DaemonContext, daemonContext } from "../../daemon/context.ts";
import type { FamilyName } from "../../daemon/family.ts";
import { scan } from "../../daemon/scan.ts";
import { collectFacts } from "../../doctor/doctor_facts.ts";
import {
  buildReport,
  isCritical,
  type ReportAdditions,
  type ServerSession,
} from "../../doctor/report.ts";
import type { ResetOutcome } from "../../doctor/reset.ts";
import { KnownError } from "../../errors.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { EXIT, exitCodeForSignal } from "../exit_code.ts";

/** Flags of `reeve auth doctor`. */
export interface DoctorFlags {
  /** One JSON document. */
  readonly json: boolean;
  /** Stop stale daemons. */
  readonly reset: boolean;
  /** Unclear ones too. */
  readonly force: boolean;
  /** Release a stuck refresh lock. */
  readonly unstickLock: boolean;
  /** Age of a stuck lock in seconds. */
  readonly stuckThreshold: number;
  /** Ask the server too. */
  readonly server: boolean;
  /** Kind of daemons. */
  readonly family: FamilyName;
  /** Port or pid to explain. */
  readonly explain?: number;
  /** File to write the plan to. */
  readonly plan?: string;
  /** Plan to carry out. */
  readonly apply?: string;
  /** File to write the snapshot to. */
  readonly record?: string;
}

/** Reports on sign-in and daemons; cleans only when told to. */
export async function run(
  context: CommandContext,
  flags: DoctorFlags,
): Promise<CommandResult> {
  checkFlags(flags);
  const daemons = await daemonContext(context.host);
  if (flags.explain !== undefined) {
    const { explain } = await import("./auth_doctor_explain.ts");
    return await explain(context, daemons, flags, flags.explain);
  }
  if (flags.record !== undefined) {
    return await record(context, daemons, flags, flags.record);
  }
  if (flags.plan !== undefined) {
    const { writePlan } = await import("./auth_doctor_reset.ts");
    return await writePlan(context, daemons, flags, flags.plan);
  }
  return await report(context, daemons, flags);
}

function checkFlags(flags: DoctorFlags): void {
  const modes = (["explain", "plan", "apply", "record", "reset"] as const)
    .filter((name) => flags[name] !== undefined && flags[name] !== false);
  if (modes.length > 1) {
    throw new KnownError(
      "usage",
      `Cannot combine ${modes.map((name) => `--${name}`).join(" and ")}`,
      { hint: "Use one of them at a time." },
    );
  }
  const only = modes.find((name) =>
    name === "explain" || name === "plan" || name === "record"
  );
  if (only !== undefined && (flags.unstickLock || flags.server)) {
    const other = flags.server ? "--server" : "--unstick-lock";
    throw new KnownError("usage", `Cannot combine --${only} and ${other}`, {
      hint: "Use one of them at a time.",
    });
  }
  if (flags.stuckThreshold < 0) {
    throw new KnownError("usage", "Cannot use a negative --stuck-threshold");
  }
}

async function report(
  context: CommandContext,
  daemons: DaemonContext,
  flags: DoctorFlags,
): Promise<CommandResult> {
  const { host } = context;
  // A refresh that is cut off in the middle would cost the session.
  const isLong = flags.reset || flags.apply !== undefined || flags.server;
  const interrupt = isLong ? context.takeInterrupts() : undefined;
  const { family, resetResult, messages } = interrupt === undefined
    ? { family: flags.family, messages: [] }
    : await change(context, daemons, flags, interrupt);
  const unstuck = flags.unstickLock && !interrupt?.aborted
    ? [await unstick(context, daemons, flags)]
    : [];
  // It may change the session, so that facts are gathered afterwards.
  const server = flags.server && interrupt !== undefined
    ? await askServer(context, daemons, interrupt)
    : undefined;
  const facts = await collectFacts(host, daemons, {
    family,
    stuckThresholdSeconds: flags.stuckThreshold,
    server,
  });
  const built = buildReport(facts, {
    ...(resetResult === undefined ? {} : { resetResult }),
    ...(server === undefined ? {} : { serverSession: toServerSession(server) }),
    messages: [...messages, ...unstuck],
  });
  const failed = resetResult?.failed.length ?? 0;
  const exit = interrupt?.aborted
    ? exitCodeForSignal(interrupt.reason)
    : isCritical(built) || failed > 0
    ? EXIT.actionable
    : EXIT.ok;
  if (context.isJson) return { exit, json: built };
  const { formatReport } = await import("../doctor_text.ts");
  const { columns, hasColor } = host.terminal;
  return { exit, text: formatReport(built, { columns, hasColor }) };
}

/** What was done before the report. */
type Change =
  & Pick<ResetOutcome, "family" | "messages">
  & Pick<ReportAdditions, "resetResult">;

async function change(
  context: CommandContext,
  daemons: DaemonContext,
  flags: DoctorFlags,
  interrupt: AbortSignal,
): Promise<Change> {
  if (!flags.reset && flags.apply === undefined) {
    return { family: flags.family, messages: [] };
  }
  const { applyPlan, resetByFlags } = await import("./auth_doctor_reset.ts");
  const { family, messages, result: resetResult } = flags.apply === undefined
    ? await resetByFlags(context, daemons, flags, interrupt)
    : await applyPlan(context, daemons, flags.apply, interrupt);
  return { family, messages, resetResult };
}

/** Refreshes the session if that is due, and asks the server about it. */
async function askServer(
  { host }: CommandContext,
  { paths }: DaemonContext,
  signal: AbortSignal,
): Promise<SessionCheck> {
  const [{ checkSession }, { lookUpServer }] = await Promise.all([
    import("../../auth/session_check.ts"),
    import("./auth_server.ts"),
  ]);
  const { server } = lookUpServer(host, paths.root);
  return await checkSession(host, paths, { server, signal });
}

function toServerSession(
  { isActive, sessionId, problem }: SessionCheck,
): ServerSession {
  return {
    "active": isActive,
    "session_id": sessionId ?? null,
    "error": problem ?? null,
  };
}

async function unstick(
  { host }: CommandContext,
  daemons: DaemonContext,
  flags: DoctorFlags,
): Promise<string> {
  const { refreshLock } = daemons.paths;
  const outcome = await unstickRefreshLock(
    host,
    refreshLock,
    flags.stuckThreshold,
  );
  const words = {
    "not_stuck": "lock not stuck; no-op.",
    released: "stuck lock released.",
    "still_held": "lock not removed: a living process holds it.",
  };
  return `--unstick-lock: ${words[outcome]}`;
}

async function record(
  { host }: CommandContext,
  daemons: DaemonContext,
  flags: DoctorFlags,
  path: string,
): Promise<CommandResult> {
  const { toSnapshot } = await import("../../daemon/snapshot.ts");
  const found = await scan(host, daemons.families, { family: flags.family });
  const snapshot = toSnapshot(found, daemons.version, {
    home: host.env.home,
    host: found.machine.host,
  });
  await host.files.writeAtomic(path, JSON.stringify(snapshot, null, 2) + "\n");
  const amount = snapshot.candidates.length;
  return {
    exit: EXIT.ok,
    json: {
      "schema": "daemon_record",
      "schema_version": 1,
      path,
      "candidates": amount,
    },
    text:
      `Saved the facts about ${amount} listener${amount === 1 ? "" : "s"} ` +
      `to ${path}.\nJudge them again with: reeve daemon replay ${path}`,
  };
}
