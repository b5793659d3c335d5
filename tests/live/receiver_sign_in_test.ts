import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startReceiver } from "#support/receiver.ts";
import { ask } from "./receiver_client.ts";
import {
  approve,
  authorizeUrl,
  CALLBACK,
  postForm,
  statusOf,
  ticketOf,
  useCode,
} from "./sign_in_client.ts";

Deno.test("a click in the browser signs in", async () => {
  await using started = await startReceiver({ accessSeconds: 100 });
  const url = await approve(started);
  assertEquals(url.origin + url.pathname, CALLBACK);
  assertEquals(url.searchParams.get("state"), "a&b<c>");
  const code = url.searchParams.get("code") ?? "";
  const { status, json, headers } = await useCode(started, code);
  assertEquals([status, headers.get("cache-control")], [200, "no-store"]);
  assertEquals([json.token_type, json.expires_in], ["Bearer", 100]);
  const session = await statusOf(started, json.access_token);
  assertEquals([session.status, session.json.status], [200, "active"]);
  assertEquals(session.json.session_id, json.session_id);
  assert(session.json.expires_in <= 100);
  const me = await statusOf(started, json.access_token, "/api/v1/me");
  assertEquals(me.json, {
    "user_id": "user-ada",
    email: "ada@example.test",
    name: "ada",
    workspaces: [{
      id: "workspace-ada-private",
      slug: "ada-private",
      name: "ada-private",
      role: "owner",
      "is_private": true,
      "is_default": true,
    }],
  });
  const again = await useCode(started, code);
  assertEquals([again.status, again.json.error], [400, "invalid_grant"]);
});

Deno.test("the page is escaped, framed by nobody and loads nothing", async () => {
  await using started = await startReceiver({ user: "ada" });
  const page = await ask(authorizeUrl(started));
  assertEquals(page.status, 200);
  const policy = page.headers.get("content-security-policy") ?? "";
  assertStringIncludes(policy, "default-src 'none'");
  assertStringIncludes(policy, "frame-ancestors 'none'");
  assertEquals(page.headers.get("x-frame-options"), "DENY");
  assert(!/https?:\/\//.test(page.text), "it names no other place");
  assertStringIncludes(page.text, "reference server for");
  const device = await ask(`${started.url}/device?user_code=<script>`);
  assert(!device.text.includes("<script>"));
});

Deno.test("denying leads back without a code", async () => {
  await using started = await startReceiver();
  const page = await ask(authorizeUrl(started));
  const ticket = ticketOf(page);
  const fields = { ticket, decision: "deny" };
  const answer = await postForm(started, "/oauth/authorize", fields);
  const url = new URL(answer.headers.get("location") ?? "");
  assertEquals(Object.fromEntries(url.searchParams), {
    error: "access_denied",
    state: "a&b<c>",
  });
  const again = await postForm(started, "/oauth/authorize", fields);
  assertEquals(again.status, 400);
});

Deno.test.each([
  { change: { "redirect_uri": "https://evil.example/callback" } },
  { change: { "redirect_uri": "http://127.0.0.1:1/other" } },
  { change: { "redirect_uri": "http://127.0.0.1:1@evil.example/callback" } },
  { change: { "client_id": "another" } },
])("$change is not led anywhere", async ({ change }) => {
  await using started = await startReceiver();
  const answer = await ask(authorizeUrl(started, change));
  assertEquals([answer.status, answer.headers.get("location")], [400, null]);
});

Deno.test.each([
  { change: { "response_type": "token" } },
  { change: { "code_challenge": "short" } },
  { change: { "code_challenge_method": "plain" } },
])("$change is led back with invalid_request", async ({ change }) => {
  await using started = await startReceiver();
  const answer = await ask(authorizeUrl(started, change));
  const url = new URL(answer.headers.get("location") ?? "");
  assertEquals(url.searchParams.get("error"), "invalid_request");
});

Deno.test.each([
  { change: { "code_verifier": "w".repeat(43) } },
  { change: { "code_verifier": "short" } },
  { change: { "redirect_uri": "http://127.0.0.1:1/callback" } },
  { change: { code: "other" } },
])("a code with $change gives nothing", async ({ change }) => {
  await using started = await startReceiver();
  const code = (await approve(started)).searchParams.get("code") ?? "";
  const answer = await useCode(started, code, { ...change });
  assertEquals([answer.status, answer.json.error], [400, "invalid_grant"]);
});

Deno.test("a password is asked for when there is one", async () => {
  await using started = await startReceiver({ password: "s3cret" });
  const page = await ask(authorizeUrl(started));
  assertStringIncludes(page.text, 'type="password"');
  const wrong = await postForm(started, "/oauth/authorize", {
    ticket: ticketOf(page),
    decision: "approve",
    password: "guess",
  });
  assertEquals(wrong.status, 403);
  assertStringIncludes(wrong.text, "The password is wrong.");
  const right = await postForm(started, "/oauth/authorize", {
    ticket: ticketOf(wrong),
    decision: "approve",
    password: "s3cret",
  });
  assertEquals(right.status, 303);
});
