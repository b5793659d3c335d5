/** Keeping somebody signed in: races, servers that are away, refusals. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reeve, reeveCommand } from "#support/cli.ts";
import { type StartedReceiver, startReceiver } from "#support/receiver.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import {
  auditOf,
  changeStored,
  letAccessEnd,
  readStored,
  reeveJson,
  signIn,
} from "./auth_flow.ts";

const ASK = ["auth", "doctor", "--server"];

/** Statuses of every refresh that the server was asked for. */
function refreshes({ receiver }: StartedReceiver): readonly unknown[] {
  return receiver.log.all().filter(({ path }) => path === "/oauth/token")
    .map(({ status }) => status);
}

/** Ids of the findings, with how bad they are. */
// deno-lint-ignore no-explicit-any
function findingsOf(json: any): readonly string[] {
  return json.findings.map((one: { id: string; severity: string }) =>
    `${one.id} ${one.severity}`
  );
}

async function openSession(server: StartedReceiver, sandbox: Sandbox) {
  const { code, stderr } = await signIn(sandbox, server.url);
  assertEquals(code, 0, stderr);
  server.receiver.log.clear();
}

Deno.test("eight processes that need a refresh share one", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  await openSession(server, sandbox);
  for (let round = 1; round <= 3; round++) {
    await letAccessEnd(sandbox);
    server.receiver.log.clear();
    const results = await Promise.all(
      Array.from({ length: 8 }, () => reeveJson(sandbox, ASK)),
    );
    for (const { code, json, stderr } of results) {
      assertEquals([code, stderr], [0, ""]);
      assert(json.server_session.active);
    }
    assertEquals(refreshes(server), [200], `round ${round}`);
    assertEquals((await readStored(sandbox)).generation, round + 1);
  }
});

Deno.test("eight processes with tokens that never last lose no session", async () => {
  await using sandbox = await makeSandbox();
  // Shorter than the margin, so that every look refreshes.
  await using server = await startReceiver({ accessSeconds: 4 });
  await openSession(server, sandbox);
  const results = await Promise.all(
    Array.from({ length: 8 }, () => reeveJson(sandbox, ASK)),
  );
  for (const { code, json } of results) {
    assertEquals([code, json.server_session.active], [0, true]);
  }
  const statuses = refreshes(server);
  assertEquals([...new Set(statuses)], [200]);
  const { generation } = await readStored(sandbox);
  assertEquals(generation, statuses.length + 1);
});

Deno.test("a server that is away costs nobody the session", async () => {
  await using sandbox = await makeSandbox();
  let port = 0;
  const data = `${sandbox.directory}/server.db`;
  {
    await using server = await startReceiver({ data });
    await openSession(server, sandbox);
    port = server.port;
  }
  await letAccessEnd(sandbox);
  const before = await readStored(sandbox);
  const away = await reeveJson(sandbox, ASK);
  assertEquals([away.code, away.json.server_session.active], [0, false]);
  assertEquals(findingsOf(away.json), ["F-013 info"]);
  assertEquals(await readStored(sandbox), before);
  const status = await reeveJson(sandbox, ["auth", "status", "--check"]);
  assertEquals([status.code, status.json.state], [0, "refreshable"]);
  await using _back = await startReceiver({ data, port });
  const back = await reeveJson(sandbox, ASK);
  assertEquals([back.code, back.json.server_session.active], [0, true]);
});

Deno.test("a session that the server has ended is cleared", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  await openSession(server, sandbox);
  const { "refresh_token": token } = await readStored(sandbox);
  const body = new URLSearchParams({ token });
  const ended = await fetch(`${server.url}/oauth/revoke`, {
    method: "POST",
    body,
  });
  await ended.body?.cancel();
  const { code, json } = await reeveJson(sandbox, ASK);
  assertEquals([code, json.server_session.active], [1, false]);
  assertEquals(findingsOf(json), ["F-001 critical", "F-017 critical"]);
  assertEquals(await readStored(sandbox), null);
  assertEquals(
    (await auditOf(sandbox)).at(-1),
    "refresh current_rejection_cleared",
  );
});

Deno.test("a session that has run out needs a new sign-in", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  await openSession(server, sandbox);
  await letAccessEnd(sandbox);
  await changeStored(sandbox, { "refresh_expires_at": "2026-01-01T00:00:00Z" });
  const status = await reeveJson(sandbox, ["auth", "status", "--check"]);
  assertEquals([status.code, status.json.state], [4, "expired"]);
  assertEquals((await reeve(sandbox, ["auth", "status"])).code, 0);
  const doctor = await reeveJson(sandbox, ASK);
  assertEquals([doctor.code, findingsOf(doctor.json)], [1, ["F-013 critical"]]);
  assertEquals(refreshes(server), []);
  assert(await readStored(sandbox) !== null, "it is left as it is");
  assertEquals((await signIn(sandbox, server.url)).code, 0);
});

Deno.test("reeve auth doctor --server tells of a clock that is off", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  await openSession(server, sandbox);
  server.receiver.faults.set("clock-skew=-300");
  const { code, json } = await reeveJson(sandbox, ASK);
  assertEquals([code, findingsOf(json)], [0, ["F-008 warn"]]);
  assertStringIncludes(json.findings[0].summary, "ahead of that of the server");
});

Deno.test("a token of the environment wins and is never stored", async () => {
  await using sandbox = await makeSandbox();
  await using server = await startReceiver();
  await openSession(server, sandbox);
  const before = await readStored(sandbox);
  const env = { REEVE_TOKEN: server.token };
  const status = await reeveJson(sandbox, ["auth", "status"], env);
  assertEquals([status.json.state, status.json.source], ["env", "env"]);
  const { code, json } = await reeveJson(sandbox, ASK, env);
  assertEquals([code, json.server_session.active], [0, true]);
  assertEquals(findingsOf(json), ["F-010 warn"]);
  const wrong = { REEVE_TOKEN: "nonsense" };
  const rejected = await reeveJson(sandbox, ASK, wrong);
  assert(!rejected.json.server_session.active);
  assertEquals([refreshes(server), await readStored(sandbox)], [[], before]);
});

/** The super-user without the right to write where modes forbid it. */
const PLAIN_USER = ["--bounding-set=-dac_override", "--inh-caps=-dac_override"];

async function canBePlain(): Promise<boolean> {
  if (Deno.uid() !== 0 || Deno.build.os !== "linux") return false;
  const args = [...PLAIN_USER, Deno.execPath(), "--version"];
  try {
    const { code } = await new Deno.Command("setpriv", { args }).output();
    return code === 0;
  } catch {
    return false;
  }
}

const CAN_TEST_MODES = Deno.build.os !== "windows" &&
  (Deno.uid() !== 0 || await canBePlain());

async function askAsPlainUser(sandbox: Sandbox) {
  const reeveArgs = reeveCommand([...ASK, "--json"]);
  const isRoot = Deno.uid() === 0;
  const output = await new Deno.Command(isRoot ? "setpriv" : Deno.execPath(), {
    args: isRoot ? [...PLAIN_USER, Deno.execPath(), ...reeveArgs] : reeveArgs,
    env: { ...sandbox.env },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(output.stdout);
  return { code: output.code, json: JSON.parse(text) };
}

Deno.test({
  name: "no token is spent where the next one cannot be stored",
  ignore: !CAN_TEST_MODES,
  async fn() {
    await using sandbox = await makeSandbox();
    await using server = await startReceiver();
    await openSession(server, sandbox);
    await letAccessEnd(sandbox);
    const before = await readStored(sandbox);
    await Deno.chmod(`${sandbox.root}/auth`, 0o500);
    const { code, json } = await askAsPlainUser(sandbox);
    await Deno.chmod(`${sandbox.root}/auth`, 0o700);
    assertEquals([code, json.server_session.active], [1, false]);
    assertEquals(findingsOf(json), ["F-006 critical", "F-013 info"]);
    assertEquals([refreshes(server), await readStored(sandbox)], [[], before]);
    const later = await reeveJson(sandbox, ASK);
    assert(later.json.server_session.active);
  },
});

Deno.test({
  name: "no token is spent where the lock cannot be taken",
  ignore: !CAN_TEST_MODES,
  async fn() {
    await using sandbox = await makeSandbox();
    await using server = await startReceiver();
    await openSession(server, sandbox);
    await letAccessEnd(sandbox);
    await Deno.remove(`${sandbox.root}/auth/refresh.lock`);
    await Deno.chmod(`${sandbox.root}/auth`, 0o500);
    const { code, json } = await askAsPlainUser(sandbox);
    await Deno.chmod(`${sandbox.root}/auth`, 0o700);
    assertEquals([code, json.server_session.active], [1, false]);
    assertStringIncludes(json.server_session.error, "refresh.lock");
    assertEquals(refreshes(server), []);
    const later = await reeveJson(sandbox, ASK);
    assert(later.json.server_session.active);
  },
});
