/** Processes that end without warning, at every kind of moment. */

import { assert, assertEquals } from "@std/assert";
import { makeRoot, RealQueue, startQueueProgram } from "#support/real_queue.ts";
import { countQueue } from "../../src/queue/counts.ts";
import { optIn } from "../../src/queue/consent.ts";

/** What a program has acknowledged before its end. */
interface Acknowledged {
  readonly kept: readonly string[];
  readonly delivered: readonly string[];
  readonly other: readonly string[];
  /** Steps that it had done, if it came to its end. */
  readonly steps: number | undefined;
}

function parse(text: string): Acknowledged {
  const lines = text.split("\n").slice(0, -1);
  const after = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `))
      .map((line) => line.slice(word.length + 1));
  const [steps] = after("steps").map(Number);
  return {
    kept: after("kept"),
    delivered: after("delivered"),
    other: after("not kept"),
    steps,
  };
}

/** Runs the program until its end, whichever comes first. */
async function run(
  input: {
    readonly root: string;
    readonly seed: number;
    readonly killAt: number;
  },
  killAfterMs?: number,
): Promise<Acknowledged> {
  const rounds = killAfterMs === undefined ? 60 : 100_000;
  const child = startQueueProgram("emits_until_killed", { ...input, rounds });
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (killAfterMs !== undefined && text === "") {
      setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    }
    text += part;
  }
  await child.status;
  return parse(text);
}

function assertOnce(ids: readonly string[], what: string): void {
  assertEquals(new Set(ids).size, ids.length, what);
}

/** Everything that was acknowledged is there, and nothing is twice. */
function checkKept(queue: RealQueue, told: Acknowledged): void {
  const { db } = queue.store;
  assertEquals(db.get("PRAGMA integrity_check"), { "integrity_check": "ok" });
  assertEquals(told.other, []);
  const stored = () =>
    db.all<{ id: string }>("SELECT event_id AS id FROM events").map(({ id }) =>
      id
    );
  const before = new Set([...stored(), ...queue.spilled]);
  assert(told.kept.every((id) => before.has(id)), "something was lost");
  queue.importOverflow();
  const after = stored();
  assertOnce(after, "an event is there twice");
  assert(told.kept.every((id) => after.includes(id)));
  assertEquals(new Set(after), before);
  assertEquals(queue.spilled, []);
  const closed = new Set(
    db.all<{ id: string }>(
      `SELECT event_id AS id FROM events JOIN deliveries USING (seq)
        WHERE is_open = 0`,
    ).map(({ id }) => id),
  );
  assert(told.delivered.every((id) => closed.has(id)), "a delivery was lost");
}

/** The books add up. */
function checkBooks(queue: RealQueue): void {
  const { db } = queue.store;
  const sums = db.get(
    `SELECT count(*) AS captured, coalesce(max(seq), 0) AS seq,
       coalesce(max(lamport), 0) AS lamport, count(body) AS live_rows,
       coalesce(sum(CASE WHEN body IS NULL THEN 0 ELSE bytes END), 0)
         AS live_bytes,
       count(*) FILTER (WHERE lamport != seq) AS gaps FROM events`,
  );
  const books = db.get(
    `SELECT captured, seq, lamport, live_rows, live_bytes, 0 AS gaps FROM meta`,
  );
  assertEquals(books, sums);
  const counts = countQueue(queue.host, queue.store);
  const known = counts.delivered + counts.ready + counts.inflight;
  assertEquals(counts.captured, known + (readLocal(queue) ?? 0));
}

function readLocal({ store }: RealQueue): number | undefined {
  return store.db.get<{ n: number }>(
    "SELECT count(*) AS n FROM events WHERE consent_epoch = 0",
  )?.n;
}

/** The next process goes on as if nothing had happened. */
function checkGoesOn(queue: RealQueue): void {
  const event = { aggregateId: "later", payload: {} };
  const outcome = queue.emitter.emit("TaskChanged", event);
  assertEquals(outcome.kind, "captured");
  optIn(queue.store, "ada", 1);
  queue.deliverAll();
  const { ready, inflight, captured, delivered } = countQueue(
    queue.host,
    queue.store,
  );
  assertEquals([ready, inflight], [0, 0]);
  assertEquals(delivered, captured - (readLocal(queue) ?? 0));
  checkBooks(queue);
}

async function check(
  input: { readonly seed: number; readonly killAt: number },
  killAfterMs?: number,
): Promise<Acknowledged> {
  await using root = await makeRoot();
  const told = await run({ ...input, root: root.path }, killAfterMs);
  using queue = new RealQueue(root.path, { durability: "relaxed" });
  try {
    checkKept(queue, told);
    checkBooks(queue);
    checkGoesOn(queue);
  } catch (error) {
    throw new Error(`${JSON.stringify(input)} ${killAfterMs}`, {
      cause: error,
    });
  }
  return told;
}

/** Runs all, a few at a time. */
async function inParallel(
  runs: readonly (() => Promise<void>)[],
): Promise<void> {
  const left = runs.values();
  await Promise.all([1, 2, 3].map(async () => {
    for (const act of left) await act();
  }));
}

/** So many steps of a story, spread over all of it. */
function spread(steps: number, count: number): readonly number[] {
  return Array.from(
    { length: count },
    (_, n) => 1 + Math.floor(n * steps / count),
  );
}

const STORIES = [
  { name: "its beginning", seed: 7, count: 25, upTo: 60 },
  { name: "one story", seed: 11, count: 25, upTo: Infinity },
  { name: "another story", seed: 23, count: 25, upTo: Infinity },
  { name: "a third story", seed: 42, count: 25, upTo: Infinity },
];

Deno.test.each(STORIES)(
  "a process that is killed at any step of $name loses nothing that it has acknowledged",
  async ({ seed, count, upTo }) => {
    const whole = await check({ seed, killAt: 0 });
    assert(whole.steps !== undefined && whole.kept.length > 20);
    const points = spread(Math.min(whole.steps, upTo), count);
    let kept = 0;
    await inParallel(points.map((killAt) => async () => {
      const told = await check({ seed, killAt });
      assertEquals(told.steps, undefined, "it should have been killed");
      kept += told.kept.length;
    }));
    assert(upTo < Infinity || kept > count);
  },
);

Deno.test("a process that is killed at any time loses nothing that it has acknowledged", async () => {
  let kept = 0;
  await inParallel(
    spread(400, 25).map((killAfterMs, n) => async () => {
      const told = await check({ seed: 100 + n, killAt: 0 }, killAfterMs);
      assertEquals(told.steps, undefined, "it should have been killed");
      kept += told.kept.length;
    }),
  );
  assert(kept > 400);
});

Deno.test("a process that is killed while it repairs a queue leaves it to the next", async () => {
  const points = spread(40, 25);
  const outcomes = new Set<string>();
  await inParallel(points.map((killAt) => async () => {
    await using root = await makeRoot();
    const queuePath = new RealQueue(root.path).paths.queue;
    await Deno.mkdir(queuePath.slice(0, queuePath.lastIndexOf("/")), {
      recursive: true,
    });
    await Deno.writeTextFile(queuePath, "this is no queue ".repeat(1000));
    const told = await run({ root: root.path, seed: 3, killAt });
    using queue = new RealQueue(root.path, { durability: "relaxed" });
    checkKept(queue, told);
    checkBooks(queue);
    const epoch = queue.store.db.get<{ n: number }>(
      "SELECT clock_epoch AS n FROM meta",
    );
    assert(
      (epoch?.n ?? 0) > 1_000_000_000,
      `killed at ${killAt}: epoch ${epoch?.n}`,
    );
    const aside = queue.files.filter((name) =>
      /^queue\.corrupt-.*\.db$/.test(name)
    );
    assertEquals(aside.length, 1);
    const text = await Deno.readTextFile(
      `${queue.paths.directory}/${aside[0]}`,
    );
    assertEquals(text, "this is no queue ".repeat(1000));
    outcomes.add(told.kept.length === 0 ? "before" : "after");
    checkGoesOn(queue);
  }));
  assertEquals(outcomes.size, 2);
});
