import { assertEquals } from "@std/assert";
import {
  claimed,
  claimedMany,
  kinds,
  PlayedServer,
  say,
} from "#support/played_server.ts";

Deno.test("publish() sends the stored bytes and settles each event", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  const events = claimedMany(100);
  const settlements = await channel.publish(events);
  assertEquals(kinds(settlements), Array(100).fill("delivered"));
  assertEquals(settlements.map(({ event }) => event), events);
  const bodies = server.frames.slice(1).map(({ event }) => event);
  assertEquals(bodies, events.map(({ body }) => body));
});

Deno.test.each([
  { status: "accepted", verdict: { kind: "delivered" } },
  { status: "duplicate", verdict: { kind: "duplicate" } },
  { status: "queued", verdict: { kind: "pending" } },
  {
    status: "rejected",
    code: "not_admitted",
    verdict: { kind: "parked", reason: "not_admitted" },
  },
  {
    status: "rejected",
    code: "id_conflict",
    verdict: { kind: "dead", reason: "id_conflict" },
  },
  { status: "rejected", verdict: { kind: "retry", reason: "unknown" } },
  { status: "perhaps", verdict: { kind: "ambiguous" } },
])("publish() understands $status $code", async ({ verdict, ...words }) => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  server.answer = (_, peer) =>
    say(peer, { type: "ack", "event_id": "E1", ...words });
  const [settlement] = await channel.publish([claimed(1)]);
  assertEquals<unknown>(settlement?.verdict, verdict);
});

Deno.test("publish() has 32 events under way, over all calls", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  const { answer } = server;
  server.answer = () => {};
  const first = channel.publish(claimedMany(40));
  const second = channel.publish([claimed(41)]);
  const sent = () => server.types.filter((type) => type === "event").length;
  await server.world.advance(1);
  assertEquals(sent(), 32);
  for (const frame of server.frames.slice(1, 4)) answer(frame, server.peer);
  await server.world.advance(1);
  assertEquals(sent(), 35);
  server.answer = answer;
  for (const frame of server.frames.slice(4)) answer(frame, server.peer);
  assertEquals(kinds(await first), Array(40).fill("delivered"));
  assertEquals(kinds(await second), ["delivered"]);
});

Deno.test("publish() leaves the rest to the batch when an ack is lost", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  const { answer } = server;
  server.answer = (frame, peer) => {
    if (!String(frame["event"]).includes('"E2"')) answer(frame, peer);
  };
  const startedAt = server.world.clock.elapsed();
  const publishing = channel.publish([claimed(1), claimed(2)]);
  await server.world.advance(5000);
  assertEquals(kinds(await publishing), ["delivered", "unsent"]);
  assertEquals(server.world.clock.elapsed() - startedAt, 5000);
  assertEquals([channel.isOpen, server.types.at(-1)], [true, "ping"]);
  say(server.peer, { type: "ack", "event_id": "E2", status: "accepted" });
  server.answer = answer;
  assertEquals(kinds(await channel.publish([claimed(2)])), ["delivered"]);
});

Deno.test("publish() waits five seconds in all when no ack comes", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  server.answer = () => {};
  const publishing = channel.publish(claimedMany(1000));
  await server.world.advance(5000);
  assertEquals(kinds(await publishing), Array(1000).fill("unsent"));
  const sent = server.types.filter((type) => type === "event");
  assertEquals(sent.length, 32);
});

Deno.test("publish() waits five seconds for each, from its sending", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  const { answer } = server;
  server.answer = () => {};
  const publishing = channel.publish(claimedMany(33));
  await server.world.advance(3000);
  const startedAt = server.world.clock.elapsed();
  for (const frame of server.frames.slice(1)) answer(frame, server.peer);
  await server.world.advance(5000);
  assertEquals(kinds(await publishing).at(-1), "unsent");
  assertEquals(server.world.clock.elapsed() - startedAt, 5000);
});

Deno.test("publish() sends an id once at a time", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  const twice = [claimed(1), claimed(1, { lane: "other" })];
  assertEquals(kinds(await channel.publish(twice)), ["delivered", "unsent"]);
});

Deno.test("publish() keeps what is too large, and its lane behind it", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  const body = JSON.stringify({ "event_id": "E1", text: "x".repeat(262_144) });
  const settlements = await channel.publish([
    claimed(1, { lane: "a", body }),
    claimed(2, { lane: "a" }),
    claimed(3, { lane: "b" }),
  ]);
  assertEquals(kinds(settlements), ["unsent", "unsent", "delivered"]);
});

Deno.test("publish() sends nothing behind an event of its lane that was refused", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  const { answer } = server;
  server.answer = (frame, peer) => {
    const id = JSON.parse(String(frame["event"]))["event_id"];
    if (id !== "E1") return answer(frame, peer);
    say(peer, { type: "ack", "event_id": id, status: "rejected" });
  };
  const lane = "lane-1";
  const events = [...claimedMany(40), claimed(41, { lane })];
  const verdicts = kinds(await channel.publish(events));
  assertEquals([verdicts[0], verdicts[39], verdicts[40]], [
    "retry",
    "delivered",
    "unsent",
  ]);
});

Deno.test("publish() settles at once when the connection ends", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  server.answer = () => {};
  const publishing = channel.publish(claimedMany(3));
  await server.world.advance(1);
  server.peer.close(1001);
  assertEquals(kinds(await publishing), ["unsent", "unsent", "unsent"]);
  await channel.stop();
  assertEquals(kinds(await channel.publish([claimed(1)])), ["unsent"]);
});
