/**
 * `reeve sync now`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { countQueue, residueOf } from "../../queue/counts.ts";
import { describeInvalid } from "../../queue/find_invalid.ts";
import { createRegistry } from "../../queue/registry.ts";
import { drain } from "../../sync/drain.ts";
import type { PassReport } from "../../sync/pass_report.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import {
  countsJson,
  events,
  exitOfPass,
  passJson,
  passText,
} from "../pass_text.ts";
import { openProgress } from "../progress.ts";
import { type OpenProject, openProject } from "../sync_project.ts";
import { tokensFor } from "../sync_tokens.ts";

/** Flags of `reeve sync now`. */
export interface NowFlags {
  readonly json: boolean;
  /** Whether parked events count as left over. */
  readonly strict: boolean;
  /** Only says what would be sent. */
  readonly dryRun: boolean;
  /** Most events. */
  readonly limit?: number;
  /** Longest time in seconds. */
  readonly timeout: number;
}

/** A server that asks for less than this is waited for. */
const THROTTLE_WAIT_MS = 30_000;
const LEASE_WAIT_MS = 10_000;

/** Delivers everything that may leave this project. */
export async function run(
  context: CommandContext,
  flags: NowFlags,
): Promise<CommandResult> {
  checkFlags(flags);
  using open = await openProject(context, { write: !flags.dryRun });
  if (flags.dryRun) return preview(context, open);
  const report = await deliver(context, open, flags);
  const exit = exitOfPass(report, flags.strict);
  return {
    exit,
    text: passText(report, context.host.clock.now()),
    json: {
      "schema": "sync_now",
      "schema_version": 1,
      "ok": exit === EXIT.ok,
      "exit_code": exit,
      "project_id": open.project.id,
      "pass": passJson(report),
      "queue": report.counts === undefined ? null : countsJson(report.counts),
    },
  };
}

function checkFlags({ limit, timeout }: NowFlags): void {
  if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) {
    throw new KnownError("usage", `Cannot send ${limit} events`, {
      hint: "--limit takes a whole number from 1.",
    });
  }
  if (!(timeout > 0)) {
    throw new KnownError("usage", `Cannot send within ${timeout} seconds`, {
      hint: "--timeout takes a number of seconds above 0.",
    });
  }
}

function preview({ host }: CommandContext, open: OpenProject): CommandResult {
  const counts = countQueue(host, open.store);
  const residue = residueOf(counts);
  return {
    exit: EXIT.ok,
    text: `${events(residue)} would be sent; nothing was.`,
    json: {
      "schema": "sync_now",
      "schema_version": 1,
      "ok": true,
      "exit_code": EXIT.ok,
      "project_id": open.project.id,
      "pass": null,
      "queue": countsJson(counts),
    },
  };
}

/** Passes until nothing is left, the time is over, or something is in the way. */
async function deliver(
  context: CommandContext,
  open: OpenProject,
  flags: NowFlags,
): Promise<PassReport> {
  const { host } = context;
  const signal = context.takeInterrupts();
  const startedAt = host.clock.elapsed();
  const timeLeft = () =>
    flags.timeout * 1000 - (host.clock.elapsed() - startedAt);
  const registry = createRegistry();
  const progress = openProgress(context, "Delivering");
  progress.start(residueOf(countQueue(host, open.store)));
  const { settings } = open.place;
  try {
    while (true) {
      let done = 0;
      const report = await drain(open.host, open.store, {
        role: "command",
        leaseWaitMs: Math.min(LEASE_WAIT_MS, timeLeft()),
        isAsked: true,
        tokens: tokensFor(host, open.place),
        size: settings.size,
        limits: settings.limits,
        keepBodiesMs: settings.keepBodiesMs,
        signal,
        deadlineMs: timeLeft(),
        findInvalid: ({ body }) => describeInvalid(registry, body),
        onProgress: ({ claimed }) => {
          progress.advance(claimed - done);
          done = claimed;
        },
        ...(flags.limit === undefined ? {} : { maxEvents: flags.limit }),
      });
      const wait = throttleWait(report, host.clock.now(), timeLeft());
      if (wait === undefined) return report;
      await host.clock.sleep(wait, signal);
    }
  } finally {
    progress.finish();
  }
}

/** How long to wait for a server that asked for a little time. */
function throttleWait(
  report: PassReport,
  nowMs: number,
  leftMs: number,
): number | undefined {
  const { stoppedBecause, nextAttemptAt } = report;
  if (stoppedBecause !== "throttled" || nextAttemptAt === undefined) {
    return undefined;
  }
  const wait = Math.max(0, nextAttemptAt - nowMs);
  return wait <= THROTTLE_WAIT_MS && wait < leftMs ? wait : undefined;
}
