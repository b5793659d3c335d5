/**
 * Innocent processes beside everything that is tried, which nobody may touch.
 *
 * @module
 */

import type { Tally } from "./fault.ts";

/** A signal that ends a process and that nothing of ours ever sends. */
export const OWN_SIGNAL = "SIGVTALRM";

/** A process that does nothing. */
export interface Canary {
  /** Its process id. */
  readonly pid: number;
}

/** Innocents of one attempt or of many. */
export class Canaries implements AsyncDisposable {
  readonly #children: Deno.ChildProcess[] = [];
  readonly #tally: Tally;

  /** @param tally counts those that got a signal. */
  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** Starts one, with arguments that may look like anything. */
  add(...args: readonly string[]): Canary {
    const child = new Deno.Command("sh", {
      // Behind `exec` the arguments would be those of sleep.
      args: ["-c", "while :; do sleep 5; done", "sh", ...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#children.push(child);
    return { pid: child.pid };
  }

  /** Ends them all; whoever ended by anything but this was touched. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.splice(0)) {
      let isOurs = true;
      try {
        child.kill(OWN_SIGNAL);
      } catch {
        isOurs = false;
      }
      const { signal } = await child.status;
      this.#tally.see("innocents watched");
      if (!isOurs || signal !== OWN_SIGNAL) this.#tally.wrongSignals++;
    }
  }
}
