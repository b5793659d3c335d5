/** A state file is a hint where to look and never a reason to end anybody. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type CliResult, reeve } from "#support/cli.ts";
import {
  reeveHealth,
  reeveShape,
  startDaemon,
  type Started,
  startProgram,
  startShaped,
} from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { spyIn } from "#support/spy_host.ts";
import { daemonContext } from "../../src/daemon/context.ts";
import { startDaemon as start } from "../../src/daemon/start.ts";
import { stopDaemon } from "../../src/daemon/stop.ts";
import { runReset } from "./run_reset.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const COMMANDS = [
  ["daemon", "stop"],
  ["daemon", "start"],
  ["daemon", "restart"],
  ["auth", "doctor", "--reset"],
  ["auth", "doctor", "--reset", "--force"],
];

interface Recorded {
  readonly what: string;
  /** Port that the state file names. */
  readonly port: number;
  /** Starts the process that the state file names. */
  readonly start: () => Promise<Started>;
}

function writeState(sandbox: Sandbox, port: number, pid: number) {
  const lines = [`http://127.0.0.1:${port}`, port, TOKEN, pid, ""];
  return Deno.writeTextFile(`${sandbox.root}/sync-daemon`, lines.join("\n"));
}

/** Innocent processes and the ports that a state file may give them. */
function innocentsOf(sandbox: Sandbox): readonly Recorded[] {
  const { firstPort, firstDashboardPort: outside } = sandbox;
  const shape = reeveShape(sandbox.root);
  const health = reeveHealth(sandbox.root, "3.2.4");
  const silent = "listens_but_never_answers";
  const page = "foreign_http_server";
  return [{
    what: "nothing on its port",
    port: firstPort,
    start: () => startProgram(sandbox, silent, outside),
  }, {
    what: "a web server",
    port: firstPort + 1,
    start: () => startProgram(sandbox, page, firstPort + 1),
  }, {
    what: "silent listener on its port",
    port: firstPort + 2,
    start: () => startProgram(sandbox, silent, firstPort + 2),
  }, {
    what: "a daemon of another root",
    port: firstPort,
    start: () => startDaemon(sandbox, { root: `${sandbox.directory}/other` }),
  }, {
    what: "our shape outside the range",
    port: outside,
    start: () => startShaped(sandbox, { port: outside, health }, shape),
  }, {
    what: "our shape on another port",
    port: firstPort + 3,
    start: () => startShaped(sandbox, { port: outside, health }, shape),
  }];
}

async function assertNoSignalTo(sandbox: Sandbox, pid: number) {
  const { code, json } = await reeve(sandbox, ["daemon", "journal", "--json"]);
  assertEquals(code, 0);
  const pids = json.entries.map((entry: { target: { pid: number } }) =>
    entry.target.pid
  );
  assert(!pids.includes(pid), `process ${pid} is in the journal`);
}

for (const args of COMMANDS) {
  const name = args.join(" ");
  Deno.test(`${name} never signals a process that a stale state file names`, async () => {
    await using sandbox = await makeSandbox();
    for (const { what, port, start } of innocentsOf(sandbox).slice(0, 3)) {
      await using innocent = await start();
      await writeState(sandbox, port, innocent.pid);
      const { code, stderr } = await reeve(sandbox, args);
      assertEquals(code, 0, `${what}: ${stderr}`);
      assert(innocent.isAlive(), what);
      await assertNoSignalTo(sandbox, innocent.pid);
    }
  });
}

Deno.test("nothing at all is sent because of a stale state file", async () => {
  await using sandbox = await makeSandbox();
  for (const row of innocentsOf(sandbox)) {
    const { what, port } = row;
    await using innocent = await row.start();
    const host = spyIn(sandbox);
    const context = await daemonContext(host);
    await writeState(sandbox, port, innocent.pid);
    assertEquals((await stopDaemon(host, context)).kind, "cleared", what);
    await writeState(sandbox, port, innocent.pid);
    await runReset(host, "sync", "plain");
    await writeState(sandbox, port, innocent.pid);
    const own = await start(host, context);
    assertEquals(own.action, "started", what);
    await stopDaemon(host, context);
    assertEquals(host.shutdowns, [{ port: own.port }], what);
    assertEquals(host.signals, [], what);
    assert(innocent.isAlive(), what);
  }
});

Deno.test("daemon stop says why it left the process of a stale file alone", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const port = sandbox.firstPort + 40;
  const name = "listens_but_never_answers";
  const innocent = stack.use(await startProgram(sandbox, name, port));
  await writeState(sandbox, port, innocent.pid);
  const stop: CliResult = await reeve(sandbox, ["daemon", "stop"]);
  assertEquals(stop.code, 0);
  assertStringIncludes(stop.stdout, "The state file was cleared");
  assertStringIncludes(stop.stdout, `Process ${innocent.pid} was not touched.`);
  const again = await reeve(sandbox, ["daemon", "stop", "--json"]);
  assertEquals(again.code, 0);
  assertEquals(again.json.status, "not_running");
});
