import { assertEquals } from "@std/assert";
import { webReply } from "#support/fake_host.ts";
import type { Verdict } from "../queue/settle.ts";
import { claimedMany } from "#support/played_server.ts";
import { judgeReply, refusalOf, verdictOf } from "./reply_verdict.ts";

type Words = Readonly<Record<string, unknown>>;

const ROWS: readonly { words: Words; verdict: Verdict }[] = [
  { words: { status: "success" }, verdict: { kind: "delivered" } },
  { words: { status: "accepted" }, verdict: { kind: "delivered" } },
  { words: { status: "warning" }, verdict: { kind: "delivered" } },
  { words: { status: "duplicate" }, verdict: { kind: "duplicate" } },
  { words: { status: "queued" }, verdict: { kind: "pending" } },
  { words: { status: "pending" }, verdict: { kind: "pending" } },
  { words: { status: "Success" }, verdict: { kind: "ambiguous" } },
  { words: { status: "levitating" }, verdict: { kind: "ambiguous" } },
  { words: {}, verdict: { kind: "ambiguous" } },
  { words: { status: 200 }, verdict: { kind: "ambiguous" } },
  {
    words: { status: "odd", error: "no idea" },
    verdict: { kind: "ambiguous", error: "no idea" },
  },
  {
    words: { status: "rejected" },
    verdict: { kind: "retry", reason: "unknown" },
  },
  {
    words: { status: "rejected", code: "refused", error: "never" },
    verdict: { kind: "dead", reason: "refused", error: "never" },
  },
  // The text for people decides nothing.
  {
    words: { status: "rejected", error: "invalid token: refused" },
    verdict: {
      kind: "retry",
      reason: "unknown",
      error: "invalid token: refused",
    },
  },
  {
    words: { status: "rejected", error: { deep: true } },
    verdict: { kind: "retry", reason: "unknown" },
  },
  {
    words: { status: "success", code: "refused" },
    verdict: { kind: "delivered" },
  },
];

Deno.test.each(
  ROWS.map((row) => ({ ...row, text: JSON.stringify(row.words) })),
)(
  "verdictOf() $text",
  ({ words, verdict }) => {
    assertEquals(verdictOf(words), verdict);
  },
);

Deno.test.each([
  { code: "schema_mismatch", kind: "retry", reason: "schema_mismatch" },
  { code: "historical_state", kind: "retry", reason: "historical_state" },
  { code: "refused", kind: "dead", reason: "refused" },
  { code: "oversized_event", kind: "dead", reason: "oversized_event" },
  { code: "id_conflict", kind: "dead", reason: "id_conflict" },
  { code: "not_admitted", kind: "parked", reason: "not_admitted" },
  { code: "forbidden", kind: "parked", reason: "forbidden" },
  { code: "workspace_missing", kind: "parked", reason: "workspace_missing" },
  { code: "anything_else", kind: "retry", reason: "unknown" },
  { code: "", kind: "retry", reason: "unknown" },
  { code: undefined, kind: "retry", reason: "unknown" },
  { code: 5, kind: "retry", reason: "unknown" },
])("refusalOf() $code is $kind as $reason", ({ code, kind, reason }) => {
  assertEquals<unknown>(refusalOf(code), { kind, reason });
});

const EVENTS = claimedMany(2);

/** The verdicts of an answer with these results. */
function settle(results: unknown, more: Words = {}) {
  const reply = webReply(200, { results, ...more });
  const verdict = judgeReply(reply, EVENTS, 0);
  if (verdict.kind !== "settled") throw new Error(verdict.kind);
  return verdict;
}

function verdicts(results: unknown): readonly Verdict[] {
  return settle(results).settlements.map(({ verdict }) => verdict);
}

const SUCCESS = { "event_id": "E1", status: "success" };
const DUPLICATE = { "event_id": "E1", status: "duplicate" };
const REFUSED = { "event_id": "E1", status: "rejected", code: "refused" };
const OTHER = { "event_id": "E2", status: "success" };
const OPEN: Verdict = { kind: "ambiguous", error: "conflicting results" };

Deno.test.each([
  { name: "the same word twice", results: [SUCCESS, SUCCESS], is: "delivered" },
  {
    name: "two words for stored",
    results: [SUCCESS, { ...SUCCESS, status: "accepted" }],
    is: "delivered",
  },
  { name: "no result", results: [], is: "ambiguous" },
  {
    name: "a result without an id",
    results: [{ status: "success" }],
    is: "ambiguous",
  },
  { name: "no object", results: [null, 5, "E1", ["E1"]], is: "ambiguous" },
  {
    name: "an id in other letters",
    results: [{ ...SUCCESS, "event_id": "e1" }],
    is: "ambiguous",
  },
])("judgeReply() with $name leaves an event $is", ({ results, is }) => {
  const [first, second] = verdicts([...results, OTHER]);
  assertEquals<unknown>([first?.kind, second?.kind], [is, "delivered"]);
});

Deno.test.each([
  { name: "stored and refused", results: [SUCCESS, REFUSED] },
  { name: "refused and stored", results: [REFUSED, SUCCESS] },
  { name: "stored and known", results: [SUCCESS, DUPLICATE] },
  { name: "three words", results: [SUCCESS, REFUSED, SUCCESS] },
  { name: "refused twice in between", results: [REFUSED, SUCCESS, REFUSED] },
])("judgeReply() takes no side when an event is $name", ({ results }) => {
  assertEquals(verdicts([...results, OTHER]), [OPEN, { kind: "delivered" }]);
});

Deno.test("judgeReply() ignores results of others", () => {
  const foreign = { "event_id": "E9", status: "rejected", code: "refused" };
  const { settlements, rest } = settle([foreign, SUCCESS, OTHER]);
  assertEquals(settlements.map(({ event }) => event), EVENTS);
  assertEquals(rest, []);
});

Deno.test("judgeReply() keeps an id that an object has by itself", () => {
  const [event] = claimedMany(1);
  if (event === undefined) throw new Error("no event");
  for (const eventId of ["__proto__", "constructor"]) {
    const reply = webReply(200, { results: [] });
    const verdict = judgeReply(reply, [{ ...event, eventId }], 0);
    if (verdict.kind !== "settled") throw new Error(verdict.kind);
    assertEquals(verdict.settlements[0]?.verdict, { kind: "ambiguous" });
  }
});

Deno.test.each([
  { clocks: { a: 5, b: 7 }, is: { a: 5, b: 7 } },
  { clocks: { a: "5", b: 7.5, c: null, d: 1e300, e: 3 }, is: { e: 3 } },
  { clocks: [5], is: {} },
  { clocks: null, is: {} },
  { clocks: undefined, is: {} },
])("judgeReply() reads the clocks $clocks as $is", ({ clocks, is }) => {
  const { maxLamport } = settle([], { "max_lamport": clocks });
  assertEquals<unknown>(maxLamport, is);
});
