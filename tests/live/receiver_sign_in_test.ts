import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { type StartedReceiver, startReceiver } from "#support/receiver.ts";
import { waitUntil } from "#support/wait_until.ts";
import { type Answer, ask } from "./receiver_client.ts";

const CALLBACK = "http://127.0.0.1:45678/callback";
const VERIFIER = "v".repeat(43);
// base64url of the SHA-256 of the verifier, as RFC 7636 asks for.
const CHALLENGE = await challengeOf(VERIFIER);

async function challengeOf(verifier: string): Promise<string> {
  const bytes = new TextEncoder().encode(verifier);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hash.toBase64({ alphabet: "base64url", omitPadding: true });
}

const QUERY = {
  "response_type": "code",
  "client_id": "reeve_cli",
  "redirect_uri": CALLBACK,
  "state": "a&b<c>",
  "code_challenge": CHALLENGE,
  "code_challenge_method": "S256",
  "scope": "offline_access",
};

function authorizeUrl(
  started: StartedReceiver,
  changes: Readonly<Record<string, string>> = {},
): string {
  const query = new URLSearchParams({ ...QUERY, ...changes });
  return `${started.url}/oauth/authorize?${query}`;
}

async function postForm(
  started: StartedReceiver,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<Answer> {
  const body = new URLSearchParams(fields);
  return await ask(started.url + path, { method: "POST", body });
}

function token(started: StartedReceiver, fields: Record<string, string>) {
  const all = { "client_id": "reeve_cli", ...fields };
  return postForm(started, "/oauth/token", all);
}

function ticketOf(page: Answer): string {
  return /name="ticket" value="([0-9a-f]+)"/.exec(page.text)?.[1] ?? "none";
}

async function approve(started: StartedReceiver): Promise<URL> {
  const page = await ask(authorizeUrl(started));
  const answer = await postForm(started, "/oauth/authorize", {
    ticket: ticketOf(page),
    decision: "approve",
  });
  assertEquals(answer.status, 303);
  return new URL(answer.headers.get("location") ?? "");
}

function useCode(
  started: StartedReceiver,
  code: string,
  changes: Record<string, string> = {},
) {
  return token(started, {
    "grant_type": "authorization_code",
    "redirect_uri": CALLBACK,
    "code_verifier": VERIFIER,
    code,
    ...changes,
  });
}

async function signIn(started: StartedReceiver): Promise<Answer> {
  const url = await approve(started);
  return await useCode(started, url.searchParams.get("code") ?? "");
}

function refresh(started: StartedReceiver, refreshToken: string) {
  return token(started, {
    "grant_type": "refresh_token",
    "refresh_token": refreshToken,
  });
}

async function statusOf(
  started: StartedReceiver,
  accessToken: string,
  path = "/api/v1/session-status",
): Promise<Answer> {
  const headers = { authorization: `Bearer ${accessToken}` };
  return await ask(started.url + path, { headers });
}

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

Deno.test("refresh tokens rotate, and a race is told apart from a theft", async () => {
  await using started = await startReceiver();
  const { json: first } = await signIn(started);
  const { status, json: second } = await refresh(started, first.refresh_token);
  assertEquals(status, 200);
  assertEquals(second.session_id, first.session_id);
  assert(second.refresh_token !== first.refresh_token);
  const race = await refresh(started, first.refresh_token);
  assertEquals([race.status, race.json.error], [
    409,
    "refresh_replay_benign_retry",
  ]);
  assertEquals((await statusOf(started, second.access_token)).status, 200);
  assertEquals((await refresh(started, "unknown")).json.error, "invalid_grant");
});

Deno.test("access tokens end by themselves", async () => {
  await using started = await startReceiver({ accessSeconds: 0.2 });
  const { json } = await signIn(started);
  await waitUntil(
    "the access token has ended",
    async () => (await statusOf(started, json.access_token)).status === 401,
  );
  const { json: next } = await refresh(started, json.refresh_token);
  assertMatch(next.access_token, /^[0-9a-f]{64}$/);
});

Deno.test("revoking either token ends the session", async () => {
  await using started = await startReceiver();
  for (const kind of ["access_token", "refresh_token"]) {
    const { json } = await signIn(started);
    const revoked = await postForm(started, "/oauth/revoke", {
      token: json[kind],
    });
    assertEquals(revoked.status, 200);
    assertEquals((await statusOf(started, json.access_token)).status, 401);
    const after = await refresh(started, json.refresh_token);
    assertEquals([after.status, after.json.error], [400, "session_invalid"]);
  }
  const unknown = await postForm(started, "/oauth/revoke", { token: "x" });
  assertEquals(unknown.status, 200);
});

Deno.test("sessions outlive the server and hold no token in clear", async () => {
  const folder = await Deno.makeTempDir();
  const data = `${folder}/server.db`;
  // deno-lint-ignore no-explicit-any
  let tokens: any;
  {
    await using started = await startReceiver({ data });
    tokens = (await signIn(started)).json;
  }
  for await (const { name } of Deno.readDir(folder)) {
    const bytes = await Deno.readFile(`${folder}/${name}`);
    const text = new TextDecoder("latin1").decode(bytes);
    assert(!text.includes(tokens.access_token), name);
    assert(!text.includes(tokens.refresh_token), name);
  }
  {
    await using started = await startReceiver({ data });
    assertEquals((await statusOf(started, tokens.access_token)).status, 200);
  }
  {
    await using started = await startReceiver({ data, user: "grace" });
    assertEquals((await statusOf(started, tokens.access_token)).status, 401);
  }
  await Deno.remove(folder, { recursive: true });
});

async function startDevice(started: StartedReceiver): Promise<Answer> {
  const fields = { "client_id": "reeve_cli", scope: "offline_access" };
  return await postForm(started, "/oauth/device_authorization", fields);
}

function poll(started: StartedReceiver, deviceCode: string) {
  return token(started, {
    "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
    "device_code": deviceCode,
  });
}

Deno.test("a device signs in once a person types its code", async () => {
  await using started = await startReceiver({ pollSeconds: 0 });
  const { json: device } = await startDevice(started);
  assertMatch(device.user_code, /^[B-Z]{4}-[B-Z]{4}$/);
  assertEquals(device.verification_uri, `${started.url}/device`);
  const waiting = await poll(started, device.device_code);
  assertEquals(waiting.json.error, "authorization_pending");
  assertStringIncludes((await ask(device.verification_uri)).text, "user_code");
  const typed = device.user_code.toLowerCase().replace("-", " ");
  const page = await ask(
    `${started.url}/device?user_code=${encodeURIComponent(typed)}`,
  );
  assertStringIncludes(page.text, device.user_code);
  const fields = { ticket: ticketOf(page), decision: "approve" };
  assertEquals((await postForm(started, "/device", fields)).status, 200);
  const given = await poll(started, device.device_code);
  assertEquals(given.status, 200);
  assertEquals((await statusOf(started, given.json.access_token)).status, 200);
  const again = await poll(started, device.device_code);
  assertEquals(again.json.error, "invalid_grant");
});

Deno.test("a device is told to slow down, and that it was denied", async () => {
  await using started = await startReceiver({ pollSeconds: 60 });
  const { json: device } = await startDevice(started);
  const errors = [
    (await poll(started, device.device_code)).json.error,
    (await poll(started, device.device_code)).json.error,
  ];
  assertEquals(errors, ["authorization_pending", "slow_down"]);
  const page = await ask(device.verification_uri_complete);
  await postForm(started, "/device", {
    ticket: ticketOf(page),
    decision: "deny",
  });
  const denied = await poll(started, device.device_code);
  assertEquals(denied.json.error, "access_denied");
  const unknown = await ask(`${started.url}/device?user_code=BBBB-BBBB`);
  assertEquals(unknown.status, 404);
});

Deno.test.each([
  { fields: { "grant_type": "password" }, error: "unsupported_grant_type" },
  { fields: { "client_id": "other" }, error: "invalid_client" },
])("the token endpoint answers $fields with $error", async (row) => {
  await using started = await startReceiver();
  const { json } = await token(started, { ...row.fields });
  assertEquals(json.error, row.error);
});
