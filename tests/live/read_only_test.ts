/** Commands that only look change no file and no process. */

import { assert, assertEquals } from "@std/assert";
import { reeve } from "#support/cli.ts";
import {
  startCurrent,
  startDaemon,
  startProgram,
  waitUntilSettled,
} from "#support/population.ts";
import { makeSandbox, type Sandbox, snapshotTree } from "#support/sandbox.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { kittyRoot, startLegacy, writeSharedOwner } from "./legacy_daemon.ts";

/** What must not change about processes. */
async function snapshotProcesses(pids: readonly number[]) {
  const seen = await denoHost.processes.inspect(pids);
  return pids.map((pid) => {
    const now = seen.get(pid);
    return now?.kind === "found"
      ? [pid, now.facts.startStamp, now.facts.state, now.facts.argv]
      : [pid, now?.kind];
  });
}

function lookingCommands(port: number, record: string) {
  return [
    ["auth", "doctor"],
    ["auth", "doctor", "--json"],
    ["auth", "doctor", "--force"],
    ["auth", "doctor", "--server"],
    ["auth", "doctor", "--family", "dashboard"],
    ["auth", "doctor", "--explain", String(port)],
    ["auth", "doctor", "--explain", String(port), "--json"],
    ["daemon", "status"],
    ["daemon", "status", "--json"],
    ["daemon", "journal"],
    ["daemon", "journal", "--json"],
    ["daemon", "replay", record],
    ["daemon", "replay", record, "--json"],
    ["daemon", "logs"],
    ["--version"],
    ["--help"],
  ];
}

async function populate(sandbox: Sandbox, stack: AsyncDisposableStack) {
  await Deno.mkdir(kittyRoot(sandbox), { recursive: true });
  const current = await startCurrent(sandbox);
  assertEquals((await reeve(sandbox, ["daemon", "restart"])).code, 0);
  const { json } = await reeve(sandbox, ["daemon", "status", "--json"]);
  assert(json.pid !== current.pid);
  const port = sandbox.firstPort + 40;
  const silent = "listens_but_never_answers";
  const others = await Promise.all([
    startDaemon(sandbox, { version: "0.0.1" }),
    startDaemon(sandbox, { isMarked: false }),
    startProgram(sandbox, silent, port),
    startLegacy(sandbox, { port: port + 1 }),
  ]);
  for (const process of others) stack.use(process);
  await writeSharedOwner(sandbox, { pid: Deno.pid, port });
  await waitUntilSettled(sandbox.root, 4);
  return [json.pid, ...others.map(({ pid }) => pid)];
}

Deno.test("commands that look change neither files nor processes", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const pids = await populate(sandbox, stack);
  const record = `${sandbox.directory}/record.json`;
  const saved = await reeve(sandbox, ["auth", "doctor", "--record", record]);
  assertEquals(saved.code, 0);
  const files = await snapshotTree(sandbox.home);
  const processes = await snapshotProcesses(pids);
  for (const args of lookingCommands(sandbox.firstPort + 41, record)) {
    const { code, stderr } = await reeve(sandbox, args);
    assertEquals(code, 0, `${args.join(" ")}: ${stderr}`);
    assertEquals(await snapshotTree(sandbox.home), files, args.join(" "));
  }
  assertEquals(await snapshotProcesses(pids), processes);
});

Deno.test("commands that look do not make the state root", async () => {
  await using sandbox = await makeSandbox();
  await Deno.remove(sandbox.root);
  const record = `${sandbox.directory}/record.json`;
  const saved = await reeve(sandbox, ["auth", "doctor", "--record", record]);
  assertEquals(saved.code, 0);
  const files = await snapshotTree(sandbox.home);
  for (const args of lookingCommands(sandbox.firstPort, record)) {
    const { code } = await reeve(sandbox, args);
    // Nothing runs, so there is no status and nobody to explain.
    const expected = /status|explain/.test(args.join(" ")) ? 1 : 0;
    assertEquals(code, expected, args.join(" "));
    assertEquals(await snapshotTree(sandbox.home), files, args.join(" "));
  }
});
