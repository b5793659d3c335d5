import { assert, assertEquals } from "@std/assert";
import { webReply } from "#support/fake_host.ts";
import { TOKEN } from "#support/fake_receiver.ts";
import type { Exchanged } from "./exchange.ts";
import { claimed, claimedMany } from "#support/played_server.ts";
import { PlayedExchange } from "#support/played_exchange.ts";

function fate({ settlements }: Exchanged, eventId: string): string {
  const found = settlements.find(({ event }) => event.eventId === eventId);
  return found?.verdict.kind ?? "none";
}

const REFUSED = webReply(400, { error: { code: "schema_mismatch" } });

Deno.test("a failure while cutting keeps what was settled before", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  server.answer = (batch) => {
    if (batch.ids.includes("E8")) {
      return batch.ids.length > 4 ? REFUSED : webReply(502);
    }
    return server.store(batch);
  };
  const exchanged = await played.exchange(claimedMany(8));
  assertEquals(server.lines, [
    "E1 E2 E3 E4 E5 E6 E7 E8",
    "E1 E2 E3 E4",
    "E5 E6 E7 E8",
  ]);
  assertEquals(exchanged.stop?.reason, "gateway");
  assertEquals(fate(exchanged, "E1"), "delivered");
  assertEquals(fate(exchanged, "E5"), "unsent");
});

Deno.test("a failure in the left half leaves the right one alone", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  server.answer = ({ ids }) => ids.length === 8 ? REFUSED : webReply(500);
  const exchanged = await played.exchange(claimedMany(8));
  assertEquals(server.batches.length, 2);
  assertEquals(exchanged.stop?.reason, "server_error");
  assertEquals(fate(exchanged, "E8"), "unsent");
});

Deno.test("a token that ends while cutting is refreshed once", async () => {
  const played = new PlayedExchange();
  const { server, tokens } = played;
  server.answer = (batch) => {
    if (batch.ids.length === 4) return REFUSED;
    if (batch.headers["Authorization"] !== "Bearer access-2") {
      return webReply(401);
    }
    return batch.ids.includes("E2") ? REFUSED : server.store(batch);
  };
  const exchanged = await played.exchange(claimedMany(4));
  assertEquals(tokens.refreshed, [TOKEN.accessToken]);
  assertEquals(server.lines, [
    "E1 E2 E3 E4",
    "E1 E2",
    "E1 E2",
    "E1",
    "E2",
    "E3 E4",
  ]);
  assertEquals(fate(exchanged, "E2"), "retry");
  assertEquals(server.stored.size, 3);
  const keys = server.batches.map(({ headers }) => headers["Idempotency-Key"]);
  assertEquals(keys[1], keys[2]);
  // Other events under the same key would be answered for the former ones.
  assertEquals(new Set(keys).size, 5);
});

Deno.test("a size that is too large while cutting leaves that half", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  server.answer = (batch) => {
    if (batch.ids.length === 8) return REFUSED;
    return batch.ids.includes("E1") ? webReply(413) : server.store(batch);
  };
  const exchanged = await played.exchange(claimedMany(8));
  assertEquals(exchanged.tooLarge?.events, 4);
  assertEquals(fate(exchanged, "E1"), "unsent");
  assertEquals(fate(exchanged, "E5"), "delivered");
  assertEquals(server.batches.length, 3);
});

Deno.test("an interruption while cutting leaves the rest ready", async () => {
  const played = new PlayedExchange();
  const { server, abort } = played;
  server.answer = (batch) => {
    if (batch.ids.length === 8) return REFUSED;
    abort.abort();
    return server.store(batch);
  };
  const exchanged = await played.exchange(claimedMany(8));
  assertEquals(exchanged.stop?.reason, "interrupted");
  assertEquals(fate(exchanged, "E1"), "delivered");
  assertEquals(fate(exchanged, "E8"), "unsent");
});

Deno.test("a refusal that names some events sends the others again alone", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  server.answer = (batch) => {
    if (!batch.ids.includes("E2")) return server.store(batch);
    const results = [
      { "event_id": "E2", status: "rejected", code: "refused" },
      { "event_id": "E4", status: "duplicate" },
    ];
    return webReply(400, { results });
  };
  const exchanged = await played.exchange(claimedMany(4));
  assertEquals(server.lines, ["E1 E2 E3 E4", "E1 E3"]);
  assertEquals(
    ["E1", "E2", "E3", "E4"].map((id) => fate(exchanged, id)),
    ["delivered", "dead", "delivered", "duplicate"],
  );
});

Deno.test("a refusal whose results name nobody is cut like one without", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  server.answer = (batch) =>
    batch.ids.includes("E3")
      ? webReply(422, { results: [{ "event_id": "E9", status: "rejected" }] })
      : server.store(batch);
  const exchanged = await played.exchange(claimedMany(4));
  assertEquals(fate(exchanged, "E3"), "retry");
  assertEquals(server.stored.size, 3);
});

Deno.test("409 with results is about the events that it names", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  server.answer = (batch) =>
    batch.ids.includes("E1")
      ? webReply(409, {
        results: [{
          "event_id": "E1",
          status: "rejected",
          code: "id_conflict",
        }],
      })
      : server.store(batch);
  const exchanged = await played.exchange(claimedMany(3));
  assertEquals(server.lines, ["E1 E2 E3", "E2 E3"]);
  assertEquals(fate(exchanged, "E1"), "dead");
  assertEquals(fate(exchanged, "E2"), "delivered");
});

Deno.test("a result that is missing never counts as delivered", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  server.answer = ({ ids }) =>
    webReply(200, {
      results: ids.slice(1).map((id) => ({
        "event_id": id,
        status: "success",
      })),
    });
  const exchanged = await played.exchange(claimedMany(3));
  assertEquals(fate(exchanged, "E1"), "ambiguous");
  assertEquals(fate(exchanged, "E2"), "delivered");
});

Deno.test("a creation goes with the change behind it while cutting", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  server.refuse(["E4"]);
  const events = claimedMany(4).map((event) =>
    event.seq === 2 || event.seq === 3
      ? claimed(event.seq, {
        lane: "task",
        orderRole: event.seq === 2 ? "create" : "update",
      })
      : event
  );
  await played.exchange(events);
  assertEquals(server.lines, ["E1 E2 E3 E4", "E1 E2 E3", "E4"]);
});

Deno.test("the clocks of all answers are kept", async () => {
  const played = new PlayedExchange();
  const { server } = played;
  const clocks: Record<string, number> = {};
  server.answer = (batch) => {
    if (batch.ids.length === 4) return REFUSED;
    clocks[`node-${batch.ids[0]}`] = batch.ids.length;
    const results = batch.ids.map((id) => ({
      "event_id": id,
      status: "success",
    }));
    const max = { [`node-${batch.ids[0]}`]: batch.ids.length };
    return webReply(200, { results, "max_lamport": max });
  };
  const { maxLamport, http } = await played.exchange(claimedMany(4));
  assertEquals(maxLamport, clocks);
  assert(Object.keys(clocks).length === 2);
  assertEquals(http, 200);
});
