import { assertEquals, assertThrows } from "@std/assert";
import { openMemory } from "#support/receiver.ts";
import type { EnvelopeVerdict } from "./envelope.ts";
import {
  countEvents,
  findStored,
  prepareEventTables,
  readBodies,
  readCursor,
  readMaxLamport,
  readWatermark,
  storeBatch,
} from "./event_store.ts";
import { hashText } from "./hash_text.ts";

const HERE = { workspace: "here", receivedAt: 1 };

function events(count: number, lamport = 1, nodeId = "n"): EnvelopeVerdict[] {
  return Array.from({ length: count }, (_, at) => ({
    kind: "valid",
    event: {
      eventId: `${nodeId}-${lamport + at}`,
      eventType: "TaskMoved",
      projectUuid: "p",
      nodeId,
      lamportClock: lamport + at,
      body: `{"at":${lamport + at}}`,
    },
  }));
}

function open() {
  const db = openMemory();
  prepareEventTables(db);
  return db;
}

// Rows are written ten at once, so the sizes around that matter.
Deno.test.each([{ count: 0 }, { count: 1 }, { count: 9 }, { count: 10 }, {
  count: 11,
}, { count: 25 }])(
  "storeBatch() stores $count events in order",
  ({ count }) => {
    using db = open();
    const { results } = storeBatch(db, events(count), HERE);
    assertEquals(results.length, count);
    assertEquals(countEvents(db), count);
    assertEquals(readCursor(db), count);
    const bodies = Array.from({ length: count }, (_, at) => `{"at":${at + 1}}`);
    assertEquals(readBodies(db), bodies);
  },
);

Deno.test("storeBatch() stores all of a batch or nothing", () => {
  using db = open();
  db.exec(`CREATE TRIGGER full BEFORE INSERT ON events
    WHEN NEW.event_id = 'n-12' BEGIN SELECT RAISE(ABORT, 'full'); END`);
  assertThrows(() => storeBatch(db, events(20), HERE), Error, "full");
  assertEquals(countEvents(db), 0);
  assertEquals(readWatermark(db, "here", "p"), {});
});

Deno.test("readWatermark() counts each node once for each event", () => {
  using db = open();
  storeBatch(db, events(5), HERE);
  storeBatch(db, events(3), HERE);
  storeBatch(db, events(2, 40, "m"), HERE);
  storeBatch(db, events(2, 8), HERE);
  storeBatch(db, events(2, 90), { ...HERE, workspace: "there" });
  assertEquals(readWatermark(db, "here", "p"), {
    n: { "max_lamport": 9, "event_count": 7 },
    m: { "max_lamport": 41, "event_count": 2 },
  });
  assertEquals(readMaxLamport(db, "here", "p"), { n: 9, m: 41 });
  assertEquals(readWatermark(db, "here", "q"), {});
});

Deno.test.each([
  { workspace: "here", projectUuid: "p", found: 2 },
  { workspace: "here", projectUuid: "q", found: 0 },
  { workspace: "there", projectUuid: "p", found: 0 },
])("findStored() in $workspace and $projectUuid finds $found", (row) => {
  using db = open();
  storeBatch(db, events(3), HERE);
  const ids = ["n-1", "n-3", "n-4"];
  const wanted = { projectUuid: row.projectUuid, ids };
  const found = findStored(db, row.workspace, wanted);
  assertEquals(found.length, row.found);
  if (row.found > 0) assertEquals(found[0]?.sha256, hashText('{"at":1}'));
});
