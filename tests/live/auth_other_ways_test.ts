/** Signing in without a browser here, and signing out. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { reeve } from "#support/cli.ts";
import { startReceiver } from "#support/receiver.ts";
import { makeSandbox } from "#support/sandbox.ts";
import {
  auditOf,
  decide,
  deviceAddressOf,
  readStored,
  reeveJson,
  reeveWithInput,
  signIn,
  startReeve,
} from "./auth_flow.ts";

Deno.test("reeve auth login --device waits for another device", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver({ pollSeconds: 1 });
  const args = ["auth", "login", "--device", "--server", server.url, "--json"];
  const running = startReeve(sandbox, args);
  const address = await deviceAddressOf(running);
  assertMatch(running.said(), /[A-Z]{4}-[A-Z]{4}/);
  const page = await decide(address, "approve");
  assertStringIncludes(await page.text(), "Signed in");
  const { code, json } = await running.ended;
  assertEquals([code, json.session.method], [0, "device"]);
});

Deno.test("reeve auth login --device that is denied signs nobody in", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver({ pollSeconds: 1 });
  const args = ["auth", "login", "--device", "--server", server.url, "--json"];
  const running = startReeve(sandbox, args);
  const page = await decide(await deviceAddressOf(running), "deny");
  await page.body?.cancel();
  const { code, json } = await running.ended;
  assertEquals([code, json.error.code], [1, "unusable"]);
  assertEquals(await readStored(sandbox), null);
});

Deno.test("reeve auth login --device ends with 2 on Ctrl-C", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver({ pollSeconds: 5 });
  const args = ["auth", "login", "--device", "--server", server.url];
  const running = startReeve(sandbox, args);
  await deviceAddressOf(running);
  running.signal("SIGINT");
  assertEquals((await running.ended).code, 2);
});

Deno.test("reeve auth login --token - takes a token from standard input", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  const args = ["auth", "login", "--token", "-", "--server", server.url];
  const { code, stdout, stderr } = await reeveWithInput(
    sandbox,
    args,
    `${server.token}\n`,
  );
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "ada@example.test");
  const stored = await readStored(sandbox);
  assertEquals(
    [stored.method, stored.refresh_token, stored.access_token],
    ["token", null, server.token],
  );
  assertEquals((await reeve(sandbox, ["auth", "status", "--check"])).code, 0);
});

Deno.test.each([
  { name: "a token that nobody knows", input: "nonsense", code: 1 },
  { name: "nothing", input: "", code: 64 },
  { name: "two words", input: "two words", code: 64 },
  { name: "far too much", input: "x".repeat(100_000), code: 64 },
])("reeve auth login --token - refuses $name", async ({ input, code }) => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  const args = ["auth", "login", "--token", "-", "--server", server.url];
  const result = await reeveWithInput(sandbox, args, input);
  assertEquals(result.code, code, result.stderr);
  assertEquals(await readStored(sandbox), null);
});

Deno.test("reeve auth logout ends the session here and at the server", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  await signIn(sandbox, server.url);
  const { "access_token": token } = await readStored(sandbox);
  const ask = async () => {
    const answer = await fetch(`${server.url}/api/v1/session-status`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await answer.body?.cancel();
    return answer.status;
  };
  assertEquals(await ask(), 200);
  const { code, json } = await reeveJson(sandbox, ["auth", "logout"]);
  assertEquals([code, json.revocation], [0, "confirmed"]);
  assertEquals([await ask(), await readStored(sandbox)], [401, null]);
  const names = await Array.fromAsync(Deno.readDir(`${sandbox.root}/auth`));
  assertEquals(names.map(({ name }) => name).toSorted(), [
    "audit.jsonl",
    "refresh.lock",
  ]);
  const again = await reeveJson(sandbox, ["auth", "logout"]);
  assertEquals([again.code, again.json.was_signed_in], [0, false]);
  assertEquals((await reeve(sandbox, ["auth", "whoami"])).code, 4);
  assertEquals(await auditOf(sandbox), [
    "login signed_in",
    "logout removed_confirmed",
  ]);
});

Deno.test("reeve auth logout signs out here when the server is away", async () => {
  await using sandbox = await makeSandbox();
  {
    await using server = await startReceiver();
    await signIn(sandbox, server.url);
  }
  const { code, stderr } = await reeve(sandbox, ["auth", "logout"]);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "has not confirmed");
  assertEquals(await readStored(sandbox), null);
});

Deno.test("reeve auth logout --force does not tell the server", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  await signIn(sandbox, server.url);
  server.receiver.log.clear();
  const args = ["auth", "logout", "--force"];
  const { code, json } = await reeveJson(sandbox, args);
  assertEquals([code, json.revocation], [0, "skipped"]);
  assertEquals(server.receiver.log.all(), []);
});

Deno.test("the environment's server wins over the settings, and says so", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  const other = "https://other.example";
  const config = `${sandbox.root}/config.json`;
  const before = JSON.stringify({ sync: { "server_url": other, x: 1 } });
  await Deno.writeTextFile(config, before);
  const env = { REEVE_SERVER_URL: server.url };
  const args = ["auth", "login", "--token", "-"];
  const { code, stderr } = await reeveWithInput(
    { env: { ...sandbox.env, ...env } },
    args,
    server.token,
  );
  assertEquals(code, 0);
  assertStringIncludes(stderr, `REEVE_SERVER_URL names ${server.url}`);
  assertStringIncludes(stderr, other);
  assertEquals(await Deno.readTextFile(config), before);
  const doctor = await reeveJson(sandbox, ["auth", "doctor"]);
  const ids = doctor.json.findings.map(({ id }: { id: string }) => id);
  assertEquals([doctor.code, ids.includes("F-015")], [1, true]);
});

Deno.test("reeve auth login --server keeps what the settings say", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  const config = `${sandbox.root}/config.json`;
  await Deno.writeTextFile(config, JSON.stringify({ sync: { daemon: "off" } }));
  const first = await signIn(sandbox, server.url);
  assertEquals(first.code, 0, first.stderr);
  const { sync } = JSON.parse(await Deno.readTextFile(config));
  assertEquals(sync, { daemon: "off", "server_url": server.url });
  await using other = await startReceiver();
  const second = await signIn(sandbox, other.url);
  assert(second.stderr.includes(`Events still go to ${server.url}`));
  const after = JSON.parse(await Deno.readTextFile(config));
  assertEquals(after.sync.server_url, server.url);
});
