import { assertEquals } from "@std/assert";
import { webReply } from "#support/fake_host.ts";
import { PlayedServer } from "#support/played_server.ts";

const HOUR_MS = 3_600_000;

Deno.test("a server that ends the session again and again is left alone", async () => {
  const server = new PlayedServer();
  const { answer } = server;
  server.answer = (frame, peer) => {
    answer(frame, peer);
    peer.close(4401);
  };
  await using channel = await server.connect();
  await server.world.advance(HOUR_MS);
  assertEquals(server.tokens.refreshed, ["access-1"]);
  assertEquals(server.opened.length, 2);
  assertEquals(channel.state.halted, "signed_out");
  server.answer = answer;
  channel.wake();
  await server.world.advance(1);
  assertEquals([channel.isOpen, server.opened.length], [true, 3]);
});

Deno.test("a ticket that is refused with 401 is asked for once more", async () => {
  const server = new PlayedServer();
  server.ticket = () => webReply(401);
  await using channel = await server.connect();
  await server.world.advance(HOUR_MS);
  const used = server.world.web.requests.map(({ headers }) =>
    headers?.["Authorization"]
  );
  assertEquals(used, ["Bearer access-1", "Bearer access-2"]);
  assertEquals(channel.state.halted, "signed_out");
});

Deno.test("wake() looks whether the connection is alive", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  server.tokens.given = { reason: "transient", detail: "" };
  server.answer = () => {};
  channel.wake();
  channel.wake();
  await server.world.advance(1);
  assertEquals(server.types, ["hello", "ping"]);
  assertEquals([channel.isOpen, server.opened.length], [true, 1]);
});

Deno.test("wake() connects anew when the session is another one", async () => {
  const server = new PlayedServer();
  await using channel = await server.connect();
  server.tokens.given = { ...server.tokens.given, account: "bob" };
  channel.wake();
  await server.world.advance(1);
  assertEquals([channel.target?.account, server.closes], ["bob", [1000]]);
  server.tokens.given = { ...server.tokens.given, workspace: "other" };
  channel.wake();
  await server.world.advance(1);
  assertEquals(channel.target?.workspace, "other");
  const detail = "nobody is signed in";
  server.tokens.given = { reason: "auth_required", detail };
  channel.wake();
  await server.world.advance(1);
  assertEquals(channel.state.halted, "signed_out");
  assertEquals(server.closes, [1000, 1000, 1000]);
});

Deno.test("wake() during a try makes no other one, but looks afterwards", async () => {
  const server = new PlayedServer();
  const opening = Promise.withResolvers<void>();
  const { ticket } = server;
  server.ticket = async () => {
    await opening.promise;
    return await ticket();
  };
  await using channel = server.open();
  await server.world.advance(0);
  server.tokens.given = { ...server.tokens.given, account: "bob" };
  for (let round = 0; round < 5; round++) channel.wake();
  opening.resolve();
  await server.world.advance(1);
  assertEquals([channel.target?.account, server.opened.length], ["bob", 2]);
});

Deno.test.each(
  [
    { reason: "auth_required", halted: "signed_out" },
    { reason: "auth_unreadable", halted: "signed_out" },
    { reason: "workspace_missing", halted: "parked" },
    { reason: "transient", halted: undefined },
  ] as const,
)("without a token for $reason it is $halted", async (row) => {
  const server = new PlayedServer();
  server.tokens.given = { reason: row.reason, detail: "" };
  await using channel = await server.connect();
  await server.world.advance(10);
  assertEquals(channel.state.halted, row.halted);
  assertEquals(channel.state.lastError?.code, row.reason);
  assertEquals(server.world.web.requests, []);
});

Deno.test("a token source that throws ends nothing", async () => {
  const server = new PlayedServer();
  server.tokens.current = () => Promise.reject(new TypeError("secret"));
  await using channel = await server.connect();
  assertEquals(channel.state.lastError, {
    code: "internal",
    detail: "TypeError",
  });
});
