/**
 * Delivery in the background of a process that lives on: on a nudge, after a
 * while, and when a server that failed may be asked again. One pass at a time.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { PassReport } from "./pass_report.ts";

/** How the background works. */
export interface BackgroundOptions {
  /** Runs one pass. */
  readonly pass: (signal: AbortSignal) => Promise<PassReport>;
  /** Time between two passes without a nudge, in milliseconds. */
  readonly intervalMs: number;
  /** Shortest time between two passes, in milliseconds. */
  readonly gapMs: () => number;
  /** Told about each pass. */
  readonly onPass?: (report: PassReport) => void;
  /** Told when a pass throws; the background goes on. */
  readonly onError?: (error: unknown) => void;
}

/** Nudges that come within so many milliseconds are one. */
const COALESCE_MS = 100;
/** A pass that ended at its own limit goes on after so long. */
const YIELD_MS = 10;

/** Passes of one process, never two at once. */
export class Background {
  readonly #host: Pick<Host, "clock">;
  readonly #options: BackgroundOptions;
  readonly #stop = new AbortController();
  #timer: Disposable | undefined;
  #dueAt = Infinity;
  #running: Promise<void> | undefined;
  #again = false;
  #endedAt = -Infinity;

  /** Makes a background that waits for its first nudge or interval. */
  constructor(host: Pick<Host, "clock">, options: BackgroundOptions) {
    this.#host = host;
    this.#options = options;
    this.#schedule(options.intervalMs);
  }

  /** Whether a pass is under way. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Asks for a pass soon; returns at once. */
  wake(): void {
    if (this.#stop.signal.aborted) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    const gap = this.#options.gapMs();
    const sinceEnd = this.#host.clock.elapsed() - this.#endedAt;
    const wait = gap === 0 ? 0 : Math.max(COALESCE_MS, gap - sinceEnd);
    this.#schedule(wait);
  }

  /** Ends the pass under way and starts no other one. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#timer?.[Symbol.dispose]();
    await this.#running;
  }

  /** The earlier of two times counts. */
  #schedule(waitMs: number): void {
    const dueAt = this.#host.clock.elapsed() + waitMs;
    if (dueAt >= this.#dueAt || this.#stop.signal.aborted) return;
    this.#timer?.[Symbol.dispose]();
    this.#dueAt = dueAt;
    this.#timer = this.#host.clock.later(waitMs, () => {
      this.#dueAt = Infinity;
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#again = false;
    let next = this.#options.intervalMs;
    try {
      const report = await this.#options.pass(this.#stop.signal);
      next = this.#nextAfter(report);
      this.#options.onPass?.(report);
    } catch (error) {
      this.#tell(error);
    }
    this.#running = undefined;
    this.#endedAt = this.#host.clock.elapsed();
    this.#schedule(next);
    if (this.#again) this.wake();
  }

  #tell(error: unknown): void {
    try {
      this.#options.onError?.(error);
    } catch {
      // Whoever listens cannot end the background.
    }
  }

  #nextAfter(report: PassReport): number {
    const { intervalMs } = this.#options;
    const { stoppedBecause: reason, nextAttemptAt, counts } = report;
    if (reason === "limit" || reason === "deadline") return YIELD_MS;
    const now = this.#host.clock.now();
    // What ended the pass early would end the next one too: a refused event
    // that is due has to wait for it.
    const retryAt = reason === "done" ? counts?.nextRetryAt : undefined;
    const times = [nextAttemptAt, retryAt];
    const waits = times.flatMap((at) =>
      at === undefined ? [] : [Math.max(COALESCE_MS, at - now)]
    );
    return Math.min(intervalMs, ...waits);
  }
}
