/** Many processes at one queue. */

import { assert, assertEquals } from "@std/assert";
import { makeRoot, RealQueue, startQueueProgram } from "#support/real_queue.ts";

interface Told {
  readonly outcomes: readonly {
    readonly id: string;
    readonly kind: string;
    readonly reason: string;
  }[];
  readonly slowestMs: number;
}

/** A program that has said its first line, and what it says at its end. */
async function begin(name: string, input: unknown) {
  const child = startQueueProgram(name, input, { stdin: "piped" });
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes("\n")) said += (await lines.read()).value ?? "";
  return {
    async end(): Promise<string> {
      await child.stdin.close();
      for (
        let next = await lines.read();
        !next.done;
        next = await lines.read()
      ) {
        said += next.value;
      }
      await child.status;
      return said.slice(said.indexOf("\n") + 1);
    },
  };
}

async function emitTogether(
  root: string,
  input: { readonly count: number; readonly isOneLane: boolean },
): Promise<readonly Told[]> {
  const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const started = await Promise.all(
    names.map((name) => begin("emits_with_others", { root, name, ...input })),
  );
  const told = await Promise.all(started.map((one) => one.end()));
  return told.map((text) => JSON.parse(text));
}

for (const isOneLane of [false, true]) {
  Deno.test(`8 processes emit 500 events each at once, ${isOneLane ? "all about one thing" : "each about its own"}, and none is lost`, async () => {
    await using root = await makeRoot();
    const told = await emitTogether(root.path, { count: 500, isOneLane });
    const outcomes = told.flatMap(({ outcomes }) => outcomes);
    assertEquals(outcomes.length, 4000);
    const other = outcomes.filter(({ kind }) =>
      kind !== "captured" && kind !== "spilled"
    );
    assertEquals(other, []);
    using queue = new RealQueue(root.path);
    const spilled = outcomes.filter(({ kind }) => kind === "spilled");
    assert(spilled.every(({ reason }) => reason === "busy"));
    assertEquals(queue.spilled.length, spilled.length);
    queue.importOverflow();
    const rows = queue.store.db.all<
      { id: string; seq: number; lamport: number }
    >(
      "SELECT event_id AS id, seq, lamport FROM events ORDER BY seq",
    );
    // Every value of the clock once, without a gap, and equal to the place.
    assert(
      rows.every(({ seq, lamport }, n) => seq === n + 1 && lamport === n + 1),
    );
    assertEquals(rows.length, 4000);
    assertEquals(
      rows.map(({ id }) => id).toSorted(),
      outcomes.map(({ id }) => id).toSorted(),
    );
    assertEquals(queue.store.db.get("PRAGMA integrity_check"), {
      "integrity_check": "ok",
    });
  });
}

Deno.test("each process finds its own events in their order", async () => {
  await using root = await makeRoot();
  const told = await emitTogether(root.path, { count: 100, isOneLane: true });
  using queue = new RealQueue(root.path);
  const places = new Map(
    queue.store.db.all<{ id: string; seq: number }>(
      "SELECT event_id AS id, seq FROM events",
    ).map(({ id, seq }) => [id, seq]),
  );
  for (const { outcomes } of told) {
    const own = outcomes.filter(({ kind }) => kind === "captured")
      .map(({ id }) => places.get(id) ?? 0);
    assertEquals(own.toSorted((a, b) => a - b), own);
  }
});

Deno.test("an event does not wait for a process that holds the queue for long", async () => {
  await using root = await makeRoot();
  using queue = new RealQueue(root.path);
  const emit = () => {
    const start = performance.now();
    const outcome = queue.emitter.emit("TaskChanged", {
      aggregateId: "t",
      payload: {},
    });
    return { outcome, tookMs: performance.now() - start };
  };
  assertEquals(emit().outcome.kind, "captured");
  const holder = await begin("holds_write_lock", { path: queue.paths.queue });
  const { outcome, tookMs } = emit();
  assert(outcome.kind === "spilled" && outcome.reason === "busy");
  // SQLite's own wait would be 5 s.
  assert(tookMs > 100 && tookMs < 3000, `it took ${Math.round(tookMs)} ms`);
  // A program that begins only now does not wait either.
  using late = new RealQueue(root.path);
  const second = late.emitter.emit("TaskChanged", {
    aggregateId: "t",
    payload: {},
  });
  assert(second.kind === "spilled" && second.reason === "busy");
  await holder.end();
  assertEquals(emit().outcome.kind, "captured");
  assertEquals(queue.spilled, [outcome.eventId, second.eventId]);
  queue.importOverflow();
  assertEquals(queue.store.db.get("SELECT lamport FROM meta"), { lamport: 4 });
});

Deno.test("an event waits for the queue where losing order is worse than waiting", async () => {
  await using root = await makeRoot();
  using queue = new RealQueue(root.path, { overflow: "block" });
  queue.emitter.emit("TaskChanged", { aggregateId: "t", payload: {} });
  const holder = await begin("holds_write_lock", {
    path: queue.paths.queue,
    forMs: 400,
  });
  const outcome = queue.emitter.emit("TaskChanged", {
    aggregateId: "t",
    payload: {},
  });
  assertEquals(outcome.kind, "captured");
  assertEquals(queue.spilled, []);
  await holder.end();
});

Deno.test("a project does not wait for another whose queue is held", async () => {
  await using root = await makeRoot();
  using one = new RealQueue(root.path);
  using two = new RealQueue(root.path, {
    projectId: "11111111-2222-4333-8444-555555555555",
  });
  const event = { aggregateId: "t", payload: {} };
  one.emitter.emit("TaskChanged", event);
  const holder = await begin("holds_write_lock", { path: one.paths.queue });
  for (let n = 0; n < 50; n++) {
    assertEquals(two.emitter.emit("TaskChanged", event).kind, "captured");
  }
  assertEquals(two.spilled, []);
  await holder.end();
});
