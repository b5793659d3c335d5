import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Settlement } from "./job.ts";
import { ADDED } from "./redis_add_script.ts";
import { readRules } from "./redis_codec.ts";
import { tenantKeys } from "./redis_keys.ts";
import {
  dueScore,
  inBatches,
  inSteps,
  outcomeOf,
  type Places,
  resultOf,
  stateOf,
  toEvent,
  toExchanged,
} from "./redis_steps.ts";
import { Ticks } from "./redis_ticks.ts";

Deno.test.each([
  { answer: ADDED.enqueued, is: { id: "a", status: "enqueued" } as const },
  { answer: ADDED.replaced, is: { id: "a", status: "replaced" } as const },
  { answer: "a", is: { id: "a", status: "duplicate" } as const },
  { answer: "b", is: { id: "b", status: "duplicate" } as const },
])("outcomeOf() is $is for $answer", ({ answer, is }) => {
  assertEquals(outcomeOf("a", answer), is);
});

Deno.test.each<{ lengths: number[]; is: number[][] }>([
  { lengths: [], is: [] },
  { lengths: [1], is: [[1]] },
  { lengths: [1, 2, 3, 1], is: [[1, 2, 3], [1]] },
  { lengths: [9, 1, 1], is: [[9, 1], [1]] },
  { lengths: [11, 1, 11, 12], is: [[11], [1], [11], [12]] },
])("inSteps() cuts $lengths into $is", ({ lengths, is }) => {
  const jobs = lengths.map((length) => ({ body: "x".repeat(length) }));
  const steps = inSteps(jobs, 3, 10);
  assertEquals(steps.map((some) => some.map(({ body }) => body.length)), is);
});

function ending(queue: string, id: string): Settlement {
  const claim = { queue, id, token: "t", body: "1", attempts: 0, createdAt: 1 };
  const rules = readRules("[1]");
  return { kind: "return", claim: { ...claim, rules } };
}

Deno.test("inBatches() keeps queues apart and their jobs in order", () => {
  const all = ["q1", "r1", "q2", "q3", "r2"]
    .map((id) => ending(id.slice(0, 1), id));
  const batches = inBatches(all, 2).map(({ queue, settlements, places }) => [
    queue,
    settlements.map(({ claim }) => claim.id),
    places,
  ]);
  assertEquals(batches, [
    ["q", ["q1", "q2"], [0, 2]],
    ["r", ["r1", "r2"], [1, 4]],
    ["q", ["q3"], [3]],
  ]);
  assertEquals(inBatches([], 2), []);
});

Deno.test.each([
  { code: 0, is: "settled" },
  { code: -1, is: "lost" },
  { code: -2, is: "lost" },
  { code: -3, is: "lost" },
  { code: -6, is: "lost" },
])("resultOf() is $is for $code", ({ code, is }) => {
  assertEquals(resultOf(code), is);
});

Deno.test.each([{ code: -4 }, { code: null }, { code: "1" }])(
  "resultOf() does not know $code",
  ({ code }) => {
    assertThrows(() => resultOf(code), TypeError, String(code));
  },
);

Deno.test("toExchanged() reads each job that was claimed", () => {
  const one = ["a", "1", "[5]", "1000", null];
  const two = ["b", "2", "[5]", "1001", "3"];
  assertEquals(toExchanged([[0, -2], [...one, ...two], null]), {
    codes: [0, -2],
    taken: [one, two],
    nextAt: undefined,
  });
  assertEquals(toExchanged([[], [], 1_500]).nextAt, 1_500);
  assertEquals(toExchanged([[], [], 0]).nextAt, undefined);
  assertThrows(() => toExchanged("OK"), TypeError);
});

const NOWHERE: Places = {
  ready: null,
  scheduled: null,
  completed: null,
  dead: null,
};

Deno.test.each<{ places: Partial<Places>; is: string }>([
  { places: {}, is: "active" },
  { places: { ready: "5" }, is: "ready" },
  { places: { completed: "5" }, is: "completed" },
  { places: { dead: "5" }, is: "dead" },
  { places: { scheduled: `${dueScore(1_000)}` }, is: "ready" },
  { places: { scheduled: `${dueScore(1_000) + 1}` }, is: "scheduled" },
])("stateOf() is $is for $places", ({ places, is }) => {
  assertEquals(stateOf({ ...NOWHERE, ...places }, 1_000), is);
});

Deno.test.each([
  { fields: { event: "added", jobId: "a" }, is: "enqueued" },
  { fields: { event: "active", jobId: "a" }, is: "started" },
  { fields: { event: "delayed", jobId: "a" }, is: "retried" },
  { fields: { event: "failed", jobId: "a" }, is: "dead" },
  {
    fields: { event: "removed", jobId: "a", prev: "waiting" },
    is: "cancelled",
  },
  { fields: { event: "removed", jobId: "a", prev: "delayed" }, is: undefined },
  { fields: { event: "waiting", jobId: "a" }, is: undefined },
  { fields: { event: "drained" }, is: undefined },
])("toEvent() gives $is for $fields", ({ fields, is }) => {
  const event = toEvent("q", new Map(Object.entries(fields)));
  assertEquals(event?.kind, is);
  if (event !== undefined) assertEquals([event.queue, event.id], ["q", "a"]);
});

Deno.test("next() grows within a millisecond and over them", () => {
  const ticks = new Ticks();
  const times = [5, 5, 4, 6, 6].map((now) => ticks.next(now));
  assertEquals(times, [5, 5 + 1 / 4096, 5 + 2 / 4096, 6, 6 + 1 / 4096]);
});

Deno.test("next() stays within its millisecond", () => {
  const ticks = new Ticks();
  let last = 0;
  for (let n = 0; n < 5_000; n++) last = ticks.next(1_795_000_000_000);
  assertEquals(Math.floor(last), 1_795_000_000_000);
});

Deno.test("tenantKeys() keeps tenants apart and together", () => {
  const { prefix, ...keys } = tenantKeys("acme");
  assertEquals(prefix, "reeve:{acme}");
  for (const key of Object.values(keys)) {
    assert(key.startsWith("reeve:{acme}::"));
  }
});
