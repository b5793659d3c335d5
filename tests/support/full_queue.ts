/**
 * A queue with an event in every state, in the fake world or on a real disk.
 *
 * @module
 */

import type { Clock } from "../../src/host/host.ts";
import { DEFAULT_LIMITS } from "../../src/queue/capacity.ts";
import { claimBatch } from "../../src/queue/claim.ts";
import { optIn, optOut, releaseHistory } from "../../src/queue/consent.ts";
import { listDead, replayDead, skipDead } from "../../src/queue/dead.ts";
import { Emitter } from "../../src/queue/emitter.ts";
import { createRegistry } from "../../src/queue/registry.ts";
import { applyRetention, checkpoint } from "../../src/queue/retention.ts";
import { settleBatch, type Verdict } from "../../src/queue/settle.ts";
import { ProjectSink } from "../../src/queue/sink.ts";
import {
  openStore,
  type QueueHost,
  type Store,
  type StoreOptions,
} from "../../src/queue/store.ts";
import { bindTarget } from "../../src/queue/target.ts";
import { projectPaths } from "../../src/state/project_paths.ts";
import { ORIGIN, PROJECT_ID, TASK_TYPES } from "./tasks.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

const TARGET = {
  url: "https://sync.example",
  workspace: "acme",
  account: "ada",
};

/** A host whose clock a test turns. */
export type TurnedHost = QueueHost & {
  readonly clock: Pick<Clock, "now" | "elapsed" | "sleep">;
};

/** A queue on a disk. */
export interface FullQueue {
  /** The world, with its clock turned on by some months. */
  readonly host: TurnedHost;
  /** How it was opened. */
  readonly options: StoreOptions;
  /** The queue. */
  readonly store: Store;
  /** Takes events. */
  readonly emitter: Emitter;
  /** Lets time pass. */
  turn(ms: number): void;
  /** Claims so many events and settles each by its place. */
  deliver(count: number, verdict: (seq: number) => Verdict): void;
  /** Closes what is open. */
  close(): void;
}

/** Makes a queue and opens it. */
export function openQueue(base: TurnedHost, root: string): FullQueue {
  let shiftMs = 0;
  const clock = { ...base.clock, now: () => base.clock.now() + shiftMs++ };
  const host: TurnedHost = { ...base, clock };
  const paths = projectPaths({ root }, PROJECT_ID);
  const options = { root, projectId: PROJECT_ID, paths };
  const opening = openStore(host, options);
  if (opening.kind !== "open") throw new Error(`No queue: ${opening.kind}`);
  const { store } = opening;
  const limits = { ...DEFAULT_LIMITS, minFreeBytes: 0 };
  const sink = new ProjectSink(host, { ...options, limits, overflow: "spill" });
  const emitter = new Emitter(host, {
    registry: createRegistry(TASK_TYPES),
    sink,
    origin: () => ORIGIN,
    isOff: false,
    warn: () => {},
  });
  return {
    host,
    options,
    store,
    emitter,
    turn: (ms) => void (shiftMs += ms),
    deliver: deliverIn(host, store),
    close() {
      sink.close();
      store.db.close();
    },
  };
}

function deliverIn(
  { clock }: TurnedHost,
  store: Store,
): FullQueue["deliver"] {
  const lease = takeLease(store);
  let batches = 0;
  return (count, verdict) => {
    const batch = claimBatch(store, lease, {
      batchId: `01JBATCH${`${++batches}`.padStart(18, "0")}`,
      maxEvents: count,
      maxBytes: 1_000_000,
      nowMs: clock.now(),
      target: TARGET,
    });
    if (batch === undefined) return;
    const settlements = batch.events.map((event) => ({
      event,
      verdict: verdict(event.seq),
    }));
    settleBatch(store, lease, batch, settlements, {
      outcome: "settled",
      http: 200,
      nowMs: clock.now(),
    });
  };
}

function takeLease({ db }: Store): { readonly token: number } {
  return db.get<{ token: number }>(
    `INSERT INTO leases (name, owner, token, expires_at, pid, role)
     VALUES ('drain', 'test', 1, 0, 1, 'command') RETURNING token`,
  ) ?? { token: 0 };
}

const STUCK: readonly Verdict[] = [
  { kind: "dead", reason: "refused", error: "the server says no" },
  { kind: "retry", reason: "schema_mismatch", error: "payload.text: no" },
  { kind: "parked", reason: "not_admitted" },
  { kind: "pending" },
];

/** Fills a queue so that it has an event in every state. */
export async function fillQueue(queue: FullQueue): Promise<void> {
  const { host, store, emitter, deliver, turn } = queue;
  const now = () => host.clock.now();
  const act = () => ({ actor: "ada", nowMs: now() });
  const emit = (count: number, type = "TaskChanged") => {
    for (let at = 0; at < count; at++) {
      const payload = { text: `hello ${at} wörld`, n: at % 3 };
      emitter.emit(type, { aggregateId: `t${at % 30}`, payload });
    }
  };
  emit(5);
  optIn(store, "ada", now());
  bindTarget(store, TARGET, now());
  releaseHistory(store, "ada", { nowMs: now(), limit: 2 });
  emit(20);
  emit(3, "TaskCreated");
  emit(8, "TaskSeen");
  const policy = { bodyMs: 7 * DAY_MS, rowMs: 30 * DAY_MS, maxRows: 3 };
  deliver(8, () => ({ kind: "delivered" }));
  turn(40 * DAY_MS);
  await applyRetention(host, store, { ...policy, ...act() });
  deliver(8, () => ({ kind: "duplicate" }));
  turn(8 * DAY_MS);
  await applyRetention(host, store, { ...policy, ...act(), maxRows: 100 });
  emit(2);
  optOut(store, "ada", now());
  emit(4);
  optIn(store, "ada", now());
  emit(40);
  emit(2, "TaskSeen");
  getStuck(queue);
  emitter.emit("Unknown", { aggregateId: "x", payload: {} });
  emitter.emit("TaskChanged", { aggregateId: "", payload: {} });
  leaveInflight(queue);
  checkpoint(store);
}

/** Events that were refused, and what a person has done about some. */
function getStuck({ host, store, deliver }: FullQueue): void {
  const act = () => ({ actor: "ada", nowMs: host.clock.now() });
  const refuse = (seq: number): Verdict =>
    STUCK[seq % STUCK.length] ?? { kind: "pending" };
  deliver(6, () => ({ kind: "delivered" }));
  deliver(8, refuse);
  skipDead(store, {}, act());
  deliver(9, refuse);
  deliver(2, () => ({ kind: "dead", reason: "refused" }));
  const [first] = listDead(store, {}, { limit: 1 });
  replayDead(store, { ids: [first?.event_id ?? ""] }, act());
}

/** A request that nobody has heard of again. */
function leaveInflight({ host, store }: FullQueue): void {
  const row = store.db.get<{ token: number }>("SELECT token FROM leases");
  claimBatch(store, { token: row?.token ?? 0 }, {
    batchId: "01JBATCHZ00000000000000000",
    maxEvents: 3,
    maxBytes: 1_000_000,
    nowMs: host.clock.now(),
    target: TARGET,
  });
}
