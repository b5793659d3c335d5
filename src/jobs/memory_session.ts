/**
 * Whether a backend in memory is started, and what runs while it is.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { StopOptions, StopReport } from "./backend.ts";
import { WorkerGroup } from "./worker_group.ts";
import type { WorkHost } from "./worker.ts";

/** What there is from a start to the end of the next stop. */
export interface MemoryWork {
  /** Its workers. */
  readonly group: WorkerGroup;
  /** Aborts when it is closed. */
  readonly signal: AbortSignal;
}

interface Open extends MemoryWork {
  readonly end: AbortController;
}

const NOTHING_STOPPED: StopReport = { finished: 0, returned: 0, ms: 0 };

/** Starts and stops, in this order or another. */
export class MemorySession {
  readonly #host: WorkHost;
  #open: Open | undefined;
  #stopping: Promise<StopReport> | undefined;

  /** Makes a stopped one. */
  constructor(host: WorkHost) {
    this.#host = host;
  }

  /** Opens it, after a stop that is under way. */
  async start(): Promise<void> {
    await this.#stopping;
    const end = new AbortController();
    this.#open ??= {
      group: new WorkerGroup(this.#host),
      signal: end.signal,
      end,
    };
  }

  /** Stops the workers and closes it; calls at the same time share one stop. */
  stop(options?: StopOptions): Promise<StopReport> {
    this.#stopping ??= this.#close(options)
      .finally(() => this.#stopping = undefined);
    return this.#stopping;
  }

  /** What there is while it is open. @throws {KnownError} when it is not. */
  started(what: string): MemoryWork {
    if (this.#open !== undefined) return this.#open;
    throw new KnownError(
      "not_ready",
      `Cannot ${what}: the queue backend in memory is stopped`,
      { hint: "Start it first" },
    );
  }

  async #close(options?: StopOptions): Promise<StopReport> {
    if (this.#open === undefined) return NOTHING_STOPPED;
    const { group, end } = this.#open;
    // Handlers that still run may add jobs and end theirs.
    const report = await group.stop(options);
    this.#open = undefined;
    end.abort();
    return report;
  }
}
