import { assert, assertEquals } from "@std/assert";
import { openCallback, readCallback } from "./callback.ts";
import { callbackPage, type PageKind } from "./callback_page.ts";
import { FakeWorld } from "#support/fake_host.ts";

const STATE = "0123456789abcdef";
const AT = "http://127.0.0.1:5000/callback";

Deno.test.each([
  { name: "a code", query: `code=c1&state=${STATE}`, is: "code c1" },
  {
    name: "a code after the state",
    query: `state=${STATE}&code=c1`,
    is: "code c1",
  },
  {
    name: "a denial",
    query: `error=access_denied&state=${STATE}`,
    is: "denied",
  },
  {
    name: "a known error",
    query: `error=invalid_scope&state=${STATE}`,
    is: "failed invalid_scope",
  },
  {
    name: "an error that may be anything",
    query: `error=canary&state=${STATE}`,
    is: "failed an error that Reeve does not know",
  },
  { name: "a wrong state", query: "code=c1&state=x", is: "stray wrong_state" },
  { name: "no state", query: "code=c1", is: "stray wrong_state" },
  {
    name: "two states",
    query: `code=c1&state=${STATE}&state=${STATE}`,
    is: "stray wrong_state",
  },
  { name: "no code", query: `state=${STATE}`, is: "stray not_found" },
  {
    name: "two codes",
    query: `code=a&code=b&state=${STATE}`,
    is: "stray not_found",
  },
])("readCallback() of $name: $is", ({ query, is }) => {
  const reading = readCallback("GET", `${AT}?${query}`, STATE);
  const detail = "code" in reading
    ? [reading.code]
    : "reason" in reading
    ? [reading.reason]
    : "page" in reading
    ? [reading.page]
    : [];
  assertEquals([reading.kind, ...detail].join(" "), is);
});

Deno.test.each([
  { method: "GET", path: "/favicon.ico" },
  { method: "GET", path: "/" },
  { method: "GET", path: `/callback/x?code=c&state=${STATE}` },
  { method: "POST", path: `/callback?code=c&state=${STATE}` },
  { method: "HEAD", path: `/callback?code=c&state=${STATE}` },
])("readCallback() of $method $path is stray", ({ method, path }) => {
  const reading = readCallback(method, `http://127.0.0.1:5000${path}`, STATE);
  assertEquals(reading, { kind: "stray", page: "not_found" });
});

async function open() {
  const host = new FakeWorld().host();
  const callback = await openCallback(host, STATE);
  const port = Number(new URL(callback.redirectUri).port);
  const get = async (path: string) => {
    const method = "GET";
    const reply = await host.network.request({
      port,
      method,
      path,
      timeoutMs: 1000,
    });
    return reply.kind === "reply"
      ? `${reply.status} ${reply.body}`
      : reply.kind;
  };
  return { host, callback, port, get };
}

Deno.test("openCallback() waits through stray requests for the one answer", async () => {
  const { callback, get } = await open();
  await using opened = callback;
  assert(/^http:\/\/127\.0\.0\.1:\d+\/callback$/.test(opened.redirectUri));
  assert((await get("/favicon.ico")).startsWith("404 "));
  assert((await get("/callback?code=evil&state=wrong")).startsWith("400 "));
  const first = get(`/callback?code=c1&state=${STATE}`);
  assertEquals(await opened.arrived, { kind: "code", code: "c1" });
  const second = await get(`/callback?code=c2&state=${STATE}`);
  assert(second.startsWith("410 "), second);
  opened.show("signed_in");
  const page = await first;
  assert(page.startsWith("200 "), page);
  assert(page.includes("You can close this window"), page);
});

Deno.test("openCallback() answers who waits when it closes, and is gone", async () => {
  const { callback, get } = await open();
  const waiting = get(`/callback?code=c1&state=${STATE}`);
  await callback.arrived;
  await callback[Symbol.asyncDispose]();
  assert((await waiting).includes("The sign-in failed"));
  assertEquals(await get("/callback"), "refused");
});

const KINDS: readonly PageKind[] = [
  "signed_in",
  "denied",
  "failed",
  "over",
  "wrong_state",
  "not_found",
];

Deno.test.each(KINDS.map((kind) => ({ kind })))(
  "callbackPage() of $kind can be closed and leads nowhere",
  async ({ kind }) => {
    const response = callbackPage(kind);
    const text = await response.text();
    assert(text.includes("You can close this window"));
    assert(!/<script|href=|src=/.test(text));
    const { headers } = response;
    assertEquals(headers.get("cache-control"), "no-store");
    assertEquals(headers.get("referrer-policy"), "no-referrer");
    assert(headers.get("content-security-policy")?.includes("'none'"));
  },
);
