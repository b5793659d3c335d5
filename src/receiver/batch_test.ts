import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { judgeBatch, parseBatch } from "./batch.ts";
import type { EnvelopeVerdict } from "./envelope.ts";

function valid(eventId: string, body = eventId): EnvelopeVerdict {
  return {
    kind: "valid",
    event: {
      eventId,
      eventType: "TaskMoved",
      projectUuid: "p",
      nodeId: "n",
      lamportClock: 1,
      body,
    },
  };
}

const refused: EnvelopeVerdict = {
  kind: "refused",
  eventId: "r",
  code: "schema_mismatch",
  error: "x: is missing",
};

Deno.test.each([
  { name: "new", verdicts: [valid("a")], stored: {}, says: ["success"] },
  {
    name: "known",
    verdicts: [valid("a")],
    stored: { a: "a" },
    says: ["duplicate"],
  },
  {
    name: "known as other content",
    verdicts: [valid("a", "b")],
    stored: { a: "a" },
    says: ["id_conflict"],
  },
  {
    name: "twice in the batch",
    verdicts: [valid("a"), valid("a")],
    stored: {},
    says: ["success", "duplicate"],
  },
  {
    name: "twice with other content",
    verdicts: [valid("a"), valid("a", "b")],
    stored: {},
    says: ["success", "id_conflict"],
  },
  {
    name: "beside a refused one",
    verdicts: [refused, valid("a")],
    stored: {},
    says: ["schema_mismatch", "success"],
  },
])("judgeBatch() of an event that is $name says $says", (row) => {
  const stored = new Map(Object.entries<string>(row.stored));
  const { fresh, results } = judgeBatch(row.verdicts, stored);
  assertEquals(results.map(({ code, status }) => code ?? status), [
    ...row.says,
  ]);
  const successes = row.says.filter((word) => word === "success").length;
  assertEquals(fresh.length, successes);
});

Deno.test("judgeBatch() gives each event one result and stores no id twice", () => {
  const events = fc.array(fc.tuple(
    fc.constantFrom("a", "b", "c"),
    fc.constantFrom("1", "2"),
  ));
  const known = fc.dictionary(
    fc.constantFrom("a", "b", "c"),
    fc.constantFrom("1", "2"),
  );
  fc.assert(fc.property(events, known, (pairs, stored) => {
    const verdicts = pairs.map(([id, body]) => valid(id, body));
    const map = new Map(Object.entries(stored));
    const { fresh, results } = judgeBatch(verdicts, map);
    assertEquals(results.map((one) => one.event_id), pairs.map(([id]) => id));
    const ids = fresh.map(({ eventId }) => eventId);
    assertEquals(new Set(ids).size, ids.length);
    assertEquals(ids.filter((id) => map.has(id)), []);
  }));
});

Deno.test.each([
  { events: undefined, reason: "events: must be a list" },
  { events: {}, reason: "events: must be a list" },
  { events: [1], reason: "events[0].event_id: not a ULID" },
  { events: [{ "event_id": 7 }], reason: "events[0].event_id: not a ULID" },
])("parseBatch() of $events is broken: $reason", ({ events, reason }) => {
  assertEquals(parseBatch(events), { kind: "broken", reason });
});

Deno.test("parseBatch() takes an empty batch", () => {
  assertEquals(parseBatch([]), { kind: "events", verdicts: [] });
});
