import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  getWithToken,
  isSameOrigin,
  knownRefusal,
  postForm,
  readRefusal,
  urlOf,
} from "./ask_server.ts";
import { FakeWorld, webReply } from "#support/fake_host.ts";

const SERVER = "https://sync.example/base";
const ME = { server: SERVER, path: "/api/v1/me" };

Deno.test("postForm() posts a form with limits and without a token", async () => {
  const host = new FakeWorld().host();
  host.world.web.respond = () => webReply(200, { "a": 1 });
  const fields = { "code": "x y&z", "client_id": "reeve_cli" };
  const place = { server: SERVER, path: "/oauth/token" };
  const answer = await postForm(host, place, fields);
  assert(answer.kind === "answered");
  assertEquals([answer.status, answer.body], [200, { "a": 1 }]);
  const [request] = host.world.web.requests;
  assertEquals(request?.url, "https://sync.example/base/oauth/token");
  assertEquals(request?.body, "code=x+y%26z&client_id=reeve_cli");
  assertEquals([request?.timeoutMs, request?.maxBytes], [10_000, 262_144]);
  assertEquals(request?.headers?.["authorization"], undefined);
});

Deno.test("getWithToken() carries the token and the protocol", async () => {
  const host = new FakeWorld().host();
  host.world.web.respond = () => webReply(200, {});
  await getWithToken(host, ME, { accessToken: "t", server: SERVER });
  const [request] = host.world.web.requests;
  assertEquals(request?.headers, {
    "accept": "application/json",
    "user-agent": "reeve/0.1.0",
    "authorization": "Bearer t",
    "x-reeve-sync-protocol": "3.0",
  });
});

Deno.test.each([
  { name: "another host", server: "https://evil.example" },
  { name: "another port", server: "https://sync.example:8443" },
  { name: "another scheme", server: "http://sync.example" },
])("getWithToken() sends a token of $name nowhere", async ({ server }) => {
  const host = new FakeWorld().host();
  await assertRejects(
    () => getWithToken(host, ME, { accessToken: "t", server }),
    TypeError,
  );
  assertEquals(host.world.web.requests, []);
});

Deno.test.each(
  [
    {
      name: "a refusal",
      reply: webReply(400, { "error": "invalid_grant" }),
      is: "answered invalid_grant",
    },
    {
      name: "a nested refusal",
      reply: webReply(401, { "error": { "code": "session_invalid" } }),
      is: "answered session_invalid",
    },
    {
      name: "a word that nobody knows",
      reply: webReply(400, { "error": "canary" }),
      is: "answered undefined",
    },
    {
      name: "a refusal that is none",
      reply: webReply(200, { "error": "invalid_grant" }),
      is: "answered undefined",
    },
    {
      name: "no JSON",
      reply: webReply(200, "<html>"),
      is: "answered undefined",
    },
    { name: "a redirect", reply: webReply(302), is: "answered undefined" },
    { name: "silence", reply: { kind: "timeout" }, is: "silent" },
    { name: "too much", reply: { kind: "too_large" }, is: "silent" },
    {
      name: "no server",
      reply: { kind: "unreachable", reason: "r" },
      is: "silent",
    },
    { name: "an interrupt", reply: { kind: "aborted" }, is: "aborted" },
  ] as const,
)("postForm() that meets $name: $is", async ({ reply, is }) => {
  const host = new FakeWorld().host();
  host.world.web.respond = () => reply;
  const answer = await postForm(host, ME, {});
  assertEquals(
    answer.kind === "answered" ? `answered ${answer.refusal}` : answer.kind,
    is,
  );
});

Deno.test.each([
  { date: "Fri, 02 Jan 2026 03:04:05 GMT", is: Date.UTC(2026, 0, 2, 3, 4, 5) },
  { date: "yesterday", is: undefined },
])("postForm() reads the time $date as $is", async ({ date, is }) => {
  const host = new FakeWorld().host();
  host.world.web.respond = () => webReply(200, {}, { date });
  const answer = await postForm(host, ME, {});
  assertEquals(answer.kind === "answered" ? answer.serverTime : 0, is);
});

Deno.test.each([
  { a: "https://a.example/x", b: "https://a.example", is: true },
  { a: "https://a.example:443", b: "https://a.example", is: true },
  { a: "https://a.example", b: "https://a.example:8443", is: false },
  { a: "https://a.example", b: "http://a.example", is: false },
  { a: "https://a.example", b: "https://a.example.evil", is: false },
  { a: "file:///x", b: "file:///x", is: false },
  { a: "x", b: "x", is: false },
])("isSameOrigin() of $a and $b is $is", ({ a, b, is }) => {
  assertEquals(isSameOrigin(a, b), is);
});

Deno.test("urlOf() puts the path below the server's own", () => {
  assertEquals(urlOf({ server: "https://a/b/", path: "/c" }), "https://a/b/c");
});

Deno.test("readRefusal() takes words that it knows, whatever it is given", () => {
  assertEquals(readRefusal({ "error": "slow_down" }), "slow_down");
  for (const body of [undefined, null, "x", 1, {}, { "error": null }, []]) {
    assertEquals(readRefusal(body), undefined);
  }
  assertEquals(knownRefusal("access_denied"), "access_denied");
  assertEquals([knownRefusal("x"), knownRefusal(null)], [undefined, undefined]);
});
