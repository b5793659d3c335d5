/**
 * Waiting until a queue in Redis has work.
 *
 * BullMQ keeps a marker beside each queue, which whoever waits takes away with
 * a command that blocks. Whoever has taken it looks whether there is a job: if
 * so, the marker goes back at once, so that everybody else looks too, whatever
 * becomes of us. A process that dies between the two keeps nobody from a job
 * for long: all look every few seconds without it.
 *
 * @module
 */

import type { Outlook } from "./redis_claims.ts";
import {
  connect,
  createBlockingClient,
  disconnect,
  type Redis,
} from "./redis_client.ts";
import { runScript } from "./redis_scripts.ts";
import type { RedisStore } from "./redis_store.ts";

/** Seconds that the command blocks; the connection counts as dead later. */
const BLOCK_S = 5;

/** Somebody who waits looks after so long in any case, in milliseconds. */
const LONGEST_MS = 5_000;

/** Wait before another try when Redis cannot be asked, in milliseconds. */
const AGAIN_MS = 250;

/** The member of the marker that stands for the next scheduled job. */
const SCHEDULED = "1";

/** Those who wait for one queue, over one connection. */
export class QueueWait {
  readonly #store: RedisStore;
  readonly #queue: string;
  readonly #outlook: Outlook;
  readonly #client: Redis;
  readonly #waiting = new Set<() => void>();
  #taking: Promise<void> | undefined;
  #canTryAt = 0;
  #toldLookAt = -Infinity;
  #hasNews = false;

  /** Makes one without a connection. */
  constructor(store: RedisStore, queue: string, outlook: Outlook) {
    this.#store = store;
    this.#queue = queue;
    this.#outlook = outlook;
    this.#client = createBlockingClient(store.login);
  }

  /** Settles when there may be work, or some time later. */
  async wait(signal: AbortSignal): Promise<void> {
    const { clock } = this.#store.host;
    const until = clock.elapsed() + LONGEST_MS;
    while (!signal.aborted && !this.#hasNews) {
      const left = Math.min(
        until - clock.elapsed(),
        this.#lookIn(),
        this.#dueIn(),
      );
      if (left <= 0) break;
      this.#take();
      const canTryIn = this.#canTryAt - clock.elapsed();
      await this.#sleep(
        this.#taking === undefined ? Math.min(left, canTryIn) : left,
        signal,
      );
    }
    // Each time is told once; a claim finds out about the next one.
    if (this.#dueIn() <= 0) this.#outlook.nextAt = undefined;
    if (this.#lookIn() <= 0) this.#toldLookAt = this.#outlook.lookAt;
    if (!signal.aborted) this.#hasNews = false;
  }

  /** Ends the connection. */
  async close(): Promise<void> {
    await disconnect(this.#client);
    await this.#taking;
  }

  #lookIn(): number {
    const { lookAt } = this.#outlook;
    return lookAt === this.#toldLookAt
      ? Infinity
      : lookAt - this.#store.host.clock.elapsed();
  }

  #dueIn(): number {
    const { nextAt } = this.#outlook;
    return nextAt === undefined
      ? Infinity
      : nextAt - this.#store.host.clock.now();
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = () => woken.abort();
    this.#waiting.add(wake);
    signal.addEventListener("abort", wake);
    await this.#store.host.clock.sleep(Math.max(0, ms), woken.signal);
    signal.removeEventListener("abort", wake);
    this.#waiting.delete(wake);
  }

  /** Goes on to take the marker; one command at a time. */
  #take(): void {
    const { clock } = this.#store.host;
    if (this.#taking !== undefined || clock.elapsed() < this.#canTryAt) return;
    this.#taking = this.#takeOnce()
      .catch(() => void (this.#canTryAt = clock.elapsed() + AGAIN_MS))
      .finally(() => {
        this.#taking = undefined;
        for (const wake of this.#waiting) wake();
      });
  }

  async #takeOnce(): Promise<void> {
    const client = this.#client;
    if (client.status !== "ready") await connect(client);
    const marker = this.#store.queue(this.#queue).key("marker");
    const taken = await client.bzpopmin(marker, BLOCK_S);
    if (taken === null) return;
    const [, member, score] = taken;
    if (member !== SCHEDULED) {
      this.#hasNews = await this.#glance();
      return;
    }
    const at = Number(score);
    this.#outlook.nextAt = Math.min(this.#outlook.nextAt ?? at, at);
    if (this.#waiting.size > 0) return;
    await this.#store.run(
      "wait for jobs",
      (commands) => commands.zadd(marker, Number(score), member),
    );
  }
  /** Whether there is a job; then others are told, too. */
  #glance(): Promise<boolean> {
    const bull = this.#store.queue(this.#queue);
    const keys = ["prioritized", "marker", "meta"].map((key) => bull.key(key));
    return this.#store.run(
      "wait for jobs",
      async (client) => await runScript(client, "glance", keys) === 1,
    );
  }
}
