import { assertEquals } from "@std/assert";
import { createFakeHost, webReply } from "#support/fake_host.ts";
import type { WebReply } from "../host/web.ts";
import { askTicket, findUrlProblem, parseTicket } from "./live_ticket.ts";

const SERVER = "https://reeve.example/";
const LOCAL = "http://127.0.0.1:8080";
const TOKEN = {
  accessToken: "access",
  workspace: "acme",
  account: "ada",
  server: SERVER,
};

Deno.test.each([
  { url: "wss://reeve.example/api/v1/ws/", server: SERVER, problem: "none" },
  { url: "wss://reeve.example:443/x", server: SERVER, problem: "none" },
  { url: "ws://127.0.0.1:8080/x", server: LOCAL, problem: "none" },
  { url: "ws://localhost:1/x", server: "http://localhost:1", problem: "none" },
  { url: "wss://evil.example/x", server: SERVER, problem: "on another host" },
  {
    url: "wss://reeve.example.evil.example/x",
    server: SERVER,
    problem: "on another host",
  },
  {
    url: "wss://reeve.example:8443/x",
    server: SERVER,
    problem: "on another host",
  },
  { url: "ws://127.0.0.1:8081/x", server: LOCAL, problem: "on another host" },
  { url: "ws://reeve.example/x", server: SERVER, problem: "not encrypted" },
  {
    url: "ws://reeve.example/x",
    server: "http://reeve.example",
    problem: "not encrypted",
  },
  {
    url: "ws://localhost/x",
    server: "https://localhost",
    problem: "not encrypted",
  },
  {
    url: "https://reeve.example/x",
    server: SERVER,
    problem: "not one of a WebSocket",
  },
  {
    url: "wss://ada:secret@reeve.example/x",
    server: SERVER,
    problem: "more than host and path",
  },
  {
    url: "wss://reeve.example/x?token=1",
    server: SERVER,
    problem: "more than host and path",
  },
  {
    url: "wss://reeve.example/x#a",
    server: SERVER,
    problem: "more than host and path",
  },
  { url: "elsewhere", server: SERVER, problem: "no URL" },
])("findUrlProblem() calls $url of $server: $problem", (row) => {
  const found = findUrlProblem(row.url, row.server);
  const words = found?.replace("the address of the socket is ", "") ?? "none";
  assertEquals(words, row.problem);
});

const WS = "wss://reeve.example/api/v1/ws/";

Deno.test.each([
  { secret: "abc", url: WS, outcome: "ticket" },
  { secret: "", url: WS, outcome: "failed bad_ticket" },
  { secret: "a b", url: WS, outcome: "failed bad_ticket" },
  { secret: "a\r\nX: y", url: WS, outcome: "failed bad_ticket" },
  { secret: 7, url: WS, outcome: "failed bad_ticket" },
  { secret: "abc", url: undefined, outcome: "failed bad_ticket" },
  { secret: "abc", url: `${WS}abc`, outcome: "denied ws_url_refused" },
  { secret: "abc", url: "wss://evil/", outcome: "denied ws_url_refused" },
])("parseTicket() of $secret for $url is $outcome", (row) => {
  const body = JSON.stringify({ "ws_token": row.secret, "ws_url": row.url });
  const given = parseTicket(body, SERVER);
  const code = "error" in given ? ` ${given.error.code}` : "";
  assertEquals(given.kind + code, row.outcome);
});

const REPLIES: readonly {
  readonly name: string;
  readonly reply: WebReply;
  readonly outcome: string;
}[] = [
  { name: "401", reply: webReply(401), outcome: "unauthorized unauthorized" },
  { name: "403", reply: webReply(403), outcome: "denied forbidden" },
  {
    name: "403 not_admitted",
    reply: webReply(403, { error: { code: "not_admitted" } }),
    outcome: "denied not_admitted",
  },
  { name: "404", reply: webReply(404), outcome: "denied endpoint_missing" },
  { name: "302", reply: webReply(302), outcome: "denied redirected" },
  { name: "400", reply: webReply(400), outcome: "denied refused" },
  { name: "426", reply: webReply(426), outcome: "denied protocol" },
  { name: "429", reply: webReply(429), outcome: "failed throttled" },
  {
    name: "503 with Retry-After",
    reply: webReply(503, "", { "retry-after": "9" }),
    outcome: "failed throttled 9000",
  },
  { name: "500", reply: webReply(500), outcome: "failed server_error" },
  { name: "a page", reply: webReply(200, "<p>"), outcome: "failed not_json" },
  {
    name: "no ticket",
    reply: webReply(200, "{}"),
    outcome: "failed bad_ticket",
  },
  {
    name: "no answer",
    reply: { kind: "timeout" },
    outcome: "failed timeout",
  },
  {
    name: "no server",
    reply: { kind: "unreachable", reason: "refused" },
    outcome: "failed transport",
  },
];

Deno.test.each(REPLIES)(
  "askTicket() answered with $name is $outcome",
  async (row) => {
    const host = createFakeHost();
    host.world.web.respond = () => row.reply;
    const { signal } = new AbortController();
    const given = await askTicket(host, TOKEN, signal);
    const code = "error" in given ? ` ${given.error.code}` : "";
    const wait = "retryAfterMs" in given ? ` ${given.retryAfterMs}` : "";
    assertEquals(given.kind + code + wait, row.outcome);
  },
);

Deno.test("askTicket() asks nobody without a workspace", async () => {
  const host = createFakeHost();
  const { signal } = new AbortController();
  const token = { ...TOKEN, workspace: undefined };
  const given = await askTicket(host, token, signal);
  assertEquals(given.kind, "denied");
  assertEquals(host.world.web.requests, []);
});

Deno.test("askTicket() gives up after 10 s", async () => {
  const host = createFakeHost();
  host.world.web.respond = () => new Promise(() => {});
  const { signal } = new AbortController();
  const given = await askTicket(host, TOKEN, signal);
  assertEquals([given.kind, host.clock.elapsed()], ["failed", 10_000]);
});
