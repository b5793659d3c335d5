/**
 * A queue in a fake world, with everything around it that a test wants to say
 * in one line: emit, claim, settle, count.
 *
 * @module
 */

import { DEFAULT_LIMITS, type QueueLimits } from "../../src/queue/capacity.ts";
import { type Batch, claimBatch } from "../../src/queue/claim.ts";
import { countQueue, type QueueCounts } from "../../src/queue/counts.ts";
import { hashText } from "../../src/queue/envelope.ts";
import type { EmitOutcome, EventArgs } from "../../src/queue/event.ts";
import { Emitter } from "../../src/queue/emitter.ts";
import { importOverflow } from "../../src/queue/import_overflow.ts";
import { createRegistry } from "../../src/queue/registry.ts";
import {
  requeueDue,
  settleBatch,
  type Tally,
  type Verdict,
} from "../../src/queue/settle.ts";
import { type OverflowPolicy, ProjectSink } from "../../src/queue/sink.ts";
import {
  openStore,
  type QueueHost,
  type Store,
} from "../../src/queue/store.ts";
import {
  type ProjectPaths,
  projectPaths,
} from "../../src/state/project_paths.ts";
import type { SqlRow } from "../../src/host/databases.ts";
import { type FakeHost, FakeWorld } from "./fake_host.ts";
import { ORIGIN, PROJECT_ID, ROOT, TASK_TYPES } from "./tasks.ts";

/** Who receives batches. */
export const TARGET = {
  url: "https://sync.example",
  workspace: "acme",
  account: "ada",
};

/** How a fake queue differs from a plain one. */
export interface FakeQueueOptions {
  /** Limits other than the usual ones. */
  readonly limits?: Partial<QueueLimits>;
  /** What a full or busy queue means. @default "spill" */
  readonly overflow?: OverflowPolicy;
  /** World to join. @default a new one */
  readonly world?: FakeWorld;
}

/** A queue in a fake world. */
export class FakeQueue {
  /** The process that emits and delivers. */
  readonly host: FakeHost;
  /** It, as the queue sees it. */
  readonly queueHost: QueueHost;
  /** Files of the project. */
  readonly paths: ProjectPaths = projectPaths({ root: ROOT }, PROJECT_ID);
  /** Limits. */
  readonly limits: QueueLimits;
  /** What people were told. */
  readonly warnings: string[] = [];
  /** Where events go. */
  sink: ProjectSink;
  /** What takes them. */
  emitter: Emitter;
  readonly #overflow: OverflowPolicy;
  #store: Store | undefined;
  #batches = 0;

  /** Joins a world; {@linkcode fakeQueue} is easier. */
  constructor(
    host: FakeHost,
    queueHost: QueueHost,
    options: FakeQueueOptions,
  ) {
    this.host = host;
    this.queueHost = queueHost;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#overflow = options.overflow ?? "spill";
    this.sink = this.newSink();
    this.emitter = this.newEmitter();
  }

  /** The world around it. */
  get world(): FakeWorld {
    return this.host.world;
  }

  /** The queue as whoever delivers has opened it. */
  get store(): Store {
    this.#store ??= this.open();
    return this.#store;
  }

  /** Opens the queue once more. */
  open(): Store {
    const opening = openStore(this.queueHost, {
      root: ROOT,
      projectId: PROJECT_ID,
      paths: this.paths,
    });
    if (opening.kind === "open") return opening.store;
    throw new Error(`Cannot open the queue: ${opening.kind}`);
  }

  /** Another sink over the same queue. */
  newSink(): ProjectSink {
    return new ProjectSink(this.queueHost, {
      root: ROOT,
      projectId: PROJECT_ID,
      paths: this.paths,
      limits: this.limits,
      overflow: this.#overflow,
    });
  }

  /** Another emitter, over the same sink unless told otherwise. */
  newEmitter(sink: ProjectSink = this.sink): Emitter {
    return new Emitter(this.queueHost, {
      registry: createRegistry(TASK_TYPES),
      sink,
      origin: () => ORIGIN,
      isOff: false,
      warn: (message) => void this.warnings.push(message),
    });
  }

  /** Emits one event about a task. */
  emit(
    type: string,
    aggregateId: string,
    args?: Partial<EventArgs>,
  ): EmitOutcome {
    return this.emitter.emit(type, { aggregateId, payload: {}, ...args });
  }

  /** Emits a change of a task and returns its place. */
  change(aggregateId: string, args?: Partial<EventArgs>): number {
    const outcome = this.emit("TaskChanged", aggregateId, args);
    if (outcome.kind === "captured") return outcome.seq;
    throw new Error(`Cannot capture: ${JSON.stringify(outcome)}`);
  }

  /** Takes the right to deliver from whoever has it. */
  takeLease(): { readonly token: number } {
    const { db } = this.store;
    const row = db.get<{ token: number }>(
      `INSERT INTO leases (name, owner, token, expires_at, pid, role)
       VALUES ('drain', 'test', 1, 0, 1, 'command')
       ON CONFLICT (name) DO UPDATE SET token = token + 1 RETURNING token`,
    );
    return { token: row?.token ?? 0 };
  }

  /** Claims the next batch. */
  claim(
    lease: { readonly token: number },
    limits: { readonly maxEvents?: number; readonly maxBytes?: number } = {},
  ): Batch | undefined {
    return claimBatch(this.store, lease, {
      batchId: `batch-${++this.#batches}`,
      maxEvents: limits.maxEvents ?? 100,
      maxBytes: limits.maxBytes ?? 1_000_000,
      nowMs: this.host.clock.now(),
      target: TARGET,
    });
  }

  /** Settles a whole batch; the verdict may depend on the event's place. */
  settle(
    lease: { readonly token: number },
    batch: Batch,
    verdict: Verdict | ((seq: number) => Verdict),
  ): Tally {
    const settlements = batch.events.map((event) => ({
      event,
      verdict: typeof verdict === "function" ? verdict(event.seq) : verdict,
    }));
    const nowMs = this.host.clock.now();
    return settleBatch(this.store, lease, batch, settlements, {
      outcome: "ok",
      http: 200,
      nowMs,
    });
  }

  /** Makes ready again what is due. */
  requeue(
    lease: { readonly token: number },
    who: "asked" | "unasked" | boolean = "unasked",
  ): number {
    const nowMs = this.host.clock.now();
    const isAsked = who === "asked" || who === true;
    return requeueDue(this.store, lease, { nowMs, isAsked });
  }

  /** Moves the overflow file into the queue. */
  importOverflow(
    limits: QueueLimits = this.limits,
  ): ReturnType<typeof importOverflow> {
    const nowMs = this.host.clock.now();
    const { queueHost, store, paths } = this;
    return importOverflow(queueHost, store, paths.overflow, { limits, nowMs });
  }

  /** Counts the queue. */
  counts(): QueueCounts {
    return countQueue(this.queueHost, this.store);
  }

  /** Every row of a query. */
  rows<T extends SqlRow>(
    sql: string,
    ...values: (string | number)[]
  ): readonly T[] {
    return this.store.db.all<T>(sql, ...values);
  }

  /** The one row of the counters. */
  meta(): Readonly<Record<string, number>> {
    const row = this.store.db.get<Record<string, number>>("SELECT * FROM meta");
    return row ?? {};
  }

  /** States of deliveries by place. */
  states(): Readonly<Record<number, string>> {
    const rows = this.rows<{ seq: number; state: string }>(
      "SELECT seq, state FROM deliveries ORDER BY seq",
    );
    return Object.fromEntries(rows.map(({ seq, state }) => [seq, state]));
  }
}

/** A queue in a fake world. */
export async function fakeQueue(
  options: FakeQueueOptions = {},
): Promise<FakeQueue> {
  const host = (options.world ?? new FakeWorld()).host();
  return new FakeQueue(host, await queueHostOf(host), options);
}

/** A fake process as the queue sees it. */
export async function queueHostOf(host: FakeHost): Promise<QueueHost> {
  const { clock, env, blocking } = host;
  // Ids of two sources that count on must not meet.
  const random = {
    hex: (bytes: number) => {
      let text = "";
      while (text.length < bytes * 2) text += hashText(host.random.hex(8));
      return text.slice(0, bytes * 2);
    },
  };
  return { clock, random, env, blocking, databases: await host.databases() };
}
