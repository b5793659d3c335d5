/** Which credential a daemon of an old release is asked to stop with. */

import { assert, assertEquals } from "@std/assert";
import type { Started } from "#support/population.ts";
import { makeSandbox, type Sandbox, snapshotTree } from "#support/sandbox.ts";
import { type SpyHost, spyIn } from "#support/spy_host.ts";
import { daemonContext } from "../../src/daemon/context.ts";
import { openJournal } from "../../src/daemon/journal.ts";
import { scan } from "../../src/daemon/scan.ts";
import { type StopOutcome, stopTarget } from "../../src/daemon/stop_target.ts";
import { targetOf } from "../../src/daemon/target.ts";
import {
  kittyRoot,
  type LegacyNature,
  startLegacy,
  TOKEN,
  writeKittyState,
  writeSharedOwner,
} from "./legacy_daemon.ts";

/** Stops the process on a port as a sweep would. */
async function stop(host: SpyHost, port: number): Promise<StopOutcome> {
  const context = await daemonContext(host);
  const found = await scan(host, context.families, { onlyPort: port });
  const [candidate] = found.candidates;
  const target = candidate && targetOf(candidate, context.families);
  assert(target !== undefined);
  return await stopTarget(host, target, {
    journal: openJournal(host, context.paths.journal, "test"),
    machine: found.machine,
    reason: "The test asks for it.",
    canBeAsked: true,
  });
}

interface Scene {
  readonly sandbox: Sandbox;
  readonly log: string;
  readonly daemon: Started;
}

async function makeScene(
  stack: AsyncDisposableStack,
  nature: Omit<LegacyNature, "port" | "shutdown">,
  shutdownStatus: number,
): Promise<Scene> {
  const sandbox = stack.use(await makeSandbox());
  await Deno.mkdir(kittyRoot(sandbox), { recursive: true });
  const log = `${sandbox.directory}/shutdown.log`;
  const daemon = stack.use(
    await startLegacy(sandbox, {
      ...nature,
      port: sandbox.firstPort,
      shutdown: { shutdownLog: log, shutdownStatus },
    }),
  );
  return { sandbox, log, daemon };
}

async function readBodies(log: string): Promise<readonly unknown[]> {
  const text = await Deno.readTextFile(log);
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

Deno.test("the state file's token is used first, and nothing is written", async () => {
  await using stack = new AsyncDisposableStack();
  const { sandbox, log, daemon } = await makeScene(stack, {}, 200);
  const { pid, port } = daemon;
  const token = "1".repeat(32);
  await writeSharedOwner(sandbox, daemon);
  await writeKittyState(sandbox, [
    `http://localhost:${port}`,
    port,
    token,
    pid,
  ]);
  const before = await snapshotTree(kittyRoot(sandbox));
  const host = spyIn(sandbox);
  assertEquals(await stop(host, port), {
    kind: "ended",
    path: "http_shutdown",
  });
  assertEquals(await readBodies(log), [{ token }]);
  assertEquals(host.signals, []);
  assertEquals(await snapshotTree(kittyRoot(sandbox)), before);
});

Deno.test("the shared record's token counts when it names the same process", async () => {
  await using stack = new AsyncDisposableStack();
  const nature = { argvToken: "2".repeat(32) };
  const { sandbox, log, daemon } = await makeScene(stack, nature, 200);
  const { pid, port } = daemon;
  await writeSharedOwner(sandbox, daemon);
  const foreign = [`http://localhost:${port}`, port, "3".repeat(32), pid + 1];
  await writeKittyState(sandbox, foreign);
  const host = spyIn(sandbox);
  assertEquals(await stop(host, port), {
    kind: "ended",
    path: "http_shutdown",
  });
  assertEquals(await readBodies(log), [{ token: TOKEN }]);
});

Deno.test("the token in the command line is used when no file has one", async () => {
  await using stack = new AsyncDisposableStack();
  const { sandbox, log, daemon } = await makeScene(stack, {}, 200);
  await writeSharedOwner(sandbox, { pid: Deno.pid, port: daemon.port });
  const host = spyIn(sandbox);
  const outcome = await stop(host, daemon.port);
  assertEquals(outcome, { kind: "ended", path: "http_shutdown" });
  assertEquals(await readBodies(log), [{ token: TOKEN }]);
});

Deno.test("a daemon without any token is asked without one", async () => {
  await using stack = new AsyncDisposableStack();
  const nature = { argvToken: "" };
  const { sandbox, log, daemon } = await makeScene(stack, nature, 200);
  const host = spyIn(sandbox);
  const outcome = await stop(host, daemon.port);
  assertEquals(outcome, { kind: "ended", path: "http_shutdown" });
  assertEquals(await readBodies(log), [{}]);
});

Deno.test("a refused request is followed by SIGTERM at once", async () => {
  await using stack = new AsyncDisposableStack();
  const { sandbox, log, daemon } = await makeScene(stack, {}, 403);
  const host = spyIn(sandbox);
  const outcome = await stop(host, daemon.port);
  assertEquals(outcome, { kind: "ended", path: "terminate" });
  assertEquals(host.signals, [{ pid: daemon.pid, name: "SIGTERM" }]);
  assertEquals((await readBodies(log)).length, 1);
  const { journal } = (await daemonContext(host)).paths;
  const [requested, , signalled] = (await Deno.readTextFile(journal))
    .trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(signalled.step, "terminate");
  // A wait for an exit after the refusal would take a second.
  const pauseMs = Date.parse(signalled.at) - Date.parse(requested.at);
  assert(pauseMs < 1000, `${pauseMs} ms`);
});
