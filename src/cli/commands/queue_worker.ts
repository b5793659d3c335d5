/**
 * `reeve queue worker`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { QueueBackend } from "../../jobs/backend.ts";
import { loadHandlers } from "../../jobs/handler_file.ts";
import { DEFAULT_TENANT } from "../../jobs/names.ts";
import type { QueueSettings } from "../../jobs/settings.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { LiveBlock } from "../live_block.ts";
import {
  chosenTenants,
  queueSettings,
  type TenantsFlag,
} from "../queue_place.ts";
import { WorkSession } from "../queue_session.ts";
import {
  blockText,
  deadText,
  lineText,
  startedText,
  stoppingText,
  sumCounts,
  totalsJson,
  totalsText,
  type WorkTotals,
} from "../queue_worker_text.ts";

/** Flags of `reeve queue worker`; spans in milliseconds. */
export interface QueueWorkerFlags extends JsonFlags, TenantsFlag {
  /** Files with handlers. */
  readonly handler: readonly string[];
  /** Most jobs at the same time. */
  readonly concurrency?: number;
  /** How long a job is held without a heartbeat. */
  readonly lease?: number;
  /** How long jobs may go on once it has been asked to end. */
  readonly deadline?: number;
  /** End when no job is left to run. */
  readonly untilEmpty: boolean;
  /** Print only trouble and the totals. */
  readonly quiet: boolean;
}

const LOOK_EVERY_MS = 500;
const DISCOVER_EVERY_MS = 2000;
const DEADLINE_MS = 10_000;
/** Span over which the rate is counted. */
const RATE_MS = 5000;

/** Runs jobs by the person's handlers, until Ctrl-C. */
export async function run(
  context: CommandContext,
  flags: QueueWorkerFlags,
): Promise<CommandResult> {
  const { host, isJson } = context;
  const interrupt = context.takeInterrupts();
  const settings = queueSettings(context);
  const concurrency = concurrencyOf(flags, settings);
  const handlers = await loadHandlers(host, flags.handler);
  const began = host.clock.elapsed();
  const block = new LiveBlock(host.terminal, {
    isWanted: !isJson && !flags.quiet,
  });
  const say = (line: string) => {
    if (!isJson && !flags.quiet) block.print(line, "out");
  };
  const warn = once((line) => block.print(line, "err"));
  const session = new WorkSession(host, {
    settings,
    handlers,
    concurrency,
    leaseMs: flags.lease,
    onReady: () =>
      say(startedText(handlers.map(({ queue }) => queue), concurrency)),
    onLine: (tenant, line) => {
      const text = lineText(tenant, line);
      if (line.kind === "log") say(text);
      else warn(text);
    },
    onDead: (tenant, event) => say(deadText(tenant, event)),
    onWarning: warn,
    measure: await meterOf(host),
  });
  let endedBy: WorkTotals["endedBy"];
  try {
    await addFirst(context, session, { settings, flags, warn });
    const deadlineMs = flags.deadline ?? DEADLINE_MS;
    const work: Work = { session, block, settings, flags, warn, concurrency };
    endedBy = await follow(context, work, interrupt);
    if (session.running > 0) say(stoppingText(session.running, deadlineMs));
    const unhear = host.processes.onTermination(() => session.hurry());
    await session.drain(deadlineMs).finally(unhear);
  } finally {
    block.clear();
    await session.close();
  }
  const totals: WorkTotals = {
    backend: settings.backend,
    queues: session.counts,
    endedBy,
    ms: host.clock.elapsed() - began,
  };
  const { dead } = sumCounts(session.counts);
  return {
    exit: endedBy === "empty" && dead > 0 ? EXIT.actionable : EXIT.ok,
    text: totalsText(totals),
    json: totalsJson(totals),
  };
}

/** Deno sends what is measured, but only where it is told to. */
async function meterOf(
  host: Host,
): Promise<((backend: QueueBackend) => Disposable) | undefined> {
  if (!["1", "true"].includes(host.env.get("OTEL_DENO") ?? "")) {
    return undefined;
  }
  const { observeBackend } = await import("../../jobs/metrics.ts");
  return (backend) => observeBackend(host, backend);
}

function concurrencyOf(
  { concurrency }: QueueWorkerFlags,
  settings: QueueSettings,
): number {
  if (concurrency === undefined) return settings.concurrency;
  if (
    Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 1000
  ) {
    return concurrency;
  }
  throw new KnownError(
    "usage",
    `Cannot use --concurrency ${concurrency}: it is a whole number from 1 ` +
      "to 1000",
  );
}

/** The same trouble is told once, until there is another one. */
function once(tell: (line: string) => void): (line: string) => void {
  let last: string | undefined;
  return (line) => {
    if (line !== last) tell(line);
    last = line;
  };
}

interface Adding {
  readonly settings: QueueSettings;
  readonly flags: QueueWorkerFlags;
  readonly warn: (line: string) => void;
}

/** A tenant that was named must be ready; of all others one is enough. */
async function addFirst(
  context: CommandContext,
  session: WorkSession,
  { settings, flags, warn }: Adding,
): Promise<void> {
  const found = await chosenTenants(context, settings, flags);
  const tenants = found.length === 0 ? [DEFAULT_TENANT] : found;
  const isNamed = flags.tenant !== undefined && flags.tenant.length > 0;
  let failure: unknown;
  for (const tenant of tenants) {
    try {
      await session.add(tenant);
    } catch (error) {
      if (isNamed || !(error instanceof KnownError)) throw error;
      failure = error;
      if (tenants.length > 1) warn(error.message);
    }
  }
  if (session.tenants.length === 0) throw failure;
}

interface Work extends Adding {
  readonly session: WorkSession;
  readonly block: LiveBlock;
  readonly concurrency: number;
}

/** Watches until somebody wants it to end, or nothing is left. */
async function follow(
  context: CommandContext,
  { session, block, concurrency, ...adding }: Work,
  interrupt: AbortSignal,
): Promise<WorkTotals["endedBy"]> {
  const { clock, terminal } = context.host;
  const rate = new Rate();
  let discoverAt = clock.elapsed() + DISCOVER_EVERY_MS;
  while (!interrupt.aborted) {
    const now = clock.elapsed();
    if (now >= discoverAt) {
      discoverAt = now + DISCOVER_EVERY_MS;
      await discover(context, session, adding);
    }
    if (block.isShown || adding.flags.untilEmpty) {
      const { queues, isEmpty } = await session.look();
      const { completed, dead, retried } = sumCounts(session.counts);
      const text = blockText({
        queues,
        rate: rate.add(now, completed + dead + retried),
        running: session.running,
        concurrency,
      }, { nowMs: clock.now(), width: terminal.columns });
      block.draw(text);
      if (isEmpty && adding.flags.untilEmpty) return "empty";
    }
    await clock.sleep(LOOK_EVERY_MS, interrupt);
  }
  return "signal";
}

/** One look into a directory, and nothing more while nobody is new. */
async function discover(
  context: CommandContext,
  session: WorkSession,
  { settings, flags, warn }: Adding,
): Promise<void> {
  if (flags.tenant !== undefined && flags.tenant.length > 0) return;
  for (const tenant of await chosenTenants(context, settings, flags)) {
    try {
      await session.add(tenant);
    } catch (error) {
      if (!(error instanceof KnownError)) throw error;
      warn(error.message);
    }
  }
}

/** Attempts for each second, over the last seconds. */
class Rate {
  readonly #seen: { readonly at: number; readonly count: number }[] = [];

  add(at: number, count: number): number {
    this.#seen.push({ at, count });
    while (at - (this.#seen[0]?.at ?? at) > RATE_MS) this.#seen.shift();
    const [first] = this.#seen;
    const ms = at - (first?.at ?? at);
    return ms === 0 ? 0 : (count - (first?.count ?? count)) / (ms / 1000);
  }
}
