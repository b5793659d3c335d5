import { assert, assertEquals } from "@std/assert";
import type { Settlement } from "./job.ts";
import { tenantKeys } from "./redis_keys.ts";
import {
  dueScore,
  fetchFrom,
  outcomeOf,
  type Places,
  stateOf,
  toEvent,
} from "./redis_steps.ts";
import { Ticks } from "./redis_ticks.ts";

Deno.test.each<{ kinds: Settlement["kind"][]; is: number }>([
  { kinds: [], is: 0 },
  { kinds: ["complete", "dead"], is: 0 },
  { kinds: ["complete", "return", "dead", "complete"], is: 2 },
  { kinds: ["retry", "complete", "retry"], is: 3 },
])("fetchFrom() waits for jobs that come back: $kinds", ({ kinds, is }) => {
  assertEquals(fetchFrom(kinds.map((kind) => ({ kind }))), is);
});

const DEDUPE = { key: "k", mode: "replace", ttlMs: undefined } as const;

Deno.test.each(
  [
    {
      text: "a new job",
      dedupe: undefined,
      found: { wasThere: false, holder: undefined, id: "a" },
      is: { id: "a", status: "enqueued" },
    },
    {
      text: "a job whose id is there",
      dedupe: undefined,
      found: { wasThere: true, holder: undefined, id: "a" },
      is: { id: "a", status: "duplicate" },
    },
    {
      text: "a job whose key is held",
      dedupe: DEDUPE,
      found: { wasThere: false, holder: "b", id: "b" },
      is: { id: "b", status: "duplicate" },
    },
    {
      text: "a job that took another's place",
      dedupe: DEDUPE,
      found: { wasThere: false, holder: "b", id: "a" },
      is: { id: "a", status: "replaced" },
    },
    {
      text: "a job with a free key",
      dedupe: DEDUPE,
      found: { wasThere: false, holder: undefined, id: "a" },
      is: { id: "a", status: "enqueued" },
    },
  ] as const,
)("outcomeOf() names $text", ({ dedupe, found, is }) => {
  assertEquals(outcomeOf({ id: "a", dedupe }, found), is);
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
  { fields: { event: "added", jobId: "a" }, last: undefined, is: "enqueued" },
  { fields: { event: "active", jobId: "a" }, last: undefined, is: "started" },
  { fields: { event: "delayed", jobId: "a" }, last: "b", is: "retried" },
  { fields: { event: "delayed", jobId: "a" }, last: "a", is: undefined },
  { fields: { event: "failed", jobId: "a" }, last: undefined, is: "dead" },
  {
    fields: { event: "removed", jobId: "a", prev: "waiting" },
    last: undefined,
    is: "cancelled",
  },
  {
    fields: { event: "removed", jobId: "a", prev: "delayed" },
    last: undefined,
    is: undefined,
  },
  { fields: { event: "waiting", jobId: "a" }, last: undefined, is: undefined },
  { fields: { event: "drained" }, last: undefined, is: undefined },
])("toEvent() gives $is for $fields", ({ fields, last, is }) => {
  const event = toEvent("q", new Map(Object.entries(fields)), last);
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
