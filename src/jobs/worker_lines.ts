/**
 * What a worker has to say.
 *
 * @module
 */

import type { WorkerLine } from "./handler.ts";
import type { WorkOptions } from "./work_options.ts";

/** Tells whoever listens, if anybody does. */
export class WorkerLines {
  readonly #options: Pick<WorkOptions, "onLine" | "queue">;

  /** Makes it for one queue. */
  constructor(options: Pick<WorkOptions, "onLine" | "queue">) {
    this.#options = options;
  }

  /** Tells a handler's own line. */
  log(text: string, id: string): void {
    this.#say({ kind: "log", queue: this.#options.queue, text, id });
  }

  /** Tells of trouble with a job, or with the backend. */
  trouble(text: string, id?: string): void {
    const about = id === undefined ? {} : { id };
    this.#say({ kind: "trouble", queue: this.#options.queue, text, ...about });
  }

  #say(line: WorkerLine): void {
    try {
      this.#options.onLine?.(line);
    } catch {
      // Whoever listens cannot end the worker.
    }
  }
}
