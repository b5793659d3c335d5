/** Start, status, stop, restart: one daemon, and every command says which. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reeve } from "#support/cli.ts";
import { findListening, startCurrent } from "#support/population.ts";
import {
  findDaemonsBelow,
  makeSandbox,
  type Sandbox,
} from "#support/sandbox.ts";
import { waitUntil } from "#support/wait_until.ts";

const OLD = { REEVE_CLI_VERSION: "3.2.4" };
const NEW = { REEVE_CLI_VERSION: "3.2.6" };

async function assertOneDaemon(sandbox: Sandbox, pid: number) {
  await waitUntil(
    "one daemon is left",
    async () => (await findDaemonsBelow(sandbox.directory)).length === 1,
  );
  assertEquals(await findDaemonsBelow(sandbox.directory), [pid]);
  assertEquals((await findListening(sandbox.firstPort, 50)).length, 1);
}

async function readSteps(sandbox: Sandbox): Promise<readonly string[]> {
  const { json } = await reeve(sandbox, ["daemon", "journal", "--json"]);
  return json.entries.map((row: { step: string; outcome: string }) =>
    `${row.step} ${row.outcome}`
  );
}

Deno.test("start, status, restart and stop agree on one daemon", async () => {
  await using sandbox = await makeSandbox();
  const none = await reeve(sandbox, ["daemon", "status", "--json"]);
  assertEquals(none.code, 1);
  assert(!none.json.active);
  const start = await reeve(sandbox, ["daemon", "start", "--json"]);
  assertEquals(start.code, 0);
  assertEquals(start.json.action, "started");
  assertEquals(start.json.port, sandbox.firstPort);
  const status = await reeve(sandbox, ["daemon", "status", "--json"]);
  assertEquals(status.code, 0);
  assertEquals(status.json.pid, start.json.pid);
  const again = await reeve(sandbox, ["daemon", "start", "--json"]);
  assertEquals(again.code, 0);
  assertEquals(again.json.action, "reused");
  const restart = await reeve(sandbox, ["daemon", "restart", "--json"]);
  assertEquals(restart.code, 0);
  assertEquals(restart.json.status, "restarted");
  assertEquals(restart.json.previous_pid, start.json.pid);
  await assertOneDaemon(sandbox, restart.json.new_pid);
  const stop = await reeve(sandbox, ["daemon", "stop", "--json"]);
  assertEquals(stop.code, 0);
  assertEquals(stop.json.status, "stopped");
  assertEquals(stop.json.cleanup_path, "http_shutdown");
  assertEquals(await findDaemonsBelow(sandbox.directory), []);
  const idle = await reeve(sandbox, ["daemon", "stop", "--json"]);
  assertEquals(idle.code, 0);
  assertEquals(idle.json.status, "not_running");
});

Deno.test("restart without a daemon starts one and says so", async () => {
  await using sandbox = await makeSandbox();
  const { code, json } = await reeve(sandbox, ["daemon", "restart", "--json"]);
  assertEquals(code, 0);
  assertEquals(json.status, "started");
  assertEquals(json.previous_pid, null);
  await assertOneDaemon(sandbox, json.new_pid);
});

Deno.test("an older reeve uses the newer daemon and says so", async () => {
  await using sandbox = await makeSandbox();
  const newer = await startCurrent(sandbox, NEW);
  const start = await reeve(sandbox, ["daemon", "start"], OLD);
  assertEquals(start.code, 0);
  assertStringIncludes(start.stderr, "newer than this reeve (3.2.4)");
  const restart = await reeve(sandbox, ["daemon", "restart", "--json"], OLD);
  assertEquals(restart.code, 1);
  assertEquals(restart.json.error.code, "newer_daemon");
  assertStringIncludes(restart.json.error.hint, "--force");
  await assertOneDaemon(sandbox, newer.pid);
});

Deno.test("a newer reeve hands over from the older daemon politely", async () => {
  await using sandbox = await makeSandbox();
  const older = await startCurrent(sandbox, OLD);
  const args = ["daemon", "start", "--json"];
  const { code, json } = await reeve(sandbox, args, NEW);
  assertEquals(code, 0);
  assertEquals(json.action, "replaced");
  assertEquals(json.package_version, "3.2.6");
  assert(json.pid !== older.pid);
  await assertOneDaemon(sandbox, json.pid);
  assertEquals(await readSteps(sandbox), ["http_shutdown accepted"]);
  const log = await Deno.readTextFile(`${sandbox.root}/sync-daemon.log`);
  assertStringIncludes(log, "ended: ");
});

Deno.test("--force puts an older daemon in the place of a newer one", async () => {
  await using sandbox = await makeSandbox();
  await startCurrent(sandbox, NEW);
  const start = ["daemon", "start", "--force", "--json"];
  const down = await reeve(sandbox, start, OLD);
  assertEquals(down.code, 0);
  assertEquals(down.json.action, "replaced");
  assertEquals(down.json.package_version, "3.2.4");
  await assertOneDaemon(sandbox, down.json.pid);
  await reeve(sandbox, ["daemon", "stop"]);
  await startCurrent(sandbox, NEW);
  const restart = ["daemon", "restart", "--force", "--json"];
  const again = await reeve(sandbox, restart, OLD);
  assertEquals(again.code, 0);
  assertEquals(again.json.package_version, "3.2.4");
  await assertOneDaemon(sandbox, again.json.new_pid);
});

Deno.test("a daemon that lost its state file is taken back", async () => {
  await using sandbox = await makeSandbox();
  const current = await startCurrent(sandbox);
  const path = `${sandbox.root}/sync-daemon`;
  const before = await Deno.readTextFile(path);
  await Deno.remove(path);
  const { code, json } = await reeve(sandbox, ["daemon", "start", "--json"]);
  assertEquals(code, 0);
  assertEquals(json.action, "adopted");
  assertEquals(json.pid, current.pid);
  assertEquals(await Deno.readTextFile(path), before);
  assertEquals(await readSteps(sandbox), []);
  await assertOneDaemon(sandbox, current.pid);
});

Deno.test("the next start works after the daemon was killed", async () => {
  await using sandbox = await makeSandbox();
  const current = await startCurrent(sandbox);
  Deno.kill(current.pid, "SIGKILL");
  await waitUntil(
    "the daemon has ended",
    async () => (await findDaemonsBelow(sandbox.directory)).length === 0,
  );
  const status = await reeve(sandbox, ["daemon", "status"]);
  assertEquals(status.code, 1);
  assertStringIncludes(status.stdout, "The daemon is not running");
  const { code, json } = await reeve(sandbox, ["daemon", "start", "--json"]);
  assertEquals(code, 0);
  assertEquals(json.action, "started");
  await assertOneDaemon(sandbox, json.pid);
});

Deno.test("a wedged daemon is replaced once its place is taken", async () => {
  await using sandbox = await makeSandbox();
  const current = await startCurrent(sandbox);
  Deno.kill(current.pid, "SIGSTOP");
  const reset = ["auth", "doctor", "--reset", "--json"];
  const kept = await reeve(sandbox, reset);
  assertEquals(kept.code, 0);
  assertStringIncludes(kept.json.messages.join(), "was left alone");
  assertEquals(await findDaemonsBelow(sandbox.directory), [current.pid]);
  const { code, json } = await reeve(sandbox, ["daemon", "start", "--json"]);
  assertEquals(code, 0);
  assert(json.pid !== current.pid);
  await assertOneDaemon(sandbox, json.pid);
  const steps = await readSteps(sandbox);
  assertEquals(steps, ["terminate sent", "kill sent"]);
});
