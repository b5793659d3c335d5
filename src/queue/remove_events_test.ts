import { assertEquals } from "@std/assert";
import { fakeQueue } from "#support/fake_queue.ts";
import { readAudit } from "./audit.ts";
import {
  NOTHING_REMOVED,
  type Removable,
  REMOVABLE_COLUMNS,
  removeEvents,
} from "./remove_events.ts";

const entry = { actor: "ada", action: "purge", details: {}, nowMs: 7 } as const;

Deno.test("removeEvents() keeps the books", async () => {
  const queue = await fakeQueue();
  for (let at = 1; at <= 3; at++) queue.change(`t${at}`);
  const rows = queue.rows<Removable>(
    `SELECT ${REMOVABLE_COLUMNS} FROM events e
       LEFT JOIN deliveries d ON d.seq = e.seq WHERE e.seq != 2`,
  );
  const { store } = queue;
  const removed = store.db.transaction(() => removeEvents(store, rows, entry));
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
  assertEquals(removed, { count: 2, bytes });
  const meta = queue.meta();
  assertEquals([meta["removed"], meta["released"], meta["live_rows"]], [
    2,
    2,
    1,
  ]);
  const [audit] = readAudit(store, 1);
  assertEquals(JSON.parse(audit?.details ?? ""), {
    removed: 2,
    delivered: 0,
    coalesced: 0,
    bytes,
    "seq_from": 1,
    "seq_to": 3,
  });
});

Deno.test("removeEvents() of nothing says nothing", async () => {
  const { store } = await fakeQueue();
  assertEquals(removeEvents(store, [], entry), NOTHING_REMOVED);
  assertEquals(readAudit(store, 1), []);
});
