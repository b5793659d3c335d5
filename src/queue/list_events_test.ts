import { assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { fillQueue, openQueue } from "#support/full_queue.ts";
import { queueHostOf } from "#support/fake_queue.ts";
import { ROOT } from "#support/tasks.ts";
import { countQueue } from "./counts.ts";
import {
  EVENT_STATES,
  type EventFilter,
  listEvents,
  readEvents,
  sumEvents,
} from "./list_events.ts";

async function makeFull() {
  const fake = createFakeHost();
  const host = { ...await queueHostOf(fake), clock: fake.clock };
  const queue = openQueue(host, ROOT);
  await fillQueue(queue);
  return queue;
}

const sumOf = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((sum, n) => sum + n, 0);

Deno.test("sumEvents() agrees with countQueue()", async () => {
  const { host, store } = await makeFull();
  const sums = sumEvents(store, {});
  const counts = countQueue(host, store);
  const count = (state: (typeof EVENT_STATES)[number]) =>
    sums.get(state)?.count ?? 0;
  assertEquals({
    ready: count("ready"),
    inflight: count("inflight"),
    retry: count("retry"),
    pendingRemote: count("pending_remote"),
    parked: count("parked"),
    dead: count("dead"),
    skipped: count("skipped"),
  }, {
    ready: counts.ready,
    inflight: counts.inflight,
    retry: counts.retry,
    pendingRemote: counts.pendingRemote,
    parked: sumOf(counts.parked),
    dead: sumOf(counts.dead),
    skipped: counts.skipped,
  });
  const bytes = [...sums.values()].reduce((sum, one) => sum + one.bytes, 0);
  assertEquals(bytes, counts.liveBytes);
});

Deno.test.each(EVENT_STATES.map((state) => ({ state })))(
  "listEvents() lists only $state ones",
  async ({ state }) => {
    const { store } = await makeFull();
    const rows = listEvents(store, { states: [state] }, { limit: 1000 });
    assertEquals(rows.length, sumEvents(store, {}).get(state)?.count);
    assertEquals(new Set(rows.map((row) => row.state)), new Set([state]));
  },
);

Deno.test("listEvents() gives pages that make up the whole", async () => {
  const { store } = await makeFull();
  const all = listEvents(store, {}, { limit: 1000 });
  const found: number[] = [];
  while (true) {
    const page = listEvents(store, {}, { after: found.at(-1) ?? 0, limit: 7 });
    found.push(...page.map(({ seq }) => seq));
    if (page.length < 7) break;
  }
  assertEquals(found, all.map(({ seq }) => seq));
});

Deno.test("listEvents() combines conditions", async () => {
  const { store } = await makeFull();
  const [, middle] = listEvents(store, { type: "TaskChanged" }, { limit: 40 })
    .map(({ captured_at: at }) => at).toSpliced(0, 20);
  const find = (filter: EventFilter) =>
    listEvents(store, filter, { limit: 1000 });
  const changed = find({ type: "TaskChanged" }).length;
  const before = find({ type: "TaskChanged", untilMs: middle ?? 0 }).length;
  const since = find({ type: "TaskChanged", sinceMs: middle ?? 0 }).length;
  assertEquals(before + since, changed);
  const refused = find({ reason: "refused" });
  assertEquals(
    new Set(refused.map((row) => row.state)),
    new Set(["dead", "skipped"]),
  );
  assertEquals(find({ toSeq: 0 }), []);
  const id = refused[0]?.event_id ?? "";
  assertEquals(find({ ids: [id] }).map((row) => row.event_id), [id]);
});

Deno.test("readEvents() gives bodies where they still are", async () => {
  const { store } = await makeFull();
  for (const row of readEvents(store, {}, { limit: 1000 })) {
    assertEquals(row.body !== null, row.is_live === 1);
  }
});
