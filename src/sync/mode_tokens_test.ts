import { assertEquals } from "@std/assert";
import { createFakeHost } from "#support/fake_host.ts";
import { FakeTokens, TOKEN } from "#support/fake_receiver.ts";
import { PROJECT_ID, ROOT } from "#support/tasks.ts";
import { tokensByMode } from "./mode_tokens.ts";
import { findPlace } from "./project_sync.ts";

const SERVER = "https://sync.example";
const ENDPOINT = "https://own.example";
const EXTERNAL = { endpoint: ENDPOINT, "auth_env": "OWN_TOKEN" };

/** The tokens for these settings of the person. */
function tokensFor(
  sync: Readonly<Record<string, unknown>> | string,
  env: Readonly<Record<string, string>> = {},
) {
  const host = createFakeHost({ env });
  const text = typeof sync === "string"
    ? sync
    : JSON.stringify({ "schema_version": 1, sync });
  host.world.disk.put(`${ROOT}/config.json`, text);
  host.world.disk.put(
    "/home/ada/code/.reeve",
    `REEVE_PROJECT_ID=${PROJECT_ID}\n`,
  );
  return tokensByMode(host.env, findPlace(host), () => new FakeTokens());
}

Deno.test("tokensByMode() uses the sign-in for the server that it is for", async () => {
  const tokens = tokensFor({ "server_url": SERVER });
  assertEquals(await tokens.current(), TOKEN);
  const next = await tokens.refresh("access-1");
  assertEquals(next, { ...TOKEN, accessToken: "access-2" });
});

Deno.test.each([
  { name: "local", sync: { mode: "local" }, detail: "sync.mode is local" },
  { name: "off", sync: { mode: "off" }, detail: "sync.mode is off" },
  {
    name: "external without a receiver",
    sync: { mode: "external" },
    detail: "sync.external.endpoint is not set",
  },
  {
    name: "external without the name of a variable",
    sync: { mode: "external", external: { endpoint: ENDPOINT } },
    detail: "sync.external.auth_env is not set",
  },
  {
    name: "external without its variable",
    sync: { mode: "external", external: EXTERNAL },
    detail: "OWN_TOKEN is not set",
  },
])("tokensByMode() gives none for the mode $name", async ({ sync, detail }) => {
  const tokens = tokensFor(sync);
  const problem = { reason: "auth_required", detail } as const;
  assertEquals(await tokens.current(), problem);
  assertEquals(await tokens.refresh("access-1"), problem);
});

Deno.test("tokensByMode() gives the own receiver its token, and no sign-in", async () => {
  const sync = { mode: "external", external: EXTERNAL, workspace: "w" };
  const tokens = tokensFor(sync, { OWN_TOKEN: "mine" });
  assertEquals(await tokens.current(), {
    accessToken: "mine",
    workspace: "w",
    account: "env",
    server: ENDPOINT,
  });
  assertEquals(await tokens.refresh("mine"), {
    reason: "auth_required",
    detail: `${ENDPOINT} rejects the token in OWN_TOKEN`,
  });
});

Deno.test.each([
  { name: "a mode that is none", sync: { mode: "lokal" } },
  { name: "a server that is none", sync: { "server_url": "http://far" } },
  { name: "a word for auto_start", sync: { "auto_start": "perhaps" } },
  { name: "a file that is no JSON", sync: "{" },
])("tokensByMode() gives none with $name", async ({ sync }) => {
  const given = await tokensFor(sync).current();
  assertEquals("reason" in given && given.reason, "auth_required");
});

Deno.test("tokensByMode() minds no fault that is not about the way", async () => {
  const tokens = tokensFor({ "server_url": SERVER, "retain_days": -1 });
  assertEquals(await tokens.current(), TOKEN);
});
