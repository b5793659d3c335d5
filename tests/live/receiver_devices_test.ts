import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type StartedReceiver, startReceiver } from "#support/receiver.ts";
import { type Answer, ask } from "./receiver_client.ts";
import {
  postForm,
  requestToken,
  statusOf,
  ticketOf,
} from "./sign_in_client.ts";

async function startDevice(started: StartedReceiver): Promise<Answer> {
  const fields = { "client_id": "reeve_cli", scope: "offline_access" };
  return await postForm(started, "/oauth/device_authorization", fields);
}

function poll(started: StartedReceiver, deviceCode: string) {
  return requestToken(started, {
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
