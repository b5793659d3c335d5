import { assert, assertEquals } from "@std/assert";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import type { Batch } from "./claim.ts";
import { optIn } from "./consent.ts";
import type { Verdict } from "./settle.ts";

interface Row {
  readonly name: string;
  /** Type of the first event of the lane, and what becomes of it. */
  readonly first: "TaskCreated" | "TaskChanged";
  readonly verdict: Verdict | undefined;
  /** What is claimed then: 1 is the first, 2 and 3 come after it in its lane. */
  readonly claimed: readonly number[];
}

const update = (
  name: string,
  verdict: Row["verdict"],
  ...claimed: number[]
): Row => ({
  name: `an update that is ${name}`,
  first: "TaskChanged",
  verdict,
  claimed,
});
const creation = (
  name: string,
  verdict: Row["verdict"],
  ...claimed: number[]
): Row => ({
  name: `a creation that is ${name}`,
  first: "TaskCreated",
  verdict,
  claimed,
});

const dead: Verdict = { kind: "dead", reason: "refused" };
const ROWS: readonly Row[] = [
  update("in flight", undefined, 4),
  update("delivered", { kind: "delivered" }, 2, 3, 4),
  update("a duplicate", { kind: "duplicate" }, 2, 3, 4),
  update("not sent", { kind: "unsent" }, 1),
  update("perhaps there", { kind: "ambiguous" }, 4),
  update("tried later", { kind: "retry", reason: "unknown" }, 4),
  update("pending there", { kind: "pending" }, 4),
  update("parked", { kind: "parked", reason: "forbidden" }, 4),
  update("dead", dead, 2, 3, 4),
  creation("delivered", { kind: "delivered" }, 2, 3, 4),
  creation("tried later", { kind: "retry", reason: "unknown" }, 4),
  creation("dead", dead, 4),
];

const seqs = (batch: Batch | undefined) => batch?.events.map(({ seq }) => seq);

async function begin({ first, verdict }: Pick<Row, "first" | "verdict">) {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  queue.emit(first, "a");
  const lease = queue.takeLease();
  const batch = queue.claim(lease);
  assert(batch !== undefined);
  return {
    queue,
    lease,
    end: () => verdict && queue.settle(lease, batch, verdict),
  };
}

function follow(queue: FakeQueue): void {
  queue.change("a");
  queue.change("a");
  queue.change("b");
}

Deno.test.each(ROWS)(
  "claimBatch() minds $name, which ended before others came",
  async (row) => {
    const { queue, lease, end } = await begin(row);
    end();
    follow(queue);
    assertEquals(seqs(queue.claim(lease)), row.claimed);
  },
);

Deno.test.each(ROWS)(
  "claimBatch() minds $name, which ended after others came",
  async (row) => {
    const { queue, lease, end } = await begin(row);
    follow(queue);
    end();
    assertEquals(seqs(queue.claim(lease)), row.claimed);
  },
);

Deno.test.each(ROWS)(
  "claimBatch() minds $name, which ended after others were passed over",
  async (row) => {
    const { queue, lease, end } = await begin(row);
    follow(queue);
    assertEquals(seqs(queue.claim(lease)), [4]);
    end();
    // Those that were passed over are ready in their own right.
    const expected = row.verdict?.kind === "unsent"
      ? [1, 2, 3]
      : row.claimed.filter((seq) => seq !== 4);
    assertEquals(seqs(queue.claim(lease)) ?? [], expected);
  },
);

Deno.test("claimBatch() holds a lane also while its head is in flight again", async () => {
  const { queue, lease, end } = await begin({
    first: "TaskChanged",
    verdict: { kind: "unsent" },
  });
  end();
  assertEquals(seqs(queue.claim(lease)), [1]);
  follow(queue);
  assertEquals(seqs(queue.claim(lease)), [4]);
  assertEquals(queue.claim(lease), undefined);
});

Deno.test("claimBatch() goes on in order after the head of a lane has waited", async () => {
  const { queue, lease, end } = await begin({
    first: "TaskChanged",
    verdict: { kind: "retry", reason: "unknown" },
  });
  follow(queue);
  end();
  const other = queue.claim(lease);
  assert(other !== undefined);
  queue.settle(lease, other, { kind: "delivered" });
  assertEquals(queue.claim(lease), undefined);
  await queue.world.advance(30_000);
  queue.requeue(lease);
  assertEquals(seqs(queue.claim(lease)), [1, 2, 3]);
});

Deno.test("claimBatch() holds only what comes after an event that waits", async () => {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  for (let n = 0; n < 4; n++) queue.change("a");
  const lease = queue.takeLease();
  const batch = queue.claim(lease, { maxEvents: 3 });
  assert(batch !== undefined);
  const verdicts: Readonly<Record<number, Verdict>> = {
    1: { kind: "unsent" },
    2: { kind: "retry", reason: "unknown" },
    3: { kind: "unsent" },
  };
  queue.settle(lease, batch, (seq) => verdicts[seq] ?? { kind: "unsent" });
  assertEquals(seqs(queue.claim(lease)), [1]);
});

Deno.test("claimBatch() goes on after a dead creation once it is tried again", async () => {
  const { queue, lease, end } = await begin({
    first: "TaskCreated",
    verdict: dead,
  });
  follow(queue);
  end();
  const other = queue.claim(lease);
  assert(other !== undefined);
  queue.settle(lease, other, { kind: "delivered" });
  assertEquals(queue.claim(lease), undefined);
  queue.store.db.run(
    "UPDATE deliveries SET state = 'ready', holds = 0 WHERE seq = 1",
  );
  assertEquals(seqs(queue.claim(lease)), [1, 2, 3]);
});

Deno.test("claimBatch() lets aggregates of two kinds not wait for each other", async () => {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  queue.change("x");
  const lease = queue.takeLease();
  queue.claim(lease);
  queue.emit("NoteRecorded", "x", { payload: { text: "t" } });
  assertEquals(seqs(queue.claim(lease)), [2]);
});
