/**
 * `reeve queue migrate`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { QueueBackend } from "../../jobs/backend.ts";
import { migrateJobs, type MigrateReport } from "../../jobs/migrate.ts";
import { migrateCommand } from "../../jobs/migrate_seal.ts";
import { openBackend } from "../../jobs/open_backend.ts";
import type { QueueSettings } from "../../jobs/settings.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import {
  queueSettings,
  type TenantFlag,
  tenantNamed,
  tenantWords,
} from "../queue_place.ts";
import { jobs } from "../queue_text.ts";

/** Flags of `reeve queue migrate`. */
export interface QueueMigrateFlags extends JsonFlags, TenantFlag {
  /** Where the jobs are. */
  readonly from: QueueSettings["backend"];
  /** Where they shall go. */
  readonly to: QueueSettings["backend"];
  /** Longest wait for running jobs, in milliseconds. */
  readonly timeout?: number;
}

const TIMEOUT_MS = 120_000;

/** Moves unfinished and dead jobs to the other backend. */
export async function run(
  context: CommandContext,
  flags: QueueMigrateFlags,
): Promise<CommandResult> {
  const { from, to } = flags;
  if (from === to) {
    throw new KnownError("usage", `Cannot move jobs from ${from} to ${to}`, {
      hint: "Try: reeve queue migrate --from sqlite --to redis",
    });
  }
  const { host } = context;
  const settings = queueSettings(context);
  const tenant = flags.tenant === undefined
    ? settings.tenant
    : tenantNamed(flags.tenant);
  const signal = context.takeInterrupts();
  const open = (backend: QueueSettings["backend"]) =>
    openBackend(host, { ...settings, backend }, tenant);
  const [source, target] = await Promise.all([open(from), open(to)]);
  const view = openView(context);
  try {
    await target.start();
    await source.start();
    const report = await migrateJobs(host, { source, target }, {
      timeoutMs: flags.timeout ?? TIMEOUT_MS,
      signal,
      onStep: view.show,
    });
    view.close();
    return resultOf({ source, target }, report);
  } finally {
    view.close();
    await Promise.all([source.stop(), target.stop()]);
  }
}

interface View {
  readonly show: (step: string, done: number, total: number) => void;
  readonly close: () => void;
}

function openView({ host, isJson }: CommandContext): View {
  const { terminal } = host;
  const isLive = !isJson && terminal.isInteractive;
  const words: Readonly<Record<string, (done: number, of: number) => string>> =
    {
      wait: (done, of) => `Waiting for ${jobs(of - done)} to end`,
      move: (done, of) => `Moving jobs: ${done} of ${of}`,
      verify: () => "Comparing both sides",
    };
  return {
    show(step, done, total) {
      const text = words[step]?.(done, total);
      if (isLive && text !== undefined) terminal.err(`\r\u001b[2K${text}`);
    },
    close() {
      if (isLive) terminal.err("\r\u001b[2K");
    },
  };
}

interface Sides {
  readonly source: QueueBackend;
  readonly target: QueueBackend;
}

function resultOf(sides: Sides, report: MigrateReport): CommandResult {
  const { source, target } = sides;
  const { outcome } = report;
  const exit = outcome === "moved" || outcome === "already"
    ? EXIT.ok
    : outcome === "stopped" || outcome === "waiting_stopped"
    ? EXIT.interrupted
    : EXIT.actionable;
  return {
    exit,
    text: textOf(sides, report),
    json: {
      "schema": "queue_migrate",
      "schema_version": 1,
      "exit_code": exit,
      "outcome": outcome,
      "tenant": source.tenant,
      "from": source.kind,
      "from_place": source.place,
      "to": target.kind,
      "to_place": target.place,
      "active": report.active,
      "job_count": report.jobs,
      "added": report.added,
      "removed": report.removed,
      "different": report.different,
      "sha256": report.hash === "" ? null : report.hash,
    },
  };
}

const SHOWN_JOBS = 5;

function textOf(
  { source, target }: Sides,
  { outcome, active, jobs: count, added, different }: MigrateReport,
): string {
  const words = tenantWords(source.tenant);
  const again = migrateCommand(source, target) + words;
  const next = [
    `Use it from now on: reeve config set queue.backend ${target.kind}`,
    `Go back: ${migrateCommand(target, source)}${words}`,
  ];
  switch (outcome) {
    case "moved":
      return [
        `Moved ${jobs(count)} to ${target.place}` +
        (added === count ? "" : `, of which ${count - added} were there`) +
        "; both sides are the same.",
        `${source.place} is closed and keeps its jobs.`,
        ...next,
      ].join("\n");
    case "already":
      return [
        `The jobs have moved to ${target.place} before; nothing was done.`,
        ...next,
      ].join("\n");
    case "busy":
      return `${jobs(active)} still run, so nothing was moved and both sides ` +
        "are as they were.\nStop the workers, or wait longer: " +
        `${again} --timeout 10m`;
    case "waiting_stopped":
      return "Interrupted while waiting for running jobs: nothing was moved " +
        "and both sides are as they were.";
    case "stopped":
      return `Interrupted after ${jobs(count)}; both sides are closed until ` +
        `the rest has moved.\nGo on: ${again}`;
    case "differs":
      return [
        `${jobs(different.length)} differ at ${target.place}, so both sides ` +
        "stay closed:",
        ...different.slice(0, SHOWN_JOBS).map(({ queue, id }) =>
          `  ${queue} ${id}`
        ),
        "Both sides have other jobs with these ids. Cancel those of one side, " +
        `then go on: ${again}`,
      ].join("\n");
  }
}
