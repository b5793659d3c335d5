/** A daemon that is told to end does so at once and takes its record along. */

import { assert, assertEquals } from "@std/assert";
import { reeve } from "#support/cli.ts";
import { isListening, startCurrent, startDaemon } from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { rawPost } from "./raw_http.ts";

function ownerPath(sandbox: Sandbox, port: number): string {
  return `${sandbox.root}/sync/daemon/owner-${port}.json`;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  Deno.test(`${signal} ends a daemon with exit code 0`, async () => {
    await using sandbox = await makeSandbox();
    await using daemon = await startDaemon(sandbox);
    daemon.signal(signal);
    const { code, signal: by } = await daemon.ended;
    assertEquals([code, by], [0, null]);
    assert(!await isListening(daemon.port));
    assert(!await exists(ownerPath(sandbox, daemon.port)));
  });
}

Deno.test("an accepted shutdown request ends a daemon with exit code 0", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox);
  const path = ownerPath(sandbox, daemon.port);
  const { token } = JSON.parse(await Deno.readTextFile(path));
  const reply = await rawPost(daemon.port, "/api/shutdown", { token });
  assertEquals(reply.status, 200);
  assertEquals(reply.json, { status: "stopping" });
  assertEquals((await daemon.ended).code, 0);
  assert(!await exists(path));
});

Deno.test("a record that belongs to another daemon by now stays", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox);
  const path = ownerPath(sandbox, daemon.port);
  const record = JSON.parse(await Deno.readTextFile(path));
  const text = JSON.stringify({ ...record, token: "f".repeat(32) });
  await Deno.writeTextFile(path, text);
  daemon.signal("SIGTERM");
  assertEquals((await daemon.ended).code, 0);
  assertEquals(await Deno.readTextFile(path), text);
});

Deno.test("a daemon never writes or removes the state file", async () => {
  await using sandbox = await makeSandbox();
  const path = `${sandbox.root}/sync-daemon`;
  await using daemon = await startDaemon(sandbox);
  assert(!await exists(path));
  const { port, pid } = daemon;
  const state = `http://127.0.0.1:${port}\n${port}\n${
    "0".repeat(32)
  }\n${pid}\n`;
  await Deno.writeTextFile(path, state);
  daemon.signal("SIGTERM");
  await daemon.ended;
  assertEquals(await Deno.readTextFile(path), state);
});

Deno.test("nobody but the person can read what holds a secret", async () => {
  await using sandbox = await makeSandbox();
  const { port, pid } = await startCurrent(sandbox);
  const record = await Deno.readTextFile(ownerPath(sandbox, port));
  const { token } = JSON.parse(record);
  const { root } = sandbox;
  const files = [`${root}/sync-daemon`, ownerPath(sandbox, port)];
  for (const path of [...files, `${root}/sync-daemon.log`]) {
    assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600, path);
  }
  for (const path of [root, `${root}/sync`, `${root}/sync/daemon`]) {
    assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o700, path);
  }
  const shown = [await Deno.readTextFile(`${root}/sync-daemon.log`)];
  if (Deno.build.os === "linux") {
    shown.push(await Deno.readTextFile(`/proc/${pid}/cmdline`));
  }
  const commands = [
    ["daemon", "status", "--json"],
    ["auth", "doctor", "--json"],
    ["auth", "doctor", "--explain", String(port), "--json"],
    ["auth", "doctor", "--explain", String(port)],
    ["daemon", "restart", "--json"],
    ["daemon", "journal", "--json"],
    ["daemon", "logs"],
  ];
  for (const args of commands) {
    const { stdout, stderr, code } = await reeve(sandbox, args);
    assertEquals(code, 0, args.join(" "));
    shown.push(stdout, stderr);
  }
  shown.push(await Deno.readTextFile(`${root}/signals.jsonl`));
  for (const text of shown) assert(!text.includes(token), text);
});
