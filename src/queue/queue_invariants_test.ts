import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { fakeQueue } from "#support/fake_queue.ts";
import { isDelivered } from "#support/queue_model.ts";
import { type Step, stories } from "#support/queue_steps.ts";
import { QueueStory } from "#support/queue_story.ts";
import type { SqlRow } from "../host/databases.ts";

interface Row extends SqlRow {
  readonly seq: number;
  readonly id: string;
  readonly lamport: number;
  readonly body: string | null;
  readonly bytes: number;
  readonly merged: number;
  readonly epoch: number;
  readonly state: string | null;
  readonly isOpen: number | null;
  readonly attempts: number | null;
  readonly reason: string | null;
  readonly rowEpoch: number | null;
}

const EVERYTHING = `SELECT e.seq, e.event_id AS id, e.lamport, e.body, e.bytes,
    e.coalesced_n AS merged, e.consent_epoch AS epoch, d.state,
    d.is_open AS isOpen, d.attempts, d.reason_code AS reason,
    d.epoch AS rowEpoch
  FROM events e LEFT JOIN deliveries d ON d.seq = e.seq ORDER BY e.seq`;

/** Places and clock have no gap and grow together. */
function checkOrder(rows: readonly Row[]): void {
  for (const [index, { seq, lamport }] of rows.entries()) {
    assertEquals([seq, lamport], [index + 1, index + 1]);
  }
}

/** Every event is in the state that the promises give it. */
function checkStates(story: QueueStory, rows: readonly Row[]): void {
  const { model } = story;
  assertEquals(rows.length, model.queued.length);
  for (const row of rows) {
    const event = model.events.get(row.id);
    assert(event !== undefined, "nobody has said it");
    assertEquals(row.seq, event.seq);
    assertEquals<string>(row.state ?? "ready", event.state);
    assertEquals(row.attempts ?? 0, event.attempts);
    assertEquals(row.isOpen === 0, isDelivered(event));
    // Only what the server has may be without its bytes.
    assert(row.body !== null || isDelivered(event));
    assertEquals(row.rowEpoch ?? row.epoch, row.epoch);
  }
}

/** What was acknowledged is in the queue or in the overflow file. */
function checkNothingLost(story: QueueStory): void {
  const spilled = new Set(story.spilled);
  for (const { id, seq, isSnapshot } of story.model.events.values()) {
    assert(seq > 0 || isSnapshot || spilled.has(id), `${id} is lost`);
  }
}

/** The books are what the rows add up to. */
function checkBooks(story: QueueStory, rows: readonly Row[]): void {
  const { model, queue } = story;
  const meta = queue.meta();
  const live = rows.filter(({ body }) => body !== null);
  const bytes = live.map(({ body }) =>
    new TextEncoder().encode(body ?? "").length
  );
  assertEquals(meta["live_rows"], live.length);
  assertEquals(meta["live_bytes"], bytes.reduce((sum, one) => sum + one, 0));
  assertEquals(meta["captured"], rows.length);
  assertEquals(
    meta["coalesced"],
    rows.reduce((sum, { merged }) => sum + merged, 0),
  );
  assertEquals(
    meta["delivered"],
    rows.filter(({ isOpen }) => isOpen === 0).length,
  );
  assertEquals(meta["refused"], model.counted("refused"));
  assertEquals(meta["dropped"], model.counted("dropped"));
  assert((meta["live_rows"] ?? 0) <= queue.limits.maxRows);
}

/** The numbers that a person sees are those of the model. */
function checkCounts(story: QueueStory, rows: readonly Row[]): void {
  const { model, queue } = story;
  const counts = queue.counts();
  const number = (state: string) =>
    model.queued.filter((one) => one.state === state && one.isAllowed).length;
  assertEquals(
    [counts.ready, counts.inflight, counts.retry, counts.pendingRemote],
    ["ready", "inflight", "retry", "pending_remote"].map(number),
  );
  const reasons = (state: string) => {
    const found: Record<string, number> = {};
    for (const event of model.queued) {
      if (event.state !== state) continue;
      found[event.reason] = (found[event.reason] ?? 0) + 1;
    }
    return found;
  };
  assertEquals(counts.parked, reasons("parked"));
  assertEquals(counts.dead, reasons("dead"));
  const sealed = rows.filter(({ id, isOpen }) =>
    isOpen === 1 && model.events.get(id)?.isAllowed === false
  );
  assertEquals(counts.sealed, sealed.length);
}

function check(story: QueueStory): void {
  const rows = story.queue.rows<Row>(EVERYTHING);
  checkOrder(rows);
  checkStates(story, rows);
  checkNothingLost(story);
  checkBooks(story, rows);
  checkCounts(story, rows);
}

/** At most so many events have a body, so that all limits are met often. */
const MAX_ROWS = 10;

async function tell(story: readonly Step[]): Promise<QueueStory> {
  const queue = await fakeQueue({ limits: { maxRows: MAX_ROWS } });
  const told = new QueueStory(queue);
  for (const step of story) {
    told.take(step);
    check(told);
  }
  return told;
}

Deno.test("a queue keeps its promises in every story", async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => void await tell(story)),
    { numRuns: 250 },
  );
});

Deno.test("every emission of every story has one of the known ends", async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { model } = await tell(story);
      const said = story.map((step) =>
        step.kind === "emit" ? step.said.length : 0
      )
        .reduce((sum, one) => sum + one, 0);
      const ends = [
        "captured",
        "spilled",
        "refused",
        "quarantined",
        "dropped",
        "duplicate",
      ];
      const known = ends.reduce((sum, end) => sum + model.counted(end), 0);
      // The rest of a batch with an event that is not valid was not taken.
      assertEquals(known + model.counted("failed"), said);
    }),
    { numRuns: 25 },
  );
});

Deno.test("every story ends with all delivered once the server takes everything", async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const told = await tell(story);
      const { queue, model } = told;
      told.take({ kind: "consent", what: "in" });
      for (let pass = 0; pass < 200; pass++) {
        told.take({ kind: "import", crashes: false });
        told.take({ kind: "release", limit: 1000 });
        told.take({ kind: "requeue", isAsked: true });
        told.take({ kind: "claim", maxEvents: 5, maxBytes: 5000 });
        told.take({ kind: "settle", verdicts: [{ kind: "delivered" }] });
        told.take({ kind: "wait", seconds: 6 * 3600 });
      }
      check(told);
      const open = model.queued.filter((event) => !isDelivered(event));
      const lanes = new Set(
        open.filter((event) => event.state === "dead" && event.isCreation)
          .map(({ lane }) => lane),
      );
      // What is left is dead, or behind a creation that is.
      assert(
        open.every(({ state, lane }) => state === "dead" || lanes.has(lane)),
      );
      // Only a queue that is full of that has no room for what was spilled.
      assert(told.spilled.length === 0 || open.length === MAX_ROWS);
      assertEquals(queue.counts().inflight, 0);
    }),
    { numRuns: 25 },
  );
});
