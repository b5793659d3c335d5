/**
 * An empty file that says that events of a project wait to be delivered, so
 * that nobody has to open every queue. Its age tells since when.
 *
 * @module
 */

import { parentPath } from "../host/path.ts";
import { HostError } from "../host/host.ts";
import type { ProjectPaths } from "../state/project_paths.ts";
import type { QueueHost } from "./store.ts";

/** The file is made again after so long, in milliseconds. */
const MARK_EVERY_MS = 1000;

/** The mark of one project as one process sets it. */
export class WaitingMark {
  readonly #host: Pick<QueueHost, "blocking" | "clock">;
  readonly #path: string;
  #setAt = -Infinity;
  #isDue = false;

  /** Makes a mark that is not set yet. */
  constructor(host: Pick<QueueHost, "blocking" | "clock">, path: string) {
    this.#host = host;
    this.#path = path;
  }

  /** Notes that something waits. */
  note(): void {
    this.#isDue = true;
    const since = this.#host.clock.elapsed() - this.#setAt;
    if (since >= MARK_EVERY_MS) this.flush();
  }

  /** Sets the mark if something came since it was set last. */
  flush(): void {
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#setAt = this.#host.clock.elapsed();
    try {
      this.#host.blocking.makeDirectory(parentPath(this.#path));
      this.#host.blocking.touch(this.#path);
    } catch (error) {
      // A full scan finds the queue all the same.
      if (!(error instanceof HostError)) throw error;
    }
  }
}

/** Sets the mark of a project at once. */
export function markWaiting(
  host: Pick<QueueHost, "blocking" | "clock">,
  { pending }: Pick<ProjectPaths, "pending">,
): void {
  new WaitingMark(host, pending).note();
}
