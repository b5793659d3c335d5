/** Sync cleaning never touches a dashboard, nor the reverse. */

import { assert, assertEquals } from "@std/assert";
import { reeve } from "#support/cli.ts";
import {
  reeveHealth,
  reeveShape,
  startDaemon,
  type Started,
  startProgram,
  startShaped,
} from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { type SpyHost, spyIn } from "#support/spy_host.ts";
import { daemonContext } from "../../src/daemon/context.ts";
import { startDaemon as start } from "../../src/daemon/start.ts";
import { stopDaemon } from "../../src/daemon/stop.ts";
import { runReset } from "./run_reset.ts";

const CURRENT = { REEVE_CLI_VERSION: "3.2.6" };

function dashboardShape(scope: string): readonly string[] {
  return ["dashboard", "run", `--reeve-daemon-root=${scope}`];
}

/** Starts a process with the shape and the health of a dashboard. */
function startDashboard(
  sandbox: Sandbox,
  port: number,
  shape: readonly string[] = dashboardShape(sandbox.root),
): Promise<Started> {
  const health = { status: "ok", "project_path": "/project", sync: {} };
  return startShaped(sandbox, { port, health }, shape);
}

/** Starts a process with the shape and the health of a sync daemon. */
function startSync(sandbox: Sandbox, port: number): Promise<Started> {
  const health = reeveHealth(sandbox.root, "3.2.4");
  return startShaped(sandbox, { port, health }, reeveShape(sandbox.root));
}

function assertNothingSent(host: SpyHost, to: readonly Started[]) {
  for (const { pid, port, isAlive } of to) {
    assert(isAlive(), `process ${pid} on ${port} has ended`);
    assertEquals(host.signals.filter((sent) => sent.pid === pid), []);
    assertEquals(host.shutdowns.filter((sent) => sent.port === port), []);
  }
}

Deno.test("sync cleaning never touches a dashboard", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const { firstPort, firstDashboardPort } = sandbox;
  const script = ["-c", `run_dashboard_server(${firstDashboardPort + 2})`];
  const dashboards = await Promise.all([
    startDashboard(sandbox, firstPort + 40),
    startDashboard(sandbox, firstPort + 41, script),
    startDashboard(sandbox, firstPort + 42, reeveShape(sandbox.root)),
    startDashboard(sandbox, firstDashboardPort),
    startDashboard(sandbox, firstDashboardPort + 99),
    startDashboard(sandbox, firstDashboardPort + 2, script),
  ]);
  for (const dashboard of dashboards) stack.use(dashboard);
  const stale = stack.use(await startDaemon(sandbox, { version: "3.2.4" }));
  const host = spyIn(sandbox, CURRENT);
  const context = await daemonContext(host);
  const started = await start(host, context);
  assertEquals(started.cleaned.swept.map(({ pid }) => pid), [stale.pid]);
  assertEquals(started.cleaned.skipped, []);
  const result = await runReset(host, "sync", "forced");
  assertEquals(result, { swept: [], skipped: [], failed: [] });
  assertEquals((await stopDaemon(host, context)).kind, "stopped");
  assertNothingSent(host, dashboards);
});

Deno.test("dashboard cleaning never touches a sync daemon", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const { firstPort, firstDashboardPort } = sandbox;
  const legacy = [
    "-c",
    `run_sync_daemon(${firstDashboardPort + 3}, 'a')`,
    `--spec-kitty-daemon-root=${sandbox.root}`,
  ];
  const syncs = await Promise.all([
    startDaemon(sandbox, { version: "3.2.4" }),
    startSync(sandbox, firstPort + 40),
    startSync(sandbox, firstDashboardPort + 1),
    startShaped(sandbox, {
      port: firstDashboardPort + 3,
      health: { status: "ok", "protocol_version": 1 },
    }, legacy),
    startProgram(sandbox, "dashboard_shaped_server", firstDashboardPort + 4),
    startDashboard(sandbox, firstPort + 41),
  ]);
  for (const daemon of syncs) stack.use(daemon);
  const host = spyIn(sandbox, CURRENT);
  for (const consent of ["plain", "forced"] as const) {
    const result = await runReset(host, "dashboard", consent);
    assertEquals(result, { swept: [], skipped: [], failed: [] });
  }
  assertEquals(host.signals, []);
  assertEquals(host.shutdowns, []);
  assertNothingSent(host, syncs);
});

Deno.test("auth doctor --family dashboard --reset stops dashboards only when forced", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const { firstDashboardPort } = sandbox;
  const script = ["-c", `run_dashboard_server(${firstDashboardPort + 1})`];
  const dashboards = await Promise.all([
    startDashboard(sandbox, firstDashboardPort),
    startDashboard(sandbox, firstDashboardPort + 1, script),
  ]);
  for (const dashboard of dashboards) stack.use(dashboard);
  const sync = stack.use(await startDaemon(sandbox, { version: "3.2.4" }));
  const args = ["auth", "doctor", "--family", "dashboard", "--reset", "--json"];
  const plain = await reeve(sandbox, args, CURRENT);
  assertEquals(plain.code, 0);
  const reasons = plain.json.reset_result.skipped
    .map((entry: { skip_reason: string }) => entry.skip_reason);
  assertEquals(reasons, ["cross_root", "pre_marker"]);
  assertEquals(plain.json.reset_result.swept, []);
  assert(dashboards.every((dashboard) => dashboard.isAlive()));
  const forced = await reeve(sandbox, [...args, "--force"], CURRENT);
  assertEquals(forced.code, 0);
  const swept = forced.json.reset_result.swept
    .map((entry: { pid: number }) => entry.pid);
  assertEquals(swept, dashboards.map(({ pid }) => pid));
  await Promise.all(dashboards.map(({ ended }) => ended));
  assert(sync.isAlive());
});
