/** What a real daemon answers, and whom it refuses. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { isListening, startDaemon, type Started } from "#support/population.ts";
import { waitUntil } from "#support/wait_until.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import {
  openRaw,
  type RawOptions,
  rawPost,
  type RawReply,
  rawRequest,
} from "./raw_http.ts";

const HEALTH = "/api/health";

async function readToken(sandbox: Sandbox, { port }: Started) {
  const path = `${sandbox.root}/sync/daemon/owner-${port}.json`;
  return JSON.parse(await Deno.readTextFile(path)).token as string;
}

Deno.test("health tells who the daemon is and not its token", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox, { version: "3.2.4" });
  const token = await readToken(sandbox, daemon);
  // It answers as soon as it is there, and begins to work right after.
  await waitUntil(
    "it works",
    async () => (await rawRequest(daemon.port, HEALTH)).json.sync.running,
  );
  const { status, text, json } = await rawRequest(daemon.port, HEALTH);
  assertEquals(status, 200);
  assert(!text.includes(token));
  assertMatch(text, /^content-type: application\/json/im);
  assertMatch(text, /^cache-control: no-/im);
  const { owner, started_at: startedAt, ...plain } = json;
  assertEquals(plain, {
    status: "ok",
    token: "<redacted>",
    "daemon_family": "sync",
    "singleton_scope_id": sandbox.root,
    "protocol_version": 1,
    "package_version": "3.2.4",
    sync: { running: true, "last_sync": null, "consecutive_failures": 0 },
    "websocket_status": "Offline",
    product: "reeve",
  });
  assertEquals(owner.pid, daemon.pid);
  assertEquals(owner.port, daemon.port);
  assertEquals(owner.token, "<redacted>");
  assertEquals(owner.started_at, startedAt);
  assert(Date.parse(startedAt) <= Date.now());
});

Deno.test("health proves knowledge of the token only to a sound challenge", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox);
  const ask = async (query: string) =>
    (await rawRequest(daemon.port, `${HEALTH}?${query}`)).json.proof;
  const proof = await ask(`nonce=${"a".repeat(32)}`);
  assertMatch(proof, /^[0-9a-f]{64}$/);
  assertEquals(await ask(`nonce=${"a".repeat(32)}`), proof);
  assert(await ask(`nonce=${"b".repeat(32)}`) !== proof);
  for (const bad of ["", "short", "Z".repeat(32), "a".repeat(65)]) {
    assertEquals(await ask(`nonce=${bad}`), undefined, bad);
  }
});

Deno.test("a page in a browser reaches nothing", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox);
  const { port } = daemon;
  const ask = async (options: RawOptions) =>
    (await rawRequest(port, HEALTH, options)).status;
  const origin = (value: string) => ({ headers: [`Origin: ${value}`] });
  const hosts = ["evil.example", `evil.example:${port}`, "127.0.0.1", ""];
  for (const host of hosts) {
    const status = await ask({ host });
    assert(status === 403 || status === 400, `${host}: ${status}`);
  }
  const foreign = ["https://evil.example", "http://localhost.evil", "null"];
  for (const value of foreign) {
    assertEquals(await ask(origin(value)), 403, value);
  }
  const own = ["http://localhost:1234", "http://127.0.0.1", "http://[::1]:1"];
  for (const value of own) assertEquals(await ask(origin(value)), 200, value);
  for (const name of ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"]) {
    assertEquals(await ask({ host: `${name}:${port}` }), 200, name);
  }
});

Deno.test("only the token gives the right to command", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox);
  const { port } = daemon;
  const token = await readToken(sandbox, daemon);
  const paths = ["/api/shutdown", "/api/sync/trigger", "/api/sync/publish"];
  const wrong = ["", "<redacted>", token.slice(1), `${token}0`, 7, null, [
    token,
  ]];
  for (const path of paths) {
    for (const stated of wrong) {
      const reply = await rawPost(port, path, { token: stated, event: {} });
      assertEquals(reply.status, 403, `${path} ${JSON.stringify(stated)}`);
      assertEquals(reply.json, { error: "invalid_token" });
    }
    const empty = await rawRequest(port, path, { method: "POST" });
    assertEquals(empty.status, 403);
    const query = await rawPost(port, `${path}?token=${token}`, {});
    assertEquals(query.status, 403);
  }
  assert(await isListening(port));
});

Deno.test("nothing can be synchronised yet, and the daemon says so", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox);
  const { port } = daemon;
  const token = await readToken(sandbox, daemon);
  const trigger = await rawPost(port, "/api/sync/trigger", { token });
  assertEquals([trigger.status, trigger.json], [
    202,
    { status: "accepted" },
  ]);
  const publish = (body: object) =>
    rawPost(port, "/api/sync/publish", { token, ...body });
  const named = { "project_uuid": crypto.randomUUID(), "event_id": "01J" };
  assertEquals((await publish({ event: named })).status, 202);
  for (const event of [undefined, null, "text", 1, [{}], { a: 1 }]) {
    const { status, json } = await publish({ event });
    assertEquals([status, json], [400, { error: "invalid_event" }]);
  }
});

Deno.test("a body that is no JSON object is refused", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox);
  const bad: (string | Uint8Array<ArrayBuffer>)[] = [
    "[]",
    '["token"]',
    "null",
    "1",
    "{",
    "token=1",
    new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  ];
  for (const body of bad) {
    const options = { method: "POST", body };
    const reply = await rawRequest(daemon.port, "/api/shutdown", options);
    assertEquals(reply.status, 400, String(body));
    assertEquals(reply.json, { error: "invalid_payload" });
  }
  assert(daemon.isAlive());
});

/** Sends the head of a POST and what follows, without an end. */
async function sendPart(
  port: number,
  header: string,
  part: string,
): Promise<RawReply> {
  using request = await openRaw(port);
  const head = `POST /api/shutdown HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
    `Connection: close\r\n${header}\r\n\r\n`;
  await request.send(head + part);
  return await request.receive();
}

Deno.test("a body over 64 KiB is refused however it is announced", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox);
  const { port } = daemon;
  const length = 64 * 1024 + 1;
  const long = "x".repeat(length);
  const stated = await sendPart(port, `Content-Length: ${length}`, long);
  assertEquals(stated.status, 413);
  const chunk = `${length.toString(16)}\r\n${long}\r\n0\r\n\r\n`;
  const chunked = await sendPart(port, "Transfer-Encoding: chunked", chunk);
  assertEquals(chunked.status, 413);
  const full = JSON.stringify({ pad: "x".repeat(length - 11) });
  assertEquals(full.length, length - 1);
  const fits = { method: "POST", body: full };
  assertEquals((await rawRequest(port, "/api/shutdown", fits)).status, 403);
});

Deno.test("unknown paths and methods do nothing", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox);
  const { port } = daemon;
  const token = await readToken(sandbox, daemon);
  for (const path of ["/", "/api", "/api/health/", "/api/unknown", "/%2e"]) {
    assertEquals((await rawRequest(port, path)).status, 404, path);
    assertEquals((await rawPost(port, path, { token })).status, 404, path);
  }
  const get = await rawRequest(port, `/api/shutdown?token=${token}`);
  assert([404, 405].includes(get.status));
  assertEquals((await rawPost(port, HEALTH, { token })).status, 404);
  for (const method of ["PUT", "DELETE", "OPTIONS", "PATCH"]) {
    const options = { method, body: JSON.stringify({ token }) };
    const { status } = await rawRequest(port, "/api/shutdown", options);
    assert([404, 405, 501].includes(status), `${method}: ${status}`);
  }
  assert(daemon.isAlive());
});
