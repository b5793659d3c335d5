/** A daemon that nobody needs ends by itself, in order; a busy one stays. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { isListening, startDaemon, type Started } from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { openRaw } from "./raw_http.ts";

const TICK = { REEVE_SYNC_DAEMON_TICK_SECONDS: "0.05" };
const IDLE = { ...TICK, REEVE_SYNC_DAEMON_IDLE_RETIREMENT_SECONDS: "0.3" };

function ownerPath(sandbox: Sandbox, { port }: { port: number }): string {
  return `${sandbox.root}/sync/daemon/owner-${port}.json`;
}

/** Makes a daemon the current one, as its starter would. */
async function record(sandbox: Sandbox, daemon: Started): Promise<string> {
  const text = await Deno.readTextFile(ownerPath(sandbox, daemon));
  const { port, pid, token } = JSON.parse(text);
  const state = `http://127.0.0.1:${port}\n${port}\n${token}\n${pid}\n`;
  await Deno.writeTextFile(`${sandbox.root}/sync-daemon`, state);
  return state;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Waits for an end in order. */
async function assertRetired(sandbox: Sandbox, daemon: Started, why: string) {
  const { code, signal } = await daemon.ended;
  assertEquals([code, signal], [0, null]);
  assert(!await isListening(daemon.port));
  assert(!await exists(ownerPath(sandbox, daemon)));
  const log = await Deno.readTextFile(`${sandbox.root}/sync-daemon.log`);
  assertStringIncludes(log, `"message":"retiring: ${why}"`);
  assertStringIncludes(log, `"message":"ended: ${why}"`);
}

Deno.test("a superseded daemon ends and leaves the state file alone", async () => {
  await using sandbox = await makeSandbox();
  await using current = await startDaemon(sandbox, { version: "3.2.6" });
  const state = await record(sandbox, current);
  await using old = await startDaemon(sandbox, { version: "3.2.4", env: TICK });
  await assertRetired(sandbox, old, "superseded");
  assert(current.isAlive());
  const path = `${sandbox.root}/sync-daemon`;
  assertEquals(await Deno.readTextFile(path), state);
  assert(await exists(ownerPath(sandbox, current)));
});

Deno.test("an idle daemon ends after the stated time", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox, { env: IDLE });
  const state = await record(sandbox, daemon);
  await assertRetired(sandbox, daemon, "idle");
  const path = `${sandbox.root}/sync-daemon`;
  assertEquals(await Deno.readTextFile(path), state);
});

Deno.test("a state file that names a dead daemon supersedes nobody", async () => {
  await using sandbox = await makeSandbox();
  const dead = await startDaemon(sandbox);
  await record(sandbox, dead);
  await using stranger = await startDaemon(sandbox, {
    root: `${sandbox.directory}/other`,
  });
  await dead[Symbol.asyncDispose]();
  await using daemon = await startDaemon(sandbox, { env: IDLE });
  // Had it thought itself superseded, it would have ended for that reason.
  await assertRetired(sandbox, daemon, "idle");
  assert(stranger.isAlive());
});

Deno.test("a request in flight keeps a superseded and idle daemon alive", async () => {
  await using sandbox = await makeSandbox();
  await using current = await startDaemon(sandbox);
  await using busy = await startDaemon(sandbox, { env: IDLE });
  using request = await openRaw(busy.port);
  const body = JSON.stringify({ token: "none" });
  const head = [
    "POST /api/sync/trigger HTTP/1.1",
    `Host: 127.0.0.1:${busy.port}`,
    `Content-Length: ${body.length}`,
    "Connection: close",
    "",
    "",
  ];
  await request.send(head.join("\r\n") + body.slice(0, 5));
  await record(sandbox, current);
  // A second daemon with the same limits shows when the time is over.
  await using witness = await startDaemon(sandbox, { env: IDLE });
  await assertRetired(sandbox, witness, "superseded");
  assert(busy.isAlive());
  await request.send(body.slice(5));
  assertEquals((await request.receive()).status, 403);
  await assertRetired(sandbox, busy, "superseded");
});
