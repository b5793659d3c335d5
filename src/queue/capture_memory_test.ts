import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { draftOf } from "#support/tasks.ts";
import type { Database } from "../host/databases.ts";
import { type Captured, captureDraft } from "./capture.ts";
import { optIn } from "./consent.ts";
import type { Store } from "./store.ts";

/** A connection of its own, and what it was asked. */
class Process {
  readonly store: Store;
  readonly asked: string[] = [];
  readonly #queue: FakeQueue;

  constructor(queue: FakeQueue) {
    this.#queue = queue;
    const store = queue.open();
    this.store = { ...store, db: this.#watch(store.db) };
  }

  #watch(db: Database): Database {
    const note = (sql: string, changed = 1) =>
      this.asked.push(changed === 0 ? "in vain" : sql.slice(0, 6));
    return {
      exec: (script) => db.exec(script),
      run: (sql, ...values) => {
        const changed = db.run(sql, ...values);
        note(sql, changed);
        return changed;
      },
      get: (sql, ...values) => {
        note(sql);
        return db.get(sql, ...values);
      },
      all: (sql, ...values) => db.all(sql, ...values),
      transaction: (act) => db.transaction(act),
      setBusyTimeout: (ms) => db.setBusyTimeout(ms),
      close: () => db.close(),
      [Symbol.dispose]: () => db.close(),
    };
  }

  /** Captures one event, then does what else belongs to the transaction. */
  capture(then: () => void = () => undefined): Captured {
    const eventId = this.#queue.emitter.newId();
    return this.store.db.transaction(() => {
      const options = { limits: this.#queue.limits, nowMs: 1 };
      const captured = captureDraft(this.store, draftOf({ eventId }), options);
      then();
      return captured;
    });
  }

  /** Captures one event, which is taken back. */
  fail(): void {
    try {
      this.capture(() => {
        throw new RangeError("later");
      });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }

  /** What the last capture asked. */
  lastAsked(): readonly string[] {
    this.asked.length = 0;
    this.capture();
    return [...this.asked];
  }
}

const READS = ["SELECT", "UPDATE", "INSERT"];
const KNOWS = ["UPDATE", "INSERT"];

Deno.test("captureDraft() asks where it is only until it knows that it is alone", async () => {
  const own = new Process(await fakeQueue());
  const asked = [1, 2, 3, 4].map(() => own.lastAsked());
  assertEquals(asked, [READS, READS, KNOWS, KNOWS]);
});

Deno.test("captureDraft() asks every time while others capture too", async () => {
  const queue = await fakeQueue();
  const [own, other] = [new Process(queue), new Process(queue)];
  const asked = [1, 2, 3, 4].map(() => {
    other.capture();
    return own.lastAsked();
  });
  assertEquals(asked, [READS, READS, READS, READS]);
});

Deno.test("captureDraft() tries once in vain when somebody came in between", async () => {
  const queue = await fakeQueue();
  const [own, other] = [new Process(queue), new Process(queue)];
  for (let count = 0; count < 3; count++) own.capture();
  other.capture();
  const asked = [1, 2, 3].map(() => own.lastAsked());
  assertEquals(asked, [["in vain", ...READS], READS, KNOWS]);
});

Deno.test.each([
  { what: "seq", sql: "seq = seq + 5" },
  { what: "lamport", sql: "lamport = lamport + 5" },
  { what: "clock_epoch", sql: "clock_epoch = clock_epoch + 1" },
  { what: "open_epoch", sql: "open_epoch = open_epoch + 1" },
  { what: "live_rows", sql: "live_rows = live_rows - 1" },
  { what: "live_bytes", sql: "live_bytes = live_bytes - 10" },
  { what: "dropped_pending", sql: "dropped_pending = dropped_pending + 1" },
])("captureDraft() notices that somebody changed $what", async ({ sql }) => {
  const stories = [3, 0].map(async (known) => {
    const queue = await fakeQueue();
    const own = new Process(queue);
    for (let count = 0; count < 3; count++) own.capture();
    queue.store.db.run(`UPDATE meta SET ${sql}`);
    // Who has just come knows nothing and reads everything.
    const last = known === 0 ? new Process(queue) : own;
    const { eventId: _id, ...captured } = { eventId: "", ...last.capture() };
    const rows = queue.rows(
      `SELECT seq, lamport, clock_epoch, consent_epoch, bytes,
         json_extract(body, '$.lamport_clock') AS said FROM events`,
    );
    return { captured, rows, meta: { ...queue.meta(), "created_at": 0 } };
  });
  const [knowing, reading] = await Promise.all(stories);
  assertEquals(knowing, reading);
});

type Step =
  | "own"
  | "other"
  | "own fails"
  | "other fails"
  | "opt in"
  | "reclaim";
const steps = fc.array(
  fc.constantFrom<Step>(
    ...(["own", "own", "own", "other", "own fails"] as const),
    ...(["other fails", "opt in", "reclaim"] as const),
  ),
  { maxLength: 40 },
);

Deno.test("captureDraft() of two at once leaves no gap and counts right", async () => {
  await fc.assert(fc.asyncProperty(steps, async (story) => {
    const queue = await fakeQueue();
    const [own, other] = [new Process(queue), new Process(queue)];
    const acts: Readonly<Record<Step, () => void>> = {
      own: () => void own.capture(),
      other: () => void other.capture(),
      "own fails": () => own.fail(),
      "other fails": () => other.fail(),
      "opt in": () => void optIn(queue.store, "ada", 1),
      reclaim: () => giveUpOne(queue),
    };
    let captured = 0;
    for (const step of story) {
      acts[step]();
      if (step === "own" || step === "other") captured++;
    }
    const rows = queue.rows<
      { seq: number; lamport: number; said: number | null; bytes: number }
    >(
      `SELECT seq, lamport, bytes, iif(body IS NULL, 0, 1) AS live,
         json_extract(body, '$.lamport_clock') AS said
       FROM events ORDER BY seq`,
    );
    assertEquals(rows.length, captured);
    for (const [index, { seq, lamport, said }] of rows.entries()) {
      assertEquals([seq, lamport], [index + 1, index + 1]);
      assert(said === null || said === lamport);
    }
    const live = rows.filter(({ said }) => said !== null);
    const meta = queue.meta();
    assertEquals(
      [meta["seq"], meta["captured"], meta["live_rows"], meta["live_bytes"]],
      [
        captured,
        captured,
        live.length,
        live.reduce((sum, { bytes }) => sum + bytes, 0),
      ],
    );
  }));
});

/** What reclaiming does to one event. */
function giveUpOne({ store: { db } }: FakeQueue): void {
  db.transaction(() => {
    const row = db.get<{ seq: number; bytes: number }>(
      "SELECT seq, bytes FROM events WHERE body IS NOT NULL LIMIT 1",
    );
    if (row === undefined) return;
    db.run("UPDATE events SET body = NULL WHERE seq = ?", row.seq);
    db.run(
      "UPDATE meta SET live_rows = live_rows - 1, live_bytes = live_bytes - ?",
      row.bytes,
    );
  });
}
