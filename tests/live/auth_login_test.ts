/** Signing in through the browser, as a person does. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reeve } from "#support/cli.ts";
import { startReceiver } from "#support/receiver.ts";
import { makeSandbox, snapshotTree } from "#support/sandbox.ts";
import {
  addressOf,
  auditOf,
  decideInBrowser,
  readStored,
  reeveJson,
  signIn,
  startReeve,
} from "./auth_flow.ts";

const LOGIN = ["auth", "login", "--no-browser", "--json"];

/** The callback that an address names. */
function callbackOf(address: string): URL {
  return new URL(new URL(address).searchParams.get("redirect_uri") ?? "");
}

async function isRefused(url: URL): Promise<boolean> {
  try {
    const connection = await Deno.connect({
      hostname: "127.0.0.1",
      port: Number(url.port),
    });
    connection.close();
    return false;
  } catch (error) {
    assert(error instanceof Deno.errors.ConnectionRefused);
    return true;
  }
}

Deno.test("reeve auth login signs in through the browser", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  const running = startReeve(sandbox, [...LOGIN, "--server", server.url]);
  const page = await decideInBrowser(running);
  assertStringIncludes(page, "You can close this window");
  const { code, json, stderr } = await running.ended;
  assertEquals([code, json.outcome], [0, "signed_in"], stderr);
  assertEquals(
    [json.session.email, json.session.workspace, json.session.server],
    ["ada@example.test", "ada-private", server.url],
  );
  assertStringIncludes(stderr, "remembered as sync.server_url");
  const stored = await readStored(sandbox);
  assertEquals([stored.generation, stored.method], [1, "browser"]);
  for (const name of ["session.json", "session.summary.json", "audit.jsonl"]) {
    const { mode } = await Deno.stat(`${sandbox.root}/auth/${name}`);
    assertEquals((mode ?? 0) & 0o777, 0o600, name);
  }
  assertEquals(await auditOf(sandbox), ["login signed_in"]);
  assert(await isRefused(callbackOf(await addressOf(running))));
});

Deno.test("what follows a sign-in knows it without asking the server", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  assertEquals((await signIn(sandbox, server.url)).code, 0);
  server.receiver.log.clear();
  const files = await snapshotTree(sandbox.home);
  const status = await reeveJson(sandbox, ["auth", "status", "--check"]);
  assertEquals(
    [status.code, status.json.state, status.json.signed_in],
    [0, "active", true],
  );
  const left = status.json.session.access_expires_in_s;
  assert(left > 3500 && left <= 3600, String(left));
  const text = await reeve(sandbox, ["auth", "status"]);
  assertStringIncludes(text.stdout, "protected by its permissions only");
  const whoami = await reeve(sandbox, ["auth", "whoami"]);
  assertEquals(
    [whoami.code, whoami.stdout],
    [0, "ada <ada@example.test>, workspace ada-private\n"],
  );
  const doctor = await reeveJson(sandbox, ["auth", "doctor"]);
  assertEquals([doctor.code, doctor.json.findings], [0, []]);
  assertEquals(doctor.json.session.state, "active");
  const again = await reeveJson(sandbox, ["auth", "login"]);
  assertEquals([again.code, again.json.outcome], [0, "already_signed_in"]);
  assertEquals(await snapshotTree(sandbox.home), files);
  assertEquals(server.receiver.log.all(), []);
});

Deno.test("reeve auth login that is denied signs nobody in", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  const running = startReeve(sandbox, [...LOGIN, "--server", server.url]);
  const page = await decideInBrowser(running, "deny");
  assertStringIncludes(page, "The sign-in was denied");
  const { code, json } = await running.ended;
  assertEquals([code, json.error.code], [1, "unusable"]);
  assertStringIncludes(json.error.message, "denied");
  assertEquals(await readStored(sandbox), null);
  assertEquals(await auditOf(sandbox), ["login denied"]);
});

Deno.test("reeve auth login is not ended by stray requests", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  const running = startReeve(sandbox, [...LOGIN, "--server", server.url]);
  const callback = callbackOf(await addressOf(running));
  const strays = [
    "/favicon.ico",
    "/",
    "/callback",
    "/callback?code=evil&state=wrong",
    "/callback?error=access_denied",
  ];
  for (const path of strays) {
    const answer = await fetch(new URL(path, callback));
    assert([400, 404].includes(answer.status), path);
    assertStringIncludes(await answer.text(), "close this window");
  }
  await decideInBrowser(running);
  assertEquals((await running.ended).code, 0);
});

Deno.test.each(
  [
    { name: "SIGINT", exit: 2 },
    { name: "SIGTERM", exit: 143 },
  ] as const,
)("reeve auth login ends with $exit on $name", async (row) => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  const running = startReeve(sandbox, [...LOGIN, "--server", server.url]);
  const callback = callbackOf(await addressOf(running));
  assert(!await isRefused(callback));
  running.signal(row.name);
  const { code, json } = await running.ended;
  assertEquals([code, json.error.code], [row.exit, "cancelled"]);
  assert(await isRefused(callback));
  assertEquals(await readStored(sandbox), null);
});

Deno.test({
  name: "reeve auth login opens the browser without our token",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using sandbox = await makeSandbox();
    await using server = await startReceiver();
    const folder = `${sandbox.directory}/bin`;
    await Deno.mkdir(folder);
    const seen = `${sandbox.directory}/seen`;
    const script = `#!/bin/sh\nprintf '%s|%s' "$1" "$REEVE_TOKEN" >'${seen}'\n`;
    for (const name of ["xdg-open", "open"]) {
      await Deno.writeTextFile(`${folder}/${name}`, script, { mode: 0o755 });
    }
    const args = ["auth", "login", "--server", server.url, "--json"];
    const running = startReeve(sandbox, args, {
      PATH: `${folder}:${Deno.env.get("PATH")}`,
      REEVE_TOKEN: "env-canary",
    });
    await decideInBrowser(running);
    const { code, stderr } = await running.ended;
    assertEquals(code, 0);
    assertStringIncludes(stderr, "REEVE_TOKEN is set and wins");
    const [url, token] = (await Deno.readTextFile(seen)).split("|");
    assertEquals([url, token], [await addressOf(running), ""]);
  },
});

Deno.test("reeve auth login goes on when there is no browser", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  const args = ["auth", "login", "--server", server.url, "--json"];
  const running = startReeve(sandbox, args, { PATH: sandbox.directory });
  await running.waitFor(/No browser could be started/);
  await decideInBrowser(running);
  assertEquals((await running.ended).code, 0);
});

Deno.test("reeve auth login says when the server is not there", async () => {
  await using sandbox = await makeSandbox();
  let url = "";
  {
    await using server = await startReceiver();
    url = server.url;
  }
  const args = ["auth", "login", "--device", "--server", url, "--json"];
  const { code, json } = await reeve(sandbox, args);
  assertEquals([code, json.error.code], [3, "not_ready"]);
  assertStringIncludes(json.error.message, url);
});

Deno.test.each([{ fault: "redirect" }, { fault: "html" }])(
  "reeve auth login gives tokens back when the server answers $fault",
  async ({ fault }) => {
    await using sandbox = await makeSandbox();
    await using server = await startReceiver({ faults: [fault] });
    const { code, json } = await signIn(sandbox, server.url, "--json");
    assertEquals([code, json.error.code], [3, "not_ready"]);
    assertEquals(await readStored(sandbox), null);
    const paths = server.receiver.log.all().map(({ path }) => path);
    assertEquals(paths.slice(-2), ["/api/v1/me", "/oauth/revoke"]);
  },
);

Deno.test("reeve auth login --force replaces the session", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  await signIn(sandbox, server.url);
  const first = await readStored(sandbox);
  assertEquals((await signIn(sandbox, server.url, "--force")).code, 0);
  const second = await readStored(sandbox);
  assertEquals(second.generation, 2);
  assert(first.session_id !== second.session_id);
});

Deno.test("reeve auth login asks which of several workspaces", async () => {
  await using sandbox = await makeSandbox();
  const workspaces = ["a-private", "b-private", "team"];
  await using server = await startReceiver({ workspaces });
  // Two private ones, and the first is the default one.
  const first = await signIn(sandbox, server.url, "--json");
  assertEquals([first.code, first.json.session.workspace], [0, "a-private"]);
  const to = (slug: string) => ["auth", "login", "--workspace", slug];
  const other = await reeveJson(sandbox, to("team"));
  assertEquals([other.code, other.json.outcome], [0, "workspace_changed"]);
  assertEquals((await readStored(sandbox)).workspace, "team");
  const none = await reeveJson(sandbox, to("zeta"));
  assertEquals([none.code, none.json.error.code], [64, "usage"]);
  assertStringIncludes(none.json.error.message, "a-private, b-private, team");
});

Deno.test("reeve auth login refuses a session that others can read", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  await signIn(sandbox, server.url);
  const path = `${sandbox.root}/auth/session.json`;
  await Deno.chmod(path, 0o644);
  const status = await reeveJson(sandbox, ["auth", "status", "--check"]);
  assertEquals([status.code, status.json.state], [4, "unreadable"]);
  const login = await reeve(sandbox, ["auth", "login"]);
  assertEquals(login.code, 1);
  const fix = /chmod 600 '[^']+'/.exec(login.stderr)?.[0] ?? "";
  assertStringIncludes(fix, path);
  const shell = new Deno.Command("sh", { args: ["-c", fix] });
  assertEquals((await shell.output()).code, 0);
  assertEquals((await reeve(sandbox, ["auth", "status", "--check"])).code, 0);
});

Deno.test("reeve auth login replaces a damaged session and says so", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  await signIn(sandbox, server.url);
  const path = `${sandbox.root}/auth/session.json`;
  await Deno.writeTextFile(path, "{");
  const status = await reeve(sandbox, ["auth", "status", "--check"]);
  assertEquals([status.code, await Deno.readTextFile(path)], [4, "{"]);
  const { code, stderr } = await signIn(sandbox, server.url);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "is replaced");
});
