import { assert, assertEquals, assertMatch } from "@std/assert";
import { startReceiver } from "#support/receiver.ts";
import { waitUntil } from "#support/wait_until.ts";
import {
  postForm,
  refresh,
  requestToken,
  signIn,
  statusOf,
} from "./sign_in_client.ts";

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

Deno.test.each([
  { fields: { "grant_type": "password" }, error: "unsupported_grant_type" },
  { fields: { "client_id": "other" }, error: "invalid_client" },
])("the token endpoint answers $fields with $error", async (row) => {
  await using started = await startReceiver();
  const { json } = await requestToken(started, { ...row.fields });
  assertEquals(json.error, row.error);
});
