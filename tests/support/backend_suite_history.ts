/**
 * Random histories of one queue, and what every backend counts after them.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { QueueBackend } from "../../src/jobs/backend.ts";
import type { Claim, JobState, Settlement } from "../../src/jobs/job.ts";
import {
  type CheckBackend,
  ERROR,
  HOUR_MS,
  LONG_LEASE_MS,
} from "./backend_world.ts";

type Step =
  | { readonly kind: "enqueue"; readonly priority: number; isLater: boolean }
  | { readonly kind: "claim"; readonly limit: number }
  | { readonly kind: "settle"; readonly ends: readonly End[]; next: number }
  | { readonly kind: "cancel" | "promote"; readonly which: number }
  | { readonly kind: "pause" | "purge" | "replay" | "resume" };

type End = "again" | "complete" | "dead" | "later" | "return";

const RUNS = 12;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("enqueue" as const),
      priority: fc.nat(2),
      isLater: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("claim" as const),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      ends: fc.array(
        fc.constantFrom<End>("again", "complete", "dead", "later", "return"),
        { maxLength: 3 },
      ),
      next: fc.nat(2),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("cancel" as const, "promote" as const),
      which: fc.nat(9),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "pause" as const,
        "purge" as const,
        "replay" as const,
        "resume" as const,
        "resume" as const,
      ),
    }),
  },
);

interface ModelJob {
  state: JobState;
  attempts: number;
  readonly priority: number;
}

/** One queue of a backend beside a model of it that has no order. */
class History {
  readonly #backend: QueueBackend;
  readonly #queue: string;
  readonly #jobs = new Map<string, ModelJob>();
  readonly #claims: Claim[] = [];
  #isPaused = false;

  constructor(backend: QueueBackend, queue: string) {
    this.#backend = backend;
    this.#queue = queue;
  }

  async take(step: Step): Promise<void> {
    const backend = this.#backend;
    switch (step.kind) {
      case "enqueue":
        return await this.#enqueue(step.priority, step.isLater);
      case "claim":
        return this.#onClaims(
          await backend.claim(this.#wish(step.limit)),
          step.limit,
        );
      case "settle":
        return await this.#settle(step.ends, step.next);
      case "cancel":
        return await this.#cancel(step.which);
      case "promote":
        return await this.#promote(step.which);
      case "purge": {
        const dead = this.#in("dead");
        for (const [id] of dead) this.#jobs.delete(id);
        const count = await backend.purgeDead(this.#queue);
        return assertEquals(count, dead.length);
      }
      case "replay": {
        const dead = this.#in("dead");
        for (const [, job] of dead) {
          Object.assign(job, { state: "ready", attempts: 0 });
        }
        const count = await backend.replayDead(this.#queue);
        return assertEquals(count, dead.length);
      }
      case "pause":
        this.#isPaused = true;
        return await backend.pause(this.#queue);
      case "resume":
        this.#isPaused = false;
        return await backend.resume(this.#queue);
    }
  }

  /** Compares what the backend counts and shows with the model. */
  async compare(): Promise<void> {
    const stats = await this.#backend.stats();
    const mine = stats.find(({ queue }) => queue === this.#queue);
    const counts = {
      ready: this.#in("ready").length,
      scheduled: this.#in("scheduled").length,
      active: this.#in("active").length,
      completed: this.#in("completed").length,
      dead: this.#in("dead").length,
    };
    if (mine === undefined) {
      return assertEquals(this.#jobs.size, 0, "the queue is unknown");
    }
    assertEquals(mine.counts, counts);
    assertEquals(mine.isPaused, this.#isPaused);
    assertEquals(mine.oldestReadyAt !== undefined, counts.ready > 0);
    assertEquals(mine.nextRunAt !== undefined, counts.scheduled > 0);
    const jobs = await this.#backend.list(this.#queue, { limit: 1000 });
    assertEquals(
      jobs.map(({ id, state, attempts }) => ({ id, state, attempts })),
      [...this.#jobs].map(([id, { state, attempts }]) => ({
        id,
        state,
        attempts,
      })),
    );
  }

  #wish(limit: number) {
    return { queue: this.#queue, limit, leaseMs: LONG_LEASE_MS };
  }

  #in(state: JobState): readonly (readonly [string, ModelJob])[] {
    return [...this.#jobs].filter(([, job]) => job.state === state);
  }

  async #enqueue(priority: number, isLater: boolean): Promise<void> {
    const options = isLater ? { priority, delayMs: HOUR_MS } : { priority };
    const { id } = await this.#backend.enqueue(this.#queue, null, options);
    const state = isLater ? "scheduled" : "ready";
    this.#jobs.set(id, { state, attempts: 0, priority });
  }

  #onClaims(claims: readonly Claim[], limit: number): void {
    const most = this.#isPaused ? 0 : this.#in("ready").length;
    assertEquals(claims.length, Math.min(limit, most));
    for (const claim of claims) {
      const ready = this.#in("ready");
      const job = this.#jobs.get(claim.id);
      assert(job?.state === "ready", "claimed what was not ready");
      assert(ready.every(([, other]) => other.priority <= job.priority));
      assertEquals(claim.attempts, job.attempts);
      job.state = "active";
      this.#claims.push(claim);
    }
  }

  async #settle(ends: readonly End[], next: number): Promise<void> {
    const claims = this.#claims.splice(0, ends.length);
    const settlements = claims.map((claim, n) =>
      this.#end(claim, ends[n] ?? "return")
    );
    const wish = next === 0 ? undefined : this.#wish(next);
    const settled = await this.#backend.settle(settlements, wish);
    assert(settled.results.every((result) => result === "settled"));
    assertEquals(settled.results.length, claims.length);
    this.#onClaims(settled.claims, next);
  }

  #end(claim: Claim, end: End): Settlement {
    const job = this.#jobs.get(claim.id);
    assert(job !== undefined);
    if (end !== "return") job.attempts++;
    switch (end) {
      case "complete":
        job.state = "completed";
        return { kind: "complete", claim, result: undefined };
      case "dead":
        job.state = "dead";
        return { kind: "dead", claim, error: ERROR, reason: "failed" };
      case "return":
        job.state = "ready";
        return { kind: "return", claim };
      default: {
        job.state = end === "later" ? "scheduled" : "ready";
        const runAt = end === "later" ? Date.now() + HOUR_MS : 0;
        return { kind: "retry", claim, error: ERROR, runAt };
      }
    }
  }

  async #cancel(which: number): Promise<void> {
    const [id, job] = [...this.#jobs][which] ?? ["none", undefined];
    const said = await this.#backend.cancel(this.#queue, id);
    if (job === undefined) return assertEquals(said, "missing");
    if (job.state === "active") return assertEquals(said, "active");
    if (job.state === "completed" || job.state === "dead") {
      return assertEquals(said, "finished");
    }
    assertEquals(said, "cancelled");
    this.#jobs.delete(id);
  }

  async #promote(which: number): Promise<void> {
    const [id, job] = [...this.#jobs][which] ?? ["none", undefined];
    const said = await this.#backend.promote(this.#queue, id);
    assertEquals(said, job?.state === "scheduled");
    if (job?.state === "scheduled") job.state = "ready";
  }
}

/** Registers the property about counts. */
export function historySuite(check: CheckBackend): void {
  check("counts are right after any history", async (world) => {
    let histories = 0;
    const steps = fc.array(step, { minLength: 5, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        // Each has a queue of its own: opening a store takes longer.
        const history = new History(world.backend, `history-${histories++}`);
        for (const one of all) await history.take(one);
        await history.compare();
      }),
      { numRuns: RUNS },
    );
  });
}
