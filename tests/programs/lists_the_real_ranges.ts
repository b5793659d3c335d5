/**
 * Starts daemons and dashboards in and around the real port ranges, cleans by
 * force and prints who was listed and who survived. Only for a network
 * namespace of its own: there is nobody else on these ports.
 */

import { reeve } from "../support/cli.ts";
import {
  reeveHealth,
  reeveShape,
  type Started,
  startShaped,
} from "../support/population.ts";
import { makeSandbox, type Sandbox } from "../support/sandbox.ts";

const SYNC = [9399, 9400, 9449, 9450];
const DASHBOARD = [9236, 9237, 9336, 9337];

function startSync(sandbox: Sandbox, port: number): Promise<Started> {
  const health = reeveHealth(sandbox.root, "3.2.4");
  return startShaped(sandbox, { port, health }, reeveShape(sandbox.root));
}

function startDashboard(sandbox: Sandbox, port: number): Promise<Started> {
  const shape = ["dashboard", "run", `--reeve-daemon-root=${sandbox.root}`];
  const health = { status: "ok", "project_path": "/project" };
  return startShaped(sandbox, { port, health }, shape);
}

async function clean(sandbox: Sandbox, family: string) {
  const ranges = { REEVE_SYNC_PORTS: "", REEVE_DASHBOARD_PORTS: "" };
  const args = ["auth", "doctor", "--family", family, "--json"];
  const { code, json } = await reeve(sandbox, args, ranges);
  const forced = [...args, "--reset", "--force"];
  const after = await reeve(sandbox, forced, ranges);
  return {
    codes: [code, after.code],
    listed: json.orphans.map((row: { port: number }) => row.port),
    swept: after.json.reset_result.swept
      .map((row: { port: number }) => row.port),
  };
}

async function main() {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const all = await Promise.all([
    ...SYNC.map((port) => startSync(sandbox, port)),
    ...DASHBOARD.map((port) => startDashboard(sandbox, port)),
  ]);
  for (const process of all) stack.use(process);
  const sync = await clean(sandbox, "sync");
  const dashboard = await clean(sandbox, "dashboard");
  const alive = all.filter((process) => process.isAlive())
    .map(({ port }) => port);
  const text = JSON.stringify({ sync, dashboard, alive });
  await Deno.stdout.write(new TextEncoder().encode(text));
}

await main();
