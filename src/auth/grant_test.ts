import { assert, assertEquals } from "@std/assert";
import { endOf, requestTokens, revokeTokens } from "./grant.ts";
import { FakeWorld, webReply } from "#support/fake_host.ts";
// Loading a module takes real time, in which a fake clock would run away.
import "./reply_schema.ts";
import "./session_schema.ts";

const SERVER = "https://sync.example";
const FULL = {
  "access_token": "a1",
  "token_type": "Bearer",
  "expires_in": 900,
  "refresh_token": "r1",
  "refresh_expires_in": 3600,
  "session_id": "s1",
};

Deno.test("requestTokens() counts lives from before the question", async () => {
  const host = new FakeWorld().host();
  const start = host.clock.now();
  host.world.web.respond = async () => {
    await host.clock.sleep(3000);
    return webReply(200, FULL);
  };
  const reply = await requestTokens(host, SERVER, { "grant_type": "x" });
  assertEquals(reply, {
    kind: "tokens",
    tokens: {
      accessToken: "a1",
      accessExpiresAt: start + 900_000,
      refreshToken: "r1",
      refreshExpiresAt: start + 3_600_000,
      sessionId: "s1",
    },
  });
  const [request] = host.world.web.requests;
  assertEquals(request?.body, "grant_type=x&client_id=reeve_cli");
});

Deno.test("requestTokens() guesses no life that the server does not state", async () => {
  const host = new FakeWorld().host();
  const bare = { "access_token": "a1", "refresh_expires_in": null };
  host.world.web.respond = () => webReply(200, bare);
  const reply = await requestTokens(host, SERVER, {});
  assert(reply.kind === "tokens");
  assertEquals(reply.tokens, {
    accessToken: "a1",
    accessExpiresAt: undefined,
    refreshToken: undefined,
    refreshExpiresAt: undefined,
    sessionId: undefined,
  });
});

Deno.test.each(
  [
    { status: 400, body: { "error": "invalid_grant" }, is: "refused" },
    { status: 401, body: { "error": "invalid_client" }, is: "refused" },
    { status: 404, body: {}, is: "refused" },
    { status: 302, body: {}, is: "transient" },
    { status: 408, body: {}, is: "transient" },
    { status: 429, body: {}, is: "transient" },
    { status: 500, body: { "error": "invalid_grant" }, is: "transient" },
    { status: 503, body: {}, is: "transient" },
    { status: 201, body: FULL, is: "transient" },
    { status: 200, body: {}, is: "transient" },
    { status: 200, body: { ...FULL, "access_token": "a b" }, is: "transient" },
    { status: 200, body: { ...FULL, "expires_in": -1 }, is: "transient" },
    { status: 200, body: { ...FULL, "expires_in": "1h" }, is: "transient" },
  ] as const,
)("requestTokens() that meets $status $body: $is", async (row) => {
  const host = new FakeWorld().host();
  host.world.web.respond = () => webReply(row.status, row.body);
  const reply = await requestTokens(host, SERVER, {});
  assertEquals<string>(reply.kind, row.is);
});

Deno.test.each(
  [
    { reply: { kind: "timeout" }, is: "transient" },
    { reply: { kind: "unreachable", reason: "r" }, is: "transient" },
    { reply: { kind: "too_large" }, is: "transient" },
    { reply: { kind: "aborted" }, is: "aborted" },
  ] as const,
)("requestTokens() that meets $reply.kind: $is", async (row) => {
  const host = new FakeWorld().host();
  host.world.web.respond = () => row.reply;
  assertEquals<string>((await requestTokens(host, SERVER, {})).kind, row.is);
});

Deno.test("endOf() of nothing is not known", () => {
  assertEquals([endOf(1.5, 1000), endOf(0, 1000)], [2500, 1000]);
  assertEquals([endOf(null, 0), endOf(undefined, 0)], [undefined, undefined]);
});

Deno.test.each([
  { refreshToken: "r1", sends: "token=r1&token_type_hint=refresh_token" },
  { refreshToken: undefined, sends: "token=a1&token_type_hint=access_token" },
])("revokeTokens() sends $sends", async ({ refreshToken, sends }) => {
  const host = new FakeWorld().host();
  host.world.web.respond = () => webReply(200);
  const session = { accessToken: "a1", refreshToken, server: SERVER };
  assertEquals(await revokeTokens(host, session), "confirmed");
  const [request] = host.world.web.requests;
  assertEquals(request?.body, `${sends}&client_id=reeve_cli`);
  host.world.web.respond = () => webReply(500);
  assertEquals(await revokeTokens(host, session), "unconfirmed");
});
