/**
 * Workers: what they may be asked, and how they stop.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { AttemptAborted } from "./attempt.ts";
import type { StopOptions, StopReport } from "./backend.ts";
import type { Handler, ProcessOptions, WorkerHandle } from "./handler.ts";
import { checkQueueName } from "./names.ts";
import type { RunningAttempt } from "./running_attempt.ts";
import { type WorkCounts, WorkLoop } from "./work_loop.ts";
import type { WorkBackend, WorkHost } from "./work_options.ts";

export type { WorkBackend, WorkHost } from "./work_options.ts";

/** How long a job is held without a heartbeat, in milliseconds. */
export const DEFAULT_LEASE_MS = 30_000;
/** How long running handlers may go on when a worker stops, in milliseconds. */
export const DEFAULT_DEADLINE_MS = 10_000;

const CONCURRENCY = [1, 1000] as const;
const LEASE_MS = [100, 3_600_000] as const;
/** How long a handler may take to end after its signal has aborted. */
const GRACE_MS = 1000;
/** With fewer jobs at the same time, a second loop brings nothing. */
const WORTH_TWO_LOOPS = 8;
/** How long the last settlements may take at least. */
const FLUSH_MS = 2000;
const LONGEST_DEADLINE_MS = 86_400_000;

/**
 * Starts a worker; it claims at once and until it is stopped.
 *
 * @throws {KnownError} for a wrong queue or wrong options.
 */
export function startWorker(
  host: WorkHost,
  backend: WorkBackend,
  queue: string,
  handler: Handler,
  options: ProcessOptions = {},
): WorkerHandle {
  checkQueueName(queue);
  if (typeof handler !== "function") {
    throw new TypeError(`Cannot work on ${queue}: the handler is no function`);
  }
  const { concurrency = 1, leaseMs = DEFAULT_LEASE_MS } = options;
  checkRange(queue, "concurrency", concurrency, CONCURRENCY);
  checkRange(queue, "leaseMs", leaseMs, LEASE_MS);
  const { slots, onLine } = options;
  const common = { queue, handler, leaseMs, slots, onLine };
  const loops = sharesOf(concurrency, backend).map((share) =>
    new WorkLoop(host, backend, { ...common, concurrency: share })
  );
  return new Worker(host, loops, queue);
}

/**
 * A loop asks for one thing after the other. Where asking takes a round trip, a
 * second one runs its handlers in the meantime; on a disk of ours it would only
 * make two commits of one.
 */
function sharesOf(
  concurrency: number,
  { capabilities }: Pick<WorkBackend, "capabilities">,
): readonly number[] {
  if (!capabilities.shared || concurrency < WORTH_TWO_LOOPS) {
    return [concurrency];
  }
  const half = Math.ceil(concurrency / 2);
  return [half, concurrency - half];
}

function checkRange(
  queue: string,
  field: string,
  value: number,
  [least, most]: readonly [number, number],
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new KnownError(
    "usage",
    `Cannot work on ${queue}: ${field} is ${value}, ` +
      `not a whole number from ${least} to ${most}`,
    { hint: `Give ${field} another value, or leave it out.` },
  );
}

class Worker implements WorkerHandle {
  readonly queue: string;
  readonly #host: WorkHost;
  readonly #loops: readonly WorkLoop[];
  readonly #hurry = new AbortController();
  #stopped: Promise<StopReport> | undefined;

  constructor(host: WorkHost, loops: readonly WorkLoop[], queue: string) {
    this.queue = queue;
    this.#host = host;
    this.#loops = loops;
  }

  get running(): number {
    return this.#loops.reduce((sum, { running }) => sum + running, 0);
  }

  get counts(): WorkCounts {
    const total = { completed: 0, dead: 0, lost: 0, retried: 0, returned: 0 };
    for (const { counts } of this.#loops) {
      total.completed += counts.completed;
      total.dead += counts.dead;
      total.lost += counts.lost;
      total.retried += counts.retried;
      total.returned += counts.returned;
    }
    return total;
  }

  /** Who stops a second time gets the same report, `abort` gets it sooner. */
  stop(options: StopOptions = {}): Promise<StopReport> {
    if (options.mode === "abort") this.#hurry.abort();
    this.#stopped ??= this.#stop(deadlineOf(options));
    return this.#stopped;
  }

  async #stop(deadlineMs: number): Promise<StopReport> {
    const { clock } = this.#host;
    const began = clock.elapsed();
    const before = this.counts;
    for (const loop of this.#loops) loop.close();
    await this.#wait(this.#quiet(), deadlineMs, this.#hurry.signal);
    if (this.#unended().length > 0) {
      await this.#abort(Math.min(GRACE_MS, deadlineMs));
    }
    const leftMs = deadlineMs - (clock.elapsed() - began);
    const done = all(this.#loops.map((loop) => loop.done));
    await this.#wait(done, Math.max(FLUSH_MS, leftMs));
    // Nobody knows whether what is left is settled; its lease will end.
    const abandoned = this.#loops.reduce(
      (sum, loop) => sum + loop.abandon(),
      0,
    );
    const after = this.counts;
    return {
      finished: endedOf(after) - endedOf(before),
      returned: after.returned - before.returned + abandoned,
      ms: clock.elapsed() - began,
    };
  }

  #unended(): readonly RunningAttempt[] {
    return this.#loops.flatMap(({ unended }) => unended);
  }

  #quiet(): Promise<void> {
    return all(this.#loops.map((loop) => loop.quiet()));
  }

  async #abort(graceMs: number): Promise<void> {
    for (const attempt of this.#unended()) {
      const { id } = attempt.claim;
      attempt.stop(
        new AttemptAborted("stopping", `Job ${id} goes back: its worker stops`),
      );
    }
    await this.#wait(this.#quiet(), graceMs);
    for (const attempt of this.#unended()) attempt.end({ kind: "stopped" });
  }

  /** Waits for something, but not too long; leaves no timer. */
  async #wait(
    event: Promise<void>,
    ms: number,
    hurry?: AbortSignal,
  ): Promise<void> {
    const done = new AbortController();
    const signals = [done.signal, hurry].filter((one) => one !== undefined);
    await Promise.race([
      event,
      this.#host.clock.sleep(ms, AbortSignal.any(signals)),
    ]);
    done.abort();
  }
}

async function all(events: readonly Promise<void>[]): Promise<void> {
  await Promise.all(events);
}

function endedOf(
  { completed, dead, retried }: WorkCounts,
): number {
  return completed + dead + retried;
}

function deadlineOf({ deadlineMs = DEFAULT_DEADLINE_MS }: StopOptions): number {
  if (!(deadlineMs > 0)) return 0;
  return Math.min(deadlineMs, LONGEST_DEADLINE_MS);
}
