import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { failingDatabase } from "#support/failing_database.ts";
import { type FakeQueue, fakeQueue, queueHostOf } from "#support/fake_queue.ts";
import { ORIGIN, PROJECT_ID, ROOT, TASK_TYPES } from "#support/tasks.ts";
import { Emitter } from "./emitter.ts";
import type { EventArgs } from "./event.ts";
import { createRegistry } from "./registry.ts";
import { ProjectSink } from "./sink.ts";
import { openStore } from "./store.ts";

const task = (n: number) => ({
  type: "TaskChanged",
  aggregateId: `t${n}`,
  payload: { n },
});
const tasks = (count: number) =>
  Array.from({ length: count }, (_, n) => task(n));

const kindsOf = (outcomes: readonly { readonly kind: string }[]) =>
  outcomes.map(({ kind }) => kind);

Deno.test("emitBatch() captures all events in their order", async () => {
  const queue = await fakeQueue();
  const outcomes = queue.emitter.emitBatch(tasks(5));
  const places = outcomes.map((one) => one.kind === "captured" ? one.seq : 0);
  assertEquals(places, [1, 2, 3, 4, 5]);
  assertEquals(queue.emitter.emitBatch([]), []);
});

Deno.test("emitBatch() captures nothing when one event is not valid", async () => {
  const queue = await fakeQueue();
  const wrong = { ...task(1), payload: { wrong: 1 } };
  const outcomes = queue.emitter.emitBatch([task(0), wrong, task(2)]);
  assertEquals(kindsOf(outcomes), ["failed", "quarantined", "failed"]);
  const [first] = outcomes;
  assert(first?.kind === "failed" && first.reason === "batch_invalid");
  const { captured, quarantined } = queue.counts();
  assertEquals([captured, quarantined], [0, 1]);
});

Deno.test("emitBatch() finds the same id twice in one batch", async () => {
  const queue = await fakeQueue();
  const eventId = queue.emitter.newId();
  const one = { ...task(1), eventId };
  const outcomes = queue.emitter.emitBatch([one, one, { ...one, payload: {} }]);
  assertEquals(kindsOf(outcomes), ["captured", "duplicate", "quarantined"]);
  assertEquals(queue.counts().captured, 1);
});

Deno.test("emitBatch() captures all or nothing, whichever change fails", async () => {
  const queue = await fakeQueue();
  const host = await queueHostOf(queue.host);
  let failAt = 0;
  const databases = {
    open: (...args: Parameters<typeof host.databases.open>) =>
      failingDatabase(host.databases.open(...args), {
        code: "no_space",
        change: () => failAt,
      }),
  };
  const options = { root: ROOT, projectId: PROJECT_ID, paths: queue.paths };
  assertEquals(openStore({ ...host, databases }, options).kind, "open");
  const sink = new ProjectSink({ ...host, databases }, {
    ...options,
    limits: queue.limits,
    overflow: "spill",
  });
  const emitter = new Emitter(host, {
    registry: createRegistry(TASK_TYPES),
    sink,
    origin: () => ORIGIN,
    isOff: false,
    warn: () => undefined,
  });
  let expected = 0;
  for (failAt = 1; failAt < 30; failAt++) {
    const kinds = new Set(kindsOf(emitter.emitBatch(tasks(10))));
    if (kinds.has("captured")) expected += 10;
    assertEquals(kinds.size, 1);
    assertEquals(queue.counts().captured, expected);
    assertEquals(queue.counts().liveRows, expected);
    assertEquals(queue.rows("SELECT count(*) AS n FROM events"), [{
      n: expected,
    }]);
  }
  // Ten events are twenty changes; after a failure, the first is tried twice.
  assertEquals(expected, 80);
});

const anyArgs = fc.oneof(
  fc.anything(),
  fc.record({
    aggregateId: fc.oneof(fc.string(), fc.anything()),
    payload: fc.oneof(fc.object(), fc.anything()),
    eventId: fc.oneof(fc.constant(undefined), fc.anything()),
    causationId: fc.oneof(fc.constant(undefined), fc.anything()),
    correlationId: fc.oneof(fc.constant(undefined), fc.anything()),
    timestamp: fc.oneof(fc.constant(undefined), fc.anything()),
    dedupeKey: fc.oneof(fc.constant(undefined), fc.anything()),
  }, { requiredKeys: [] }),
  fc.record({
    aggregateId: fc.string({ unit: "binary", minLength: 1, maxLength: 250 }),
    payload: fc.record({
      text: fc.oneof(fc.string({ unit: "binary" }), fc.anything()),
      name: fc.string(),
      state: fc.anything({
        withNullPrototype: true,
        withBigInt: true,
        withDate: true,
      }),
      value: fc.double(),
    }, { requiredKeys: [] }),
  }),
) as fc.Arbitrary<EventArgs>;

const types = fc.oneof(
  fc.constantFrom(
    "NoteRecorded",
    "StatusObserved",
    "UsageMeasured",
    "TaskChanged",
  ),
  fc.anything() as fc.Arbitrary<string>,
);

/** Every captured event must be one that a server can read. */
function assertReadable(queue: FakeQueue): void {
  const rows = queue.rows<{ body: string; id: string }>(
    "SELECT body, event_id AS id FROM events",
  );
  for (const { body, id } of rows) assertEquals(JSON.parse(body).event_id, id);
}

Deno.test("emit() never throws, whatever it is given, and stores only what is valid", async () => {
  const queue = await fakeQueue();
  fc.assert(
    fc.property(types, anyArgs, (type, args) => {
      const { kind } = queue.emitter.emit(type, args);
      assert(typeof kind === "string");
    }),
    { numRuns: 5000 },
  );
  assertReadable(queue);
  const { captured, coalesced, quarantined } = queue.counts();
  const counts = queue.emitter.counts;
  assertEquals(captured + coalesced, counts.get("captured"));
  assertEquals(quarantined, counts.get("quarantined"));
});

Deno.test("emitBatch() never throws, whatever it is given", async () => {
  const queue = await fakeQueue();
  const items = fc.array(fc.oneof(
    fc.tuple(types, anyArgs).map(([type, args]) =>
      Object.assign({}, args, { type })
    ),
    fc.anything(),
  ));
  fc.assert(
    fc.property(items, (given) => {
      const outcomes = queue.emitter.emitBatch(
        given as ReturnType<typeof tasks>,
      );
      assertEquals(outcomes.length, given.length);
    }),
    { numRuns: 1000 },
  );
  assertReadable(queue);
});

Deno.test.each([
  { name: "nothing", given: undefined },
  { name: "null", given: null },
  { name: "a number", given: 5 },
  { name: "something of a length", given: { length: -1 } },
])("emitBatch() does not throw for $name", async ({ given }) => {
  const queue = await fakeQueue();
  const outcomes = queue.emitter.emitBatch(
    given as unknown as ReturnType<typeof tasks>,
  );
  assert(outcomes.every(({ kind }) => kind === "failed"));
});
