import { assert, assertEquals } from "@std/assert";
import { webReply } from "#support/fake_host.ts";
import { TOKEN } from "#support/fake_receiver.ts";
import type { Exchanged } from "./exchange.ts";
import { claimedMany } from "#support/played_server.ts";
import { PlayedExchange } from "#support/played_exchange.ts";

function kinds({ settlements }: Exchanged): readonly string[] {
  return settlements.map(({ verdict }) => verdict.kind);
}

Deno.test("exchangeBatch() settles each event with one request", async () => {
  const played = new PlayedExchange();
  const events = claimedMany(3);
  const exchanged = await played.exchange(events);
  assertEquals(kinds(exchanged), ["delivered", "delivered", "delivered"]);
  assertEquals(exchanged.settlements.map(({ event }) => event), events);
  assertEquals(exchanged.stop, undefined);
  assertEquals(exchanged.http, 200);
  const { report } = played.state;
  assertEquals([report.requests, played.server.lines], [1, ["E1 E2 E3"]]);
  assertEquals(report.bytes, played.server.batches[0]?.text.length);
});

Deno.test("exchangeBatch() sends the stored bytes as they are", async () => {
  const played = new PlayedExchange();
  const body = '{"event_id":"E1","odd":1.50,"text":"\\u00e9"}';
  const [event] = claimedMany(1);
  assert(event !== undefined);
  await played.exchange([{ ...event, body }]);
  assertEquals(played.server.batches[0]?.text, `{"events":[${body}]}`);
});

Deno.test("a rejected token is refreshed once and the same bytes go again", async () => {
  const played = new PlayedExchange();
  const { server, tokens } = played;
  server.answer = (batch) =>
    batch.headers["Authorization"] === "Bearer access-1"
      ? webReply(401)
      : server.store(batch);
  const exchanged = await played.exchange(claimedMany(2));
  assertEquals(kinds(exchanged), ["delivered", "delivered"]);
  assertEquals(tokens.refreshed, ["access-1"]);
  const [first, second] = server.batches;
  assertEquals(first?.text, second?.text);
  const keys = server.batches.map(({ headers }) => headers["Idempotency-Key"]);
  assertEquals(keys, ["batch-1", "batch-1"]);
  const ids = server.batches.map(({ headers }) => headers["X-Request-Id"]);
  assertEquals(new Set(ids).size, 2);
  assertEquals(played.state.token.accessToken, "access-2");
  assertEquals(played.state.report.requests, 2);
});

Deno.test("a second rejection stops the pass and settles nothing", async () => {
  const played = new PlayedExchange();
  played.server.answer = () => webReply(401);
  const exchanged = await played.exchange(claimedMany(2));
  assertEquals(kinds(exchanged), ["unsent", "unsent"]);
  const { stop } = exchanged;
  assertEquals<unknown>([stop?.reason, stop?.isFailure], [
    "auth_required",
    true,
  ]);
  assertEquals(played.tokens.refreshed, ["access-1"]);
  assertEquals(played.server.batches.length, 2);
  // The next batch of the pass refreshes nothing.
  await played.exchange(claimedMany(1));
  assertEquals(played.tokens.refreshed, ["access-1"]);
});

Deno.test.each(
  [
    { reason: "auth_required", isFailure: true },
    { reason: "auth_unreadable", isFailure: false },
    { reason: "transient", isFailure: true },
    { reason: "workspace_missing", isFailure: false },
  ] as const,
)("a refresh that ends with $reason stops the pass", async (row) => {
  const { reason, isFailure } = row;
  const played = new PlayedExchange();
  played.server.answer = () => webReply(401);
  played.tokens.next = () => ({ reason, detail: "so it is" });
  const exchanged = await played.exchange(claimedMany(2));
  assertEquals(kinds(exchanged), ["unsent", "unsent"]);
  assertEquals(exchanged.stop, {
    reason,
    detail: "so it is",
    isFailure,
  });
  assertEquals(played.server.batches.length, 1);
});

Deno.test.each([
  { name: "another person", change: { account: "bob" } },
  { name: "another workspace", change: { workspace: "other" } },
  { name: "another server", change: { server: "http://127.0.0.1:1" } },
])("a refresh that gives $name sends them nothing", async ({ change }) => {
  const played = new PlayedExchange();
  played.server.answer = () => webReply(401);
  played.tokens.next = () => ({ ...TOKEN, accessToken: "bobs", ...change });
  const exchanged = await played.exchange(claimedMany(2));
  assertEquals(kinds(exchanged), ["unsent", "unsent"]);
  const { stop } = exchanged;
  assertEquals<unknown>([stop?.reason, stop?.isFailure], ["transient", false]);
  assertEquals(played.server.batches.length, 1);
  assertEquals(played.state.token, TOKEN);
});

Deno.test.each([
  { status: 403, reason: "forbidden", isFailure: false },
  { status: 404, reason: "endpoint_missing", isFailure: false },
  { status: 412, reason: "protocol", isFailure: false },
  { status: 302, reason: "redirected", isFailure: false },
  { status: 429, reason: "throttled", isFailure: true },
  { status: 500, reason: "server_error", isFailure: true },
  { status: 502, reason: "gateway", isFailure: true },
  { status: 408, reason: "timeout", isFailure: true },
])("$status stops with $reason after one request", async (row) => {
  const played = new PlayedExchange();
  played.server.answer = () => webReply(row.status);
  const exchanged = await played.exchange(claimedMany(4));
  const { stop, tooLarge } = exchanged;
  assertEquals<unknown>(
    [stop?.reason, stop?.isFailure],
    [row.reason, row.isFailure],
  );
  assertEquals(new Set(kinds(exchanged)), new Set(["unsent"]));
  assertEquals([played.server.batches.length, tooLarge], [1, undefined]);
});

Deno.test("a stop tells how long the server wants to be left alone", async () => {
  const played = new PlayedExchange();
  played.server.answer = () => webReply(503, "", { "retry-after": "9" });
  const { stop } = await played.exchange(claimedMany(1));
  assertEquals([stop?.reason, stop?.retryAfterMs], ["throttled", 9000]);
});

Deno.test("a request that is interrupted settles nothing", async () => {
  const played = new PlayedExchange();
  played.server.answer = () => new Promise(() => {});
  const exchanging = played.exchange(claimedMany(2));
  await played.world.advance(10);
  played.abort.abort();
  const exchanged = await exchanging;
  assertEquals(kinds(exchanged), ["unsent", "unsent"]);
  assertEquals(exchanged.stop, {
    reason: "interrupted",
    detail: "",
    isFailure: false,
  });
});

Deno.test("413 for several events names their size and settles none", async () => {
  const played = new PlayedExchange();
  played.server.answer = () => webReply(413);
  const events = claimedMany(4);
  const exchanged = await played.exchange(events);
  assertEquals(kinds(exchanged), ["unsent", "unsent", "unsent", "unsent"]);
  const bytes = events.reduce((sum, { body }) => sum + body.length + 1, 0);
  assertEquals(exchanged.tooLarge, { events: 4, bytes });
  assertEquals([exchanged.stop, played.server.batches.length], [undefined, 1]);
});

Deno.test("413 for one event makes it a dead letter", async () => {
  const played = new PlayedExchange();
  played.server.answer = () => webReply(413);
  const { settlements, stop, tooLarge } = await played.exchange(claimedMany(1));
  assertEquals(settlements[0]?.verdict, {
    kind: "dead",
    reason: "oversized_event",
  });
  assertEquals([stop, tooLarge], [undefined, undefined]);
});

Deno.test("413 counts bytes, not letters", async () => {
  const played = new PlayedExchange();
  played.server.answer = () => webReply(413);
  const events = claimedMany(2).map((event) => ({
    ...event,
    body: JSON.stringify({ "event_id": event.eventId, text: "é".repeat(50) }),
  }));
  const { tooLarge } = await played.exchange(events);
  const bytes = events.reduce(
    (sum, { body }) => sum + new TextEncoder().encode(body).length + 1,
    0,
  );
  assertEquals(tooLarge, { events: 2, bytes });
});
