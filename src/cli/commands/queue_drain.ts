/**
 * `reeve queue drain`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import type { QueueBackend, QueueStats } from "../../jobs/backend.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import {
  type OpenQueue,
  openQueue,
  requireQueueName,
  type TenantFlag,
  tenantWords,
} from "../queue_place.ts";
import { jobs, queueJson, unfinished } from "../queue_text.ts";

/** Flags of `reeve queue drain`. */
export interface QueueDrainFlags extends JsonFlags, TenantFlag {
  /** Longest wait in milliseconds. */
  readonly timeout?: number;
}

const LOOK_EVERY_MS = 500;
/** So long nothing has moved before we say that nobody works. */
const IDLE_MS = 5000;

/** Waits until nothing is ready, scheduled or active; deletes nothing. */
export async function run(
  context: CommandContext,
  flags: QueueDrainFlags,
  queue?: string,
): Promise<CommandResult> {
  if (queue !== undefined) requireQueueName(queue);
  const interrupt = context.takeInterrupts();
  await using open = await openQueue(context, flags, { create: false });
  const { clock } = context.host;
  const began = clock.elapsed();
  const endsAt = began + (flags.timeout ?? Infinity);
  const view = openView(context, open, queue);
  try {
    for (;;) {
      const left = await leftOf(open.backend, queue);
      view.see(left);
      if (sum(left) === 0) return result(open, { left, queue });
      if (interrupt.aborted) throw interrupted(sum(left));
      const restMs = endsAt - clock.elapsed();
      if (restMs <= 0) return result(open, { left, queue });
      await clock.sleep(Math.min(LOOK_EVERY_MS, restMs), interrupt);
    }
  } finally {
    view.close();
  }
}

async function leftOf(
  backend: QueueBackend,
  queue: string | undefined,
): Promise<readonly QueueStats[]> {
  const stats = await backend.stats();
  return stats.filter((one) =>
    unfinished(one) > 0 && (queue === undefined || one.queue === queue)
  );
}

function sum(left: readonly QueueStats[]): number {
  return left.reduce((total, one) => total + unfinished(one), 0);
}

function interrupted(left: number): KnownError {
  return new KnownError("cancelled", `Interrupted with ${jobs(left)} left`, {
    hint: "Nothing was changed. See: reeve queue status",
  });
}

interface View {
  readonly see: (left: readonly QueueStats[]) => void;
  readonly close: () => void;
}

/** Tells of progress where a person looks, and once when nothing moves. */
function openView(
  { host, isJson }: CommandContext,
  { backend }: OpenQueue,
  queue: string | undefined,
): View {
  const { clock, terminal } = host;
  const isLive = !isJson && terminal.isInteractive;
  let before: string | undefined;
  let movedAt = clock.elapsed();
  let hasWarned = false;
  const clear = () => {
    if (isLive) terminal.err("\r\u001b[2K");
  };
  return {
    see(left) {
      const now = clock.elapsed();
      const state = JSON.stringify(left.map(({ counts }) => counts));
      if (state !== before) movedAt = now;
      before = state;
      const isIdle = left.some(({ counts }) => counts.ready > 0) &&
        left.every(({ counts }) => counts.active === 0) &&
        now - movedAt >= IDLE_MS;
      if (isIdle && !hasWarned) {
        hasWarned = true;
        clear();
        terminal.err(idleText(backend, left) + "\n");
      }
      if (!isLive) return;
      const what = queue === undefined ? "" : ` in ${queue}`;
      terminal.err(`\r\u001b[2KWaiting for ${jobs(sum(left))}${what}`);
    },
    close: clear,
  };
}

/** Paused queues stand still because somebody wants it so. */
function idleText(
  { tenant }: QueueBackend,
  left: readonly QueueStats[],
): string {
  const words = tenantWords(tenant);
  const paused = left.find(({ isPaused }) => isPaused);
  return paused === undefined
    ? "No worker seems to be at it. Start one: reeve queue worker " +
      `--handler FILE${words}`
    : `${paused.queue} is paused. Go on: reeve queue resume ` +
      `${paused.queue}${words}`;
}

interface Outcome {
  readonly left: readonly QueueStats[];
  readonly queue: string | undefined;
}

function result(
  { backend }: OpenQueue,
  { left, queue }: Outcome,
): CommandResult {
  const { tenant } = backend;
  const rest = sum(left);
  const exit = rest === 0 ? EXIT.ok : EXIT.actionable;
  return {
    exit,
    text: rest === 0
      ? `No job is left to run${queue === undefined ? "" : ` in ${queue}`}.`
      : `${jobs(rest)} left: ${left.map(leftText).join("; ")}.\n` +
        `See: reeve queue status${tenantWords(tenant)}`,
    json: {
      "schema": "queue_drain",
      "schema_version": 1,
      "exit_code": exit,
      "tenant": tenant,
      "queue": queue ?? null,
      "left": rest,
      "queues": left.map((one) => queueJson({ ...one, tenant })),
    },
  };
}

function leftText({ queue, counts }: QueueStats): string {
  const parts = (["ready", "scheduled", "active"] as const)
    .filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${state}`);
  return `${queue} has ${parts.join(", ")}`;
}
