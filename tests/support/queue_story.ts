/**
 * Stories about a queue: how each step is done to a real queue and to the model
 * of it.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Batch } from "../../src/queue/claim.ts";
import { optIn, optOut, releaseHistory } from "../../src/queue/consent.ts";
import type { EmitOutcome } from "../../src/queue/event.ts";
import { LeaseLost } from "../../src/queue/lease.ts";
import { parseOverflow } from "../../src/queue/overflow.ts";
import { reclaim } from "../../src/queue/reclaim.ts";
import type { Verdict } from "../../src/queue/settle.ts";
import type { FakeQueue } from "./fake_queue.ts";
import {
  type ModelEvent,
  newEvent,
  QueueModel,
  settleModel,
} from "./queue_model.ts";
import type { Said, Step, Trouble } from "./queue_steps.ts";

/** A queue and its model, and what is under way between them. */
export class QueueStory {
  readonly queue: FakeQueue;
  readonly model = new QueueModel();
  #lease: { readonly token: number };
  #batch: Batch | undefined;
  readonly #emitted: { readonly eventId: string; readonly said: Said }[] = [];

  /** Begins a story. */
  constructor(queue: FakeQueue) {
    this.queue = queue;
    this.#lease = queue.takeLease();
  }

  /** Does one step. */
  take(step: Step): void {
    const { queue, model } = this;
    const nowMs = queue.host.clock.now();
    switch (step.kind) {
      case "emit":
        return this.#emit(step.said, step.trouble);
      case "claim":
        return this.#claim(step);
      case "settle":
        return this.#settle(step.verdicts);
      case "pass":
        this.#claim({ ...step, kind: "claim", maxBytes: 5000 });
        return this.#settle(step.verdicts);
      case "requeue":
        this.#batch = undefined;
        queue.requeue(this.#lease, step.isAsked);
        return model.requeue(nowMs, step.isAsked);
      case "wait":
        return queue.world.clock.setWall(nowMs + step.seconds * 1000);
      case "consent":
        return this.#consent(step.what, nowMs);
      case "release":
        return assertEquals(
          releaseHistory(queue.store, "ada", { nowMs, limit: step.limit }),
          model.release(step.limit),
        );
      case "reclaim":
        reclaim(queue.store, { untilMs: Infinity, limit: step.limit });
        return;
      case "import":
        return this.#import(step.crashes);
      case "lose_lease":
        return this.#loseLease();
      case "reopen":
        queue.sink.close();
        queue.sink = queue.newSink();
        queue.emitter = queue.newEmitter();
    }
  }

  /** Ids in the overflow file, in order. */
  get spilled(): readonly string[] {
    const { world, paths } = this.queue;
    const text = world.disk.textOf(paths.overflow) ?? "";
    return parseOverflow(text).drafts.map(({ eventId }) => eventId);
  }

  #troubled<T>(trouble: Trouble | undefined, act: () => T): T {
    const { world, paths } = this.queue;
    if (trouble === undefined) return act();
    // Opened before, or the trouble would meet the opening.
    this.queue.sink.capture([]);
    const code = trouble === "disk_full" ? "no_space" : "busy";
    const heals = [world.failDatabase(paths.queue, code)];
    if (trouble === "busy_and_disk_full") {
      const operation = "appendLocked";
      heals.push(world.failFiles(paths.overflow, "no_space", { operation }));
    }
    const result = act();
    for (const heal of heals) heal();
    return result;
  }

  #emit(all: readonly Said[], trouble: Trouble | undefined): void {
    const { queue } = this;
    const items = all.map((said) => this.#itemOf(said));
    const outcomes = this.#troubled(
      trouble,
      () => queue.emitter.emitBatch(items),
    );
    assertEquals(outcomes.length, items.length);
    for (const [index, outcome] of outcomes.entries()) {
      const item = items[index];
      assert(item !== undefined);
      this.#note(outcome, item);
    }
    this.#noteMarkers();
  }

  #itemOf(said: Said) {
    const old = said.again === undefined
      ? undefined
      : this.#emitted[said.again];
    const { type, task, n, size } = old?.said ?? said;
    const isOther = old !== undefined && said.size > 500;
    const text = "x".repeat(said.isWrong ? 70_000 : size + (isOther ? 1 : 0));
    const eventId = old?.eventId ?? this.queue.emitter.newId();
    if (old === undefined) this.#emitted.push({ eventId, said });
    return { type, aggregateId: task, payload: { n, text }, eventId };
  }

  /** A marker comes by itself, with whatever comes after a loss. */
  #noteMarkers(): void {
    const rows = this.queue.rows<{ id: string; lane: string; seq: number }>(
      `SELECT event_id AS id, lane, seq FROM events
        WHERE type = 'TelemetryDropped'`,
    );
    for (const { id, lane, seq } of rows) {
      if (this.model.events.has(id)) continue;
      const event = newEvent(id, lane, "TelemetryDropped");
      this.model.events.set(id, event);
      this.model.place(event, seq);
    }
  }

  #note(
    outcome: EmitOutcome,
    { type, aggregateId, eventId }: {
      readonly type: string;
      readonly aggregateId: string;
      readonly eventId: string;
    },
  ): void {
    const { model } = this;
    model.count(outcome.kind);
    if (outcome.kind !== "captured" && outcome.kind !== "spilled") return;
    const known = model.events.get(outcome.eventId);
    if (known === undefined) {
      const event = newEvent(outcome.eventId, `Task:${aggregateId}`, type);
      model.events.set(event.id, event);
      if (outcome.kind === "captured") model.place(event, outcome.seq);
    } else if (outcome.kind === "captured" && known.seq > 0) {
      assertEquals([known.seq, known.isSnapshot], [outcome.seq, true]);
      assertEquals(known.state, "ready", "only a waiting snapshot is replaced");
    } else if (outcome.kind === "captured") {
      // It waits in the overflow file as well, where it will be a duplicate.
      assertEquals(outcome.eventId, eventId);
      model.place(known, outcome.seq);
    }
  }

  #claim(
    { maxEvents, maxBytes }: Extract<Step, { readonly kind: "claim" }>,
  ): void {
    const { queue, model } = this;
    if (this.#batch !== undefined) return;
    const batch = queue.claim(this.#lease, { maxEvents, maxBytes });
    if (batch === undefined) {
      return assert(!model.hasClaimable, "something could have been sent");
    }
    assert(batch.events.length > 0 && batch.events.length <= maxEvents);
    assert(batch.bytes <= maxBytes || batch.events.length === 1);
    const before: ModelEvent[] = [];
    for (const { eventId, seq, attempts } of batch.events) {
      const event = model.events.get(eventId);
      assert(event !== undefined && event.seq === seq);
      assertEquals(model.objection(event, before), undefined);
      assertEquals(attempts, event.attempts);
      assert((before.at(-1)?.seq ?? 0) < seq, "in the order of places");
      before.push(event);
    }
    for (const event of before) event.state = "inflight";
    this.#batch = batch;
  }

  #settle(verdicts: readonly Verdict[]): void {
    const { queue, model } = this;
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    const nowMs = queue.host.clock.now();
    const verdictOf = (seq: number) =>
      verdicts[seq % verdicts.length] ?? { kind: "unsent" as const };
    queue.settle(this.#lease, batch, verdictOf);
    for (const { eventId, seq } of batch.events) {
      const event = model.events.get(eventId);
      assert(event !== undefined);
      settleModel(event, verdictOf(seq), nowMs);
    }
    const again = queue.settle(this.#lease, batch, { kind: "delivered" });
    assertEquals(again, { uncorrelated: batch.events.length });
  }

  #consent(what: "in" | "out", nowMs: number): void {
    const { queue, model } = this;
    if (what === "in") {
      const did = optIn(queue.store, "ada", nowMs);
      assertEquals(did, model.isOpen ? "already" : "opted_in");
      model.isOpen = true;
      return;
    }
    const did = optOut(queue.store, "ada", nowMs);
    assertEquals(did, model.isOpen ? "opted_out" : "already");
    if (model.isOpen) model.optOut();
  }

  #import(crashes: boolean): void {
    const { queue, model } = this;
    const { disk } = queue.world;
    const before = disk.textOf(queue.paths.overflow) ?? "";
    queue.importOverflow();
    if (crashes) disk.put(queue.paths.overflow, before);
    for (
      const { seq, id } of queue.rows<{ seq: number; id: string }>(
        "SELECT seq, event_id AS id FROM events ORDER BY seq",
      )
    ) {
      const event = model.events.get(id);
      if (event !== undefined && event.seq === 0) model.place(event, seq);
    }
  }

  #loseLease(): void {
    const { queue } = this;
    const lost = this.#lease;
    this.#lease = queue.takeLease();
    const before = queue.rows("SELECT * FROM deliveries");
    const batch = this.#batch ?? { batchId: "none", bytes: 0, events: [] };
    assertThrows(() => queue.claim(lost), LeaseLost);
    assertThrows(
      () => queue.settle(lost, batch, { kind: "delivered" }),
      LeaseLost,
    );
    assertThrows(() => queue.requeue(lost, "asked"), LeaseLost);
    assertEquals(queue.rows("SELECT * FROM deliveries"), before);
    // Whoever has the lease now brings back what was in flight.
    this.take({ kind: "requeue", isAsked: false });
  }
}
