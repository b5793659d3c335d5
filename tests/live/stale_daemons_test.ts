/** Stale daemons of our own root go away; the current one stays. */

import { assert, assertEquals } from "@std/assert";
import { reeve } from "#support/cli.ts";
import {
  findListening,
  startCurrent,
  startDaemon,
  type Started,
} from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { spyIn } from "#support/spy_host.ts";
import { daemonContext } from "../../src/daemon/context.ts";
import { startDaemon as start } from "../../src/daemon/start.ts";
import { runReset } from "./run_reset.ts";

const CURRENT = { REEVE_CLI_VERSION: "3.2.6" };
const STALE = ["3.2.2", "3.2.3", "3.2.4"];
const RANGE = 50;

/** Starts one stale daemon of each version. */
async function startStale(
  sandbox: Sandbox,
  stack: AsyncDisposableStack,
): Promise<readonly Started[]> {
  return await Promise.all(STALE.map(async (version) => {
    return stack.use(await startDaemon(sandbox, { version }));
  }));
}

async function assertOnlyOneListens(
  sandbox: Sandbox,
  current: { readonly pid: number; readonly port: number },
  stale: readonly Started[],
) {
  await Promise.all(stale.map((daemon) => daemon.ended));
  const ports = await findListening(sandbox.firstPort, RANGE);
  assertEquals(ports, [current.port]);
  const status = await reeve(sandbox, ["daemon", "status", "--json"], CURRENT);
  assertEquals(status.code, 0);
  assertEquals(status.json.pid, current.pid);
}

function versionsOf(
  swept: readonly { package_version: string }[],
): readonly string[] {
  return swept.map((entry) => entry.package_version).toSorted();
}

Deno.test("auth doctor --reset sweeps every stale daemon and only those", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const current = await startCurrent(sandbox, CURRENT);
  const stale = await startStale(sandbox, stack);
  const args = ["auth", "doctor", "--reset", "--json"];
  const { code, json } = await reeve(sandbox, args, CURRENT);
  assertEquals(code, 0);
  assertEquals(versionsOf(json.reset_result.swept), STALE);
  for (const entry of json.reset_result.swept) {
    assertEquals(entry.cleanup_path, "http_shutdown");
    assertEquals(entry.reason, "safe_auto stale-version");
  }
  assertEquals(json.reset_result.skipped, []);
  assertEquals(json.reset_result.failed, []);
  assertEquals(json.orphans, []);
  assert(json.daemon.active);
  await assertOnlyOneListens(sandbox, current, stale);
});

Deno.test("daemon start sweeps stale daemons when it finds the current one", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const current = await startCurrent(sandbox, CURRENT);
  const stale = await startStale(sandbox, stack);
  const args = ["daemon", "start", "--json"];
  const { code, json } = await reeve(sandbox, args, CURRENT);
  assertEquals(code, 0);
  assertEquals(json.action, "reused");
  assertEquals(versionsOf(json.cleaned.swept), STALE);
  assertEquals(json.cleaned.failed, []);
  await assertOnlyOneListens(sandbox, current, stale);
});

Deno.test("daemon start sweeps stale daemons when it starts a new one", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const stale = await startStale(sandbox, stack);
  const args = ["daemon", "start", "--json"];
  const { code, json } = await reeve(sandbox, args, CURRENT);
  assertEquals(code, 0);
  assertEquals(json.action, "started");
  assertEquals(json.package_version, "3.2.6");
  assertEquals(versionsOf(json.cleaned.swept), STALE);
  await assertOnlyOneListens(sandbox, json, stale);
});

Deno.test("a polite stale daemon gets a request and no signal", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const current = await startCurrent(sandbox, CURRENT);
  const stale = await startStale(sandbox, stack);
  const host = spyIn(sandbox, CURRENT);
  const result = await runReset(host, "sync", "plain");
  assertEquals(result.swept.length, STALE.length);
  assertEquals(host.signals, []);
  assertEquals(
    host.shutdowns.map(({ port }) => port).toSorted(),
    stale.map(({ port }) => port).toSorted(),
  );
  await assertOnlyOneListens(sandbox, current, stale);
});

Deno.test("a second daemon start has nothing to do and sends nothing", async () => {
  await using sandbox = await makeSandbox();
  const current = await startCurrent(sandbox, CURRENT);
  const host = spyIn(sandbox, CURRENT);
  const outcome = await start(host, await daemonContext(host));
  assertEquals(outcome.action, "reused");
  assertEquals(outcome.pid, current.pid);
  assertEquals(host.signals, []);
  assertEquals(host.shutdowns, []);
});

Deno.test("eighteen stale daemons end in one reset, each in one list", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const current = await startCurrent(sandbox, CURRENT);
  const stale: Started[] = [];
  for (let round = 0; round < 6; round++) {
    stale.push(...await startStale(sandbox, stack));
  }
  const args = ["auth", "doctor", "--reset", "--json"];
  const { code, json } = await reeve(sandbox, args, CURRENT);
  assertEquals(code, 0);
  const { swept, skipped, failed } = json.reset_result;
  const pids = swept.map((entry: { pid: number }) => entry.pid);
  assertEquals(
    pids.toSorted(),
    stale.map(({ pid }) => pid).toSorted(),
  );
  assertEquals([...skipped, ...failed], []);
  await assertOnlyOneListens(sandbox, current, stale);
  assert(stale.every((daemon) => !daemon.isAlive()));
});
