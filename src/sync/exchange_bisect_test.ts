import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { webReply } from "#support/fake_host.ts";
import type { ClaimedEvent } from "../queue/claim.ts";
import { BISECT_BUDGET, type Exchanged } from "./exchange.ts";
import { claimed, claimedMany } from "#support/played_server.ts";
import { PlayedExchange } from "#support/played_exchange.ts";

/** Ids by what became of them, as `kind` or `kind reason`. */
function fates({ settlements }: Exchanged): Record<string, string[]> {
  const ids: Record<string, string[]> = {};
  for (const { event, verdict } of settlements) {
    const reason = "reason" in verdict ? ` ${verdict.reason}` : "";
    (ids[verdict.kind + reason] ??= []).push(event.eventId);
  }
  return ids;
}

function bound(count: number): number {
  return 2 * Math.ceil(Math.log2(count)) + 1;
}

Deno.test.each([1, 2, 3, 7, 64, 100, 1000])(
  "one culprit in %i is found within its bound, wherever it is",
  async (count) => {
    const step = Math.max(1, Math.floor(count / 23));
    for (let at = 1; at <= count; at += step) {
      const played = new PlayedExchange();
      const { server } = played;
      server.refuse([`E${at}`]);
      const exchanged = await played.exchange(claimedMany(count));
      assertEquals(fates(exchanged)["retry schema_mismatch"], [`E${at}`]);
      assertEquals(server.stored.size, count - 1);
      assert(server.batches.length <= bound(count), `${server.batches.length}`);
      assertEquals(exchanged.stop, undefined);
      assertEquals(server.duplicates, 0);
    }
  },
);

Deno.test("some culprits in many cost only themselves", async () => {
  const some = fc.uniqueArray(fc.integer({ min: 1, max: 200 }), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(some, fc.integer({ min: 200, max: 300 }), check),
    { numRuns: 40 },
  );
});

async function check(culprits: readonly number[], count: number) {
  const played = new PlayedExchange();
  const { server } = played;
  server.refuse(culprits.map((at) => `E${at}`));
  const exchanged = await played.exchange(claimedMany(count));
  const refused = culprits.toSorted((a, b) => a - b).map((at) => `E${at}`);
  assertEquals(fates(exchanged)["retry schema_mismatch"], refused);
  assertEquals(server.stored.size, count - culprits.length);
  assert(server.batches.length <= culprits.length * bound(count));
  assertEquals(server.duplicates, 0);
}

Deno.test("all culprits end at the budget and the rest stays ready", async () => {
  const played = new PlayedExchange();
  const { server, state } = played;
  server.answer = () => webReply(400);
  const exchanged = await played.exchange(claimedMany(1000));
  assert(exchanged.stop !== undefined && !exchanged.stop.isFailure);
  assertEquals(exchanged.stop.reason, "bisect_budget");
  assertEquals(server.batches.length, 1 + BISECT_BUDGET);
  const { "retry unknown": refused = [], unsent = [] } = fates(exchanged);
  assertEquals(refused.length + unsent.length, 1000);
  assert(refused.length > 0 && refused.length <= BISECT_BUDGET);
  // The next batch of the pass may be sent once, but not cut.
  const again = await played.exchange([claimed(2001), claimed(2002)]);
  assertEquals(again.stop?.reason, "bisect_budget");
  assertEquals(fates(again), { unsent: ["E2001", "E2002"] });
  assertEquals(server.batches.length, 2 + BISECT_BUDGET);
  assertEquals(state.report.requests, server.batches.length);
});

Deno.test("the budget is shared by all batches of a pass", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  server.answer = () => webReply(400);
  for (let at = 0; at < 20; at++) await played.exchange(claimedMany(4));
  assertEquals(server.batches.length, 20 + BISECT_BUDGET);
});

/** What is wrong with an event, if its place is one of these. */
function wrongAt(...places: readonly number[]) {
  return ({ seq }: ClaimedEvent) =>
    places.includes(seq) ? `payload.n of ${seq} must be text` : undefined;
}

Deno.test("an event that breaks our own rules is found without a cut", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  server.refuse(["E7", "E9"]);
  const findInvalid = wrongAt(7, 9);
  const exchanged = await played.exchange(claimedMany(50), { findInvalid });
  assertEquals(server.batches.length, 2);
  assertEquals(fates(exchanged)["retry schema_mismatch"], ["E7", "E9"]);
  assertEquals(exchanged.settlements[6]?.verdict, {
    kind: "retry",
    reason: "schema_mismatch",
    error: "payload.n of 7 must be text",
  });
  assertEquals(server.stored.size, 48);
});

Deno.test("our own rules are not asked about what the server takes", async () => {
  const played = new PlayedExchange();
  const findInvalid = wrongAt(1);
  const exchanged = await played.exchange(claimedMany(2), { findInvalid });
  assertEquals(fates(exchanged), { delivered: ["E1", "E2"] });
});

Deno.test("nothing is sent when all break our own rules", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  server.refuse(["E1"]);
  const findInvalid = wrongAt(1, 2);
  const exchanged = await played.exchange(claimedMany(2), { findInvalid });
  assertEquals(fates(exchanged), { "retry schema_mismatch": ["E1", "E2"] });
  assertEquals(server.batches.length, 1);
});

Deno.test("our own rules cost one request at most when they are wrong", async () => {
  for (let at = 1; at <= 64; at += 9) {
    const played = new PlayedExchange();
    const { server } = played;
    const findInvalid = wrongAt(at === 30 ? 31 : 30);
    server.refuse([`E${at}`]);
    const exchanged = await played.exchange(claimedMany(64), { findInvalid });
    const { "retry schema_mismatch": refused = [] } = fates(exchanged);
    assert(refused.includes(`E${at}`));
    assertEquals(refused.length, 2);
    assert(server.batches.length <= bound(64) + 1);
  }
});

Deno.test.each([
  { status: 405, code: undefined, fate: "retry unknown" },
  { status: 418, code: "schema_mismatch", fate: "retry schema_mismatch" },
  { status: 451, code: "refused", fate: "dead refused" },
  { status: 402, code: "forbidden", fate: "parked forbidden" },
])("$status cuts once, then refuses what is left as $fate", async (row) => {
  const played = new PlayedExchange();
  const { server } = played;
  const error = row.code === undefined ? {} : { error: { code: row.code } };
  server.answer = () => webReply(row.status, error);
  const findInvalid = wrongAt(1);
  const exchanged = await played.exchange(claimedMany(8), { findInvalid });
  assertEquals(server.batches.map(({ ids }) => ids.length), [8, 4, 4]);
  assertEquals(fates(exchanged)[row.fate]?.length, 8);
});

Deno.test("another status that is about one half leaves the other alone", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  server.refuse(["E7"], 418);
  const exchanged = await played.exchange(claimedMany(8));
  assertEquals(server.stored.size, 4);
  assertEquals(fates(exchanged)["retry schema_mismatch"]?.length, 4);
});

Deno.test("409 without results finds the event and makes it a dead letter", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  server.answer = (batch) =>
    batch.ids.includes("E3") ? webReply(409) : server.store(batch);
  const exchanged = await played.exchange(claimedMany(8));
  assertEquals(fates(exchanged)["dead id_conflict"], ["E3"]);
  assertEquals(server.stored.size, 7);
});
