/**
 * A queue on the real disk and the reference receiver, with a pass of delivery
 * between them in one line and a clock that a test sets forward.
 *
 * @module
 */

import { denoDatabases } from "../../src/host/deno_databases.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { optIn } from "../../src/queue/consent.ts";
import { countQueue, type QueueCounts } from "../../src/queue/counts.ts";
import { drain } from "../../src/sync/drain.ts";
import type { DrainHost, DrainOptions } from "../../src/sync/drain_options.ts";
import type { PassReport } from "../../src/sync/pass_report.ts";
import type { Token } from "../../src/sync/token_source.ts";
import { makeRoot, RealQueue } from "./real_queue.ts";
import { type StartedReceiver, startReceiver } from "./receiver.ts";

/** How such a delivery differs from a plain one. */
export interface RealDeliveryOptions {
  /** Faults of the receiver. */
  readonly faults?: readonly string[];
  /** Requests that its log remembers. */
  readonly logLimit?: number;
  /** Most events in a request. @default 1000 */
  readonly maxEvents?: number;
}

/** Everything between an event and its receiver. */
export class RealDelivery implements AsyncDisposable {
  /** The queue. */
  readonly queue: RealQueue;
  /** The receiver. */
  readonly server: StartedReceiver;
  /** The machine, with the clock that a test sets forward. */
  readonly host: DrainHost;
  /** How far the clock is set forward, in milliseconds. */
  aheadMs = 0;
  readonly #maxEvents: number;

  /** Joins both; {@linkcode realDelivery} is easier. */
  constructor(root: string, server: StartedReceiver, maxEvents: number) {
    this.server = server;
    this.#maxEvents = maxEvents;
    const { clock, random, env, files, blocking, web } = denoHost;
    this.host = {
      random,
      env,
      files,
      blocking,
      web,
      databases: denoDatabases,
      clock: { ...clock, now: () => clock.now() + this.aheadMs },
    };
    // What is at stake here is not what a disk does without power.
    this.queue = new RealQueue(root, {
      host: this.host,
      durability: "relaxed",
    });
    optIn(this.queue.store, "ada", this.host.clock.now());
  }

  /** A token that the receiver takes. */
  get token(): Token {
    const { token: accessToken, workspace, url: server } = this.server;
    return { accessToken, workspace, account: "ada", server };
  }

  /** Emits so many events of one type, and gives their ids. */
  emit(count: number, type = "TaskChanged"): readonly string[] {
    const items = Array.from({ length: count }, (_, at) => ({
      type,
      aggregateId: `t${at}`,
      payload: { n: at },
    }));
    return this.queue.emitter.emitBatch(items).map((outcome) => {
      if (outcome.kind === "captured") return outcome.eventId;
      throw new Error(`Cannot capture: ${JSON.stringify(outcome)}`);
    });
  }

  /** Runs one pass as a person does, unless told otherwise. */
  drain(options: Partial<DrainOptions> = {}): Promise<PassReport> {
    const { token } = this;
    return drain(this.host, this.queue.store, {
      role: "command",
      leaseWaitMs: 0,
      isAsked: true,
      tokens: {
        current: () => Promise.resolve(token),
        refresh: () => Promise.resolve(token),
      },
      size: { maxEvents: this.#maxEvents, maxBytes: 235_929 },
      limits: this.queue.limits,
      ...options,
    });
  }

  /** Counts the queue. */
  counts(): QueueCounts {
    return countQueue(this.host, this.queue.store);
  }

  /** Ids that the receiver has stored, in the order of their arrival. */
  get stored(): readonly string[] {
    return this.server.receiver.bodies().map((body) =>
      JSON.parse(body)["event_id"]
    );
  }

  /** How many requests have brought events. */
  get requests(): number {
    return this.server.receiver.log.batches().length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.queue[Symbol.dispose]();
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.queue.root, { recursive: true });
  }
}

/** A project that has opted in, and a receiver of its own. */
export async function realDelivery(
  options: RealDeliveryOptions = {},
): Promise<RealDelivery> {
  const { faults = [], logLimit = 10_000, maxEvents = 1000 } = options;
  const { path } = await makeRoot();
  const server = await startReceiver({ faults, logLimit });
  return new RealDelivery(path, server, maxEvents);
}
