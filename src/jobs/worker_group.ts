/**
 * The workers of one backend, stopped together.
 *
 * @module
 */

import type { StopOptions, StopReport } from "./backend.ts";
import type { Handler, ProcessOptions, WorkerHandle } from "./handler.ts";
import { startWorker, type WorkBackend, type WorkHost } from "./worker.ts";

/** Starts workers and remembers them until they are stopped. */
export class WorkerGroup {
  readonly #host: WorkHost;
  readonly #workers = new Set<WorkerHandle>();

  /** Makes a group without workers. */
  constructor(host: WorkHost) {
    this.#host = host;
  }

  /** Starts a worker; see {@linkcode startWorker}. */
  process(
    backend: WorkBackend,
    queue: string,
    handler: Handler,
    options?: ProcessOptions,
  ): WorkerHandle {
    const worker = startWorker(this.#host, backend, queue, handler, options);
    const forget = () => void this.#workers.delete(worker);
    const handle: WorkerHandle = {
      queue,
      get running() {
        return worker.running;
      },
      get counts() {
        return worker.counts;
      },
      stop: (how) => worker.stop(how).finally(forget),
    };
    this.#workers.add(worker);
    return handle;
  }

  /** Stops all at the same time, within one deadline, and adds up. */
  async stop(options?: StopOptions): Promise<StopReport> {
    const began = this.#host.clock.elapsed();
    const workers = [...this.#workers];
    const reports = await Promise.all(
      workers.map((worker) => worker.stop(options)),
    );
    for (const worker of workers) this.#workers.delete(worker);
    const sum = (key: "finished" | "returned") =>
      reports.reduce((total, report) => total + report[key], 0);
    return {
      finished: sum("finished"),
      returned: sum("returned"),
      ms: this.#host.clock.elapsed() - began,
    };
  }
}
