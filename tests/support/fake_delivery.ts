/**
 * A queue, a server and a sign-in in a fake world, and a pass of delivery
 * between them in one line.
 *
 * @module
 */

import { optIn } from "../../src/queue/consent.ts";
import { drain } from "../../src/sync/drain.ts";
import type { DrainHost, DrainOptions } from "../../src/sync/drain_options.ts";
import type { PassReport } from "../../src/sync/pass_report.ts";
import {
  changeTarget,
  readTarget,
  type Target,
  type TargetChange,
} from "../../src/queue/target.ts";
import type { FakeWorld } from "./fake_host.ts";
import { FakeReceiver, FakeTokens } from "./fake_receiver.ts";
import {
  type FakeQueue,
  fakeQueue,
  type FakeQueueOptions,
} from "./fake_queue.ts";

/** Whether a project has opted in before its first event. */
export interface FakeDeliveryOptions extends FakeQueueOptions {
  /** @default true */
  readonly hasConsent?: boolean;
}

/** Everything that one project needs to deliver. */
export class FakeDelivery {
  /** The queue and its emitter. */
  readonly queue: FakeQueue;
  /** The process that delivers. */
  readonly host: DrainHost;
  /** Where events go. */
  readonly server = new FakeReceiver();
  /** In whose name. */
  readonly tokens = new FakeTokens();

  /** Joins a queue; {@linkcode fakeDelivery} is easier. */
  constructor(queue: FakeQueue) {
    this.queue = queue;
    const { clock, files, env, web } = queue.host;
    this.host = { ...queue.queueHost, clock, files, env, web };
    this.world.web.respond = this.server.respond;
  }

  /** The world around it. */
  get world(): FakeWorld {
    return this.queue.world;
  }

  /** Runs one pass as a person does, unless told otherwise. */
  drain(options: Partial<DrainOptions> = {}): Promise<PassReport> {
    return drain(this.host, this.queue.store, {
      role: "command",
      leaseWaitMs: 0,
      isAsked: true,
      tokens: this.tokens,
      size: { maxEvents: 1000, maxBytes: 200_000 },
      limits: this.queue.limits,
      ...options,
    });
  }

  /** Runs one pass as the background does. */
  drainBehind(options: Partial<DrainOptions> = {}): Promise<PassReport> {
    return this.drain({ role: "background", isAsked: false, ...options });
  }

  /** Emits so many events, each in a lane of its own, and gives their ids. */
  emit(count: number): readonly string[] {
    return Array.from({ length: count }, (_, at) => {
      const outcome = this.queue.emit("TaskChanged", `t${at}`);
      if (outcome.kind === "captured") return outcome.eventId;
      throw new Error(`Cannot capture: ${JSON.stringify(outcome)}`);
    });
  }

  /** What is known of the server. */
  get target(): Target {
    return readTarget(this.queue.store);
  }

  /** Changes that. */
  changeTarget(change: TargetChange): void {
    changeTarget(this.queue.store, change);
  }

  /** Whether there is a mark that something waits. */
  get isMarked(): boolean {
    const { blocking } = this.queue.host;
    return blocking.stat(this.queue.paths.pending) !== undefined;
  }

  /** How many events are in which state; what has no row is `new`. */
  states(): Readonly<Record<string, number>> {
    const rows = this.queue.rows<{ state: string; n: number }>(
      `SELECT coalesce(d.state, 'new') AS state, count(*) AS n
         FROM events LEFT JOIN deliveries d USING (seq)
        GROUP BY 1 ORDER BY 1`,
    );
    return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
  }
}

/** A project that has opted in, with a server that stores everything. */
export async function fakeDelivery(
  { hasConsent = true, ...options }: FakeDeliveryOptions = {},
): Promise<FakeDelivery> {
  const delivery = new FakeDelivery(await fakeQueue(options));
  const { queue } = delivery;
  if (hasConsent) optIn(queue.store, "ada", queue.host.clock.now());
  return delivery;
}
