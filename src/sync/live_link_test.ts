import { assert, assertEquals } from "@std/assert";
import type { Envelope } from "../queue/event.ts";
import { claimed, PlayedServer, PROJECT, say } from "#support/played_server.ts";

const HOUR_MS = 3_600_000;

Deno.test("a channel answers a ping", async () => {
  const server = new PlayedServer();
  await using _channel = await server.connect();
  say(server.peer, { type: "ping", timestamp: "now" });
  await server.world.advance(1);
  assertEquals(server.frames.at(-1), { type: "pong", timestamp: "now" });
});

Deno.test("a channel passes events of its project on, and nothing else", async () => {
  const envelope = {
    "aggregate_id": "WP1",
    "aggregate_type": "WorkPackage",
    "build_id": "11111111-2222-5333-8444-555555555555",
    "causation_id": null,
    "clock_epoch": 1,
    "correlation_id": "01JAAAAAAAAAAAAAAAAAAAAAAA",
    "event_id": "01JAAAAAAAAAAAAAAAAAAAAAAA",
    "event_type": "TaskMoved",
    "git_branch": null,
    "head_commit_sha": null,
    "lamport_clock": 3,
    "node_id": "0123456789abcdef0123456789abcdef",
    "payload": { to: "doing" },
    "project_slug": null,
    "project_uuid": PROJECT,
    "repo_slug": null,
    "schema_version": "3.0.0",
    "team_slug": null,
    "timestamp": "2026-01-02T03:04:05Z",
  } as const;
  const server = new PlayedServer();
  const { answer } = server;
  server.answer = (frame, peer) => {
    say(peer, { type: "event", event: envelope });
    answer(frame, peer);
  };
  const events: Envelope[] = [];
  await using channel = await server.connect({
    onEvent: (event) => void events.push(event),
  });
  const { peer } = server;
  say(peer, { type: "event", event: { ...envelope, "node_id": "x" } });
  say(peer, { type: "event", event: "text" });
  say(peer, { type: "news" });
  peer.send("no JSON");
  say(peer, { type: "event", event: envelope });
  await server.world.advance(1);
  assertEquals([events, channel.isOpen], [[envelope], true]);
});

Deno.test.each([
  {
    name: "never opens",
    mute: (server: PlayedServer) => server.meet = () => {},
  },
  {
    name: "never greets",
    mute: (server: PlayedServer) => server.answer = () => {},
  },
])("a peer that $name is given up after 10 s", async ({ mute }) => {
  const server = new PlayedServer();
  mute(server);
  await using channel = await server.connect();
  await server.world.advance(9998);
  assertEquals(channel.state.name, "Connecting");
  await server.world.advance(10);
  assertEquals(channel.state.name, "Reconnecting");
  assertEquals(channel.state.lastError?.code, "timeout");
  assertEquals(server.world.web.requests.length, 2);
});

Deno.test("opening and greeting have 10 s each", async () => {
  const server = new PlayedServer();
  server.meet = () => {};
  server.answer = () => {};
  await using channel = await server.connect();
  await server.world.advance(8000);
  server.peer.accept();
  await server.world.advance(9900);
  assertEquals(channel.state.name, "Connecting");
  await server.world.advance(200);
  assertEquals(channel.state.lastError, {
    code: "timeout",
    detail: "not greeted within 10 s",
  });
});

Deno.test("a server has no say in what people read", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  server.peer.close(1001, "Click here");
  await server.world.advance(1);
  assertEquals(channel.state.lastError, {
    code: "closed_1001",
    detail: "closed with 1001",
  });
});

Deno.test("a half-open connection is closed after two misses", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  const { answer } = server;
  server.answer = (frame, peer) => {
    if (peer !== server.peers[0]) answer(frame, peer);
  };
  await server.world.advance(44_990);
  assertEquals(server.types, ["hello", "ping", "ping"]);
  assertEquals([channel.isOpen, server.closes], [true, []]);
  await server.world.advance(20);
  assertEquals(channel.state.lastError?.code, "silence");
  assertEquals([channel.isOpen, server.closes], [true, [4000]]);
  assertEquals(server.opened.length, 2);
});

Deno.test("publishing does not hide that a connection is half-open", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  const { answer } = server;
  server.answer = (frame, peer) => {
    if (peer !== server.peers[0]) answer(frame, peer);
  };
  for (let second = 0; second < 27; second++) {
    channel.publish([claimed(second)]);
    await server.world.advance(1000);
  }
  assertEquals([channel.isOpen, server.closes], [true, [4000]]);
});

Deno.test("a quiet connection stays, with a ping now and then", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  await server.world.advance(HOUR_MS);
  assertEquals([channel.isOpen, server.opened.length], [true, 1]);
  const pings = server.types.filter((type) => type === "ping").length;
  assert(pings >= 140 && pings <= 144, `${pings}`);
});

Deno.test("a connection that only listens is kept awake", async () => {
  const server = new PlayedServer();
  await using _channel = await server.connect();
  for (let second = 0; second < 60; second++) {
    say(server.peer, { type: "news" });
    await server.world.advance(1000);
  }
  assertEquals(server.types, ["hello", "ping", "ping"]);
});

Deno.test("an error about the sign-in refreshes it once", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  say(server.peer, { type: "error", code: "unauthorized", message: "x" });
  await server.world.advance(1);
  assertEquals([channel.isOpen, server.tokens.refreshed.length], [true, 1]);
  say(server.peer, { type: "error", code: "unauthorized", message: "x" });
  await server.world.advance(1);
  assertEquals(channel.state.halted, "signed_out");
});

Deno.test("an error about something else changes nothing", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  say(server.peer, { type: "error", code: "Evil \u001b[2J", message: "x" });
  await server.world.advance(1);
  const { lastError } = channel.state;
  assertEquals([channel.isOpen, lastError?.code], [true, "unknown"]);
});

Deno.test("a machine that has slept connects anew", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  server.world.clock.setWall(server.host.clock.now() + HOUR_MS);
  await server.world.advance(25_000);
  assertEquals([channel.isOpen, server.opened.length], [true, 2]);
  assertEquals(channel.state.lastError?.code, "slept");
});

Deno.test("a frame over 1 MiB ends the connection", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  server.peer.send(" ".repeat(1024 * 1024 + 1));
  await server.world.advance(10);
  assertEquals([channel.isOpen, server.closes], [true, [4009]]);
  assertEquals(channel.state.lastError?.code, "too_large");
});
