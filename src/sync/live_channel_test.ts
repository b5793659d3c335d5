import { assert, assertEquals } from "@std/assert";
import { webReply } from "#support/fake_host.ts";
import { VERSION } from "../version.ts";
import { OPEN_MS } from "./live_link.ts";
import { PlayedServer, PROJECT, say, TICKET } from "#support/played_server.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** When tickets were asked for, in seconds since the channel was opened. */
function watchTickets(server: PlayedServer): readonly number[] {
  const { ticket } = server;
  const asked: number[] = [];
  const startedAt = server.world.clock.elapsed();
  server.ticket = () => {
    asked.push((server.world.clock.elapsed() - startedAt) / 1000);
    return ticket();
  };
  return asked;
}

Deno.test("openLiveChannel() is open once the server has shown its snapshot", async () => {
  const server = new PlayedServer();
  const { answer } = server;
  server.answer = () => {};
  let connected = 0;
  await using channel = await server.connect({
    onConnected: () => void connected++,
  });
  assertEquals([channel.isOpen, channel.state.name], [false, "Connecting"]);
  assertEquals([channel.target, connected], [undefined, 0]);
  answer({ type: "hello" }, server.peer);
  answer({ type: "hello" }, server.peer);
  await server.world.advance(1);
  assertEquals([channel.isOpen, connected], [true, 1]);
  assertEquals(server.states, ["Connecting", "Connected"]);
  assertEquals(channel.target, {
    url: "https://reeve.example",
    workspace: "acme",
    account: "ada",
  });
});

Deno.test("openLiveChannel() asks for a ticket and shows it in a header only", async () => {
  const server = new PlayedServer();
  await using _channel = await server.connect();
  const [request] = server.world.web.requests;
  assertEquals(request?.url, "https://reeve.example/api/v1/ws-token/");
  assertEquals(request?.body, '{"workspace":"acme"}');
  assertEquals(request?.headers?.["Authorization"], "Bearer access-1");
  assertEquals(server.opened, [
    `wss://reeve.example/api/v1/ws/ {"Authorization":"Bearer ${TICKET}"}`,
  ]);
  assertEquals(server.frames, [{
    type: "hello",
    protocol: "3.0",
    "client_version": VERSION,
    "project_uuid": PROJECT,
    "last_lamport": 7,
  }]);
});

Deno.test("stop() closes normally, once, and for ever", async () => {
  const server = new PlayedServer();
  const channel = await server.connect();
  const stopping = channel.stop();
  assertEquals([channel.isOpen, channel.state.halted], [false, "stopped"]);
  assert(channel.stop() === stopping);
  await stopping;
  assertEquals(server.closes, [1000]);
  channel.wake();
  await server.world.advance(HOUR_MS);
  assertEquals([server.opened.length, channel.state.name], [1, "Offline"]);
});

Deno.test.each([
  { phase: "the sign-in", block: blockTokens, opened: 0 },
  { phase: "the ticket", block: blockTicket, opened: 0 },
  { phase: "the socket", block: blockSocket, opened: 1 },
  { phase: "the snapshot", block: blockSnapshot, opened: 1 },
])("stop() while $phase hangs leaves nothing behind", async (row) => {
  const server = new PlayedServer();
  row.block(server);
  const channel = await server.connect();
  assertEquals(channel.state.name, "Connecting");
  const before = server.world.clock.elapsed();
  await channel.stop();
  assert(server.world.clock.elapsed() - before <= 300);
  await server.world.advance(10 * OPEN_MS);
  assertEquals(server.opened.length, row.opened);
  assert(server.peers.every(({ isOpen }) => !isOpen));
  assertEquals(server.states, ["Connecting", "Offline"]);
});

Deno.test.each([
  { name: "is closed with 4403", code: 4403, frame: undefined },
  { name: "is closed with 1008", code: 1008, frame: undefined },
  { name: "gets not_admitted", code: undefined, frame: "not_admitted" },
  { name: "gets protocol_mismatch", code: 1008, frame: "protocol_mismatch" },
])("a channel that $name is parked", async ({ code, frame }) => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  if (frame !== undefined) say(server.peer, { type: "error", code: frame });
  if (code !== undefined) server.peer.close(code);
  await server.world.advance(HOUR_MS);
  assertEquals(channel.state.halted, "parked");
  assertEquals(channel.state.lastError?.code, frame ?? `closed_${code}`);
  assertEquals(server.opened.length, 1);
});

Deno.test("a server that is not there is tried ten times, then now and then", async () => {
  const server = new PlayedServer();
  server.fraction = 1;
  server.ticket = () => ({ kind: "unreachable", reason: "refused" });
  const asked = watchTickets(server);
  await using channel = await server.connect();
  await server.world.advance(1000 * 1000);
  const fast = [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 61.5, 91.5, 121.5];
  assertEquals(asked, [...fast, 421.5, 721.5]);
  const { name, attempt, lastError } = channel.state;
  assertEquals([name, attempt], ["OfflineBatchMode", 12]);
  assertEquals(lastError, { code: "transport", detail: "refused" });
  channel.wake();
  await server.world.advance(400);
  assertEquals([asked.length, channel.state.name], [13, "Reconnecting"]);
  await server.world.advance(30_000);
  const anew = asked.slice(12).map((second) => second - (asked[12] ?? 0));
  assertEquals(anew, fast.slice(0, 6));
});

Deno.test("a connection counts as stable after a minute", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  for (let round = 0; round < 9; round++) {
    await server.world.advance(59_000);
    server.peer.close(1001);
    await server.world.advance(10);
  }
  assertEquals([channel.isOpen, channel.state.attempt], [true, 10]);
  await server.world.advance(MINUTE_MS);
  server.peer.close(1001);
  await server.world.advance(10);
  assertEquals([channel.isOpen, channel.state.attempt], [true, 1]);
});

Deno.test.each([
  { code: 1012, least: 5, most: 30 },
  { code: 1013, least: 5, most: 30 },
])("close code $code asks for time", async ({ code, least, most }) => {
  for (const fraction of [0, 1]) {
    const server = new PlayedServer();
    server.fraction = fraction;
    const asked = watchTickets(server);
    await using _channel = await server.connect();
    server.peer.close(code);
    await server.world.advance(MINUTE_MS);
    assertEquals(Math.round(asked[1] ?? 0), fraction === 0 ? least : most);
  }
});

Deno.test("a throttled ticket is asked for when the server says", async () => {
  const server = new PlayedServer();
  const { ticket } = server;
  server.ticket = () => webReply(429, "", { "retry-after": "120" });
  const asked = watchTickets(server);
  await using channel = await server.connect();
  await server.world.advance(119_000);
  const { nextTryAt = 0 } = channel.state;
  assertEquals(Math.round((nextTryAt - server.host.clock.now()) / 1000), 1);
  server.ticket = ticket;
  await server.world.advance(2000);
  assertEquals([asked.length, channel.isOpen], [1, true]);
});

Deno.test("a patient channel tries at once when the machine has slept", async () => {
  const server = new PlayedServer();
  const { ticket } = server;
  server.ticket = () => webReply(502);
  await using channel = await server.connect();
  await server.world.advance(MINUTE_MS);
  assertEquals(channel.state.name, "OfflineBatchMode");
  server.ticket = ticket;
  server.world.clock.setWall(server.host.clock.now() + HOUR_MS);
  await server.world.advance(30_000);
  assert(channel.isOpen);
});

function blockTokens({ tokens, world }: PlayedServer): void {
  tokens.current = async () => {
    await world.clock.sleep(OPEN_MS);
    return tokens.given;
  };
}

function blockTicket(server: PlayedServer): void {
  const { ticket, world } = server;
  server.ticket = async () => {
    await world.clock.sleep(OPEN_MS / 2);
    return await ticket();
  };
}

function blockSocket(server: PlayedServer): void {
  server.meet = () => {};
}

function blockSnapshot(server: PlayedServer): void {
  server.answer = () => {};
}
