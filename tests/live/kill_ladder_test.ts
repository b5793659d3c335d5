/** Politely first, then by force, and the report names the step that did it. */

import { assert, assertEquals } from "@std/assert";
import { reeve } from "#support/cli.ts";
import {
  isListening,
  reeveHealth,
  reeveShape,
  type ShapedNature,
  startDaemon,
  type Started,
  startShaped,
} from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { type SpyHost, spyIn } from "#support/spy_host.ts";
import { daemonContext } from "../../src/daemon/context.ts";
import { openJournal } from "../../src/daemon/journal.ts";
import { scan } from "../../src/daemon/scan.ts";
import { sweep } from "../../src/daemon/sweep.ts";
import { planSweep } from "../../src/daemon/sweep_plan.ts";
import { runReset } from "./run_reset.ts";

const CURRENT = { REEVE_CLI_VERSION: "3.2.6" };

function startStale(
  sandbox: Sandbox,
  nature: Omit<ShapedNature, "port" | "health"> = {},
): Promise<Started> {
  const health = reeveHealth(sandbox.root, "3.2.4");
  const port = sandbox.firstPort;
  const shape = reeveShape(sandbox.root);
  return startShaped(sandbox, { port, health, ...nature }, shape);
}

function namesOf(host: SpyHost): readonly string[] {
  return host.signals.map(({ name }) => name);
}

/** Resets and checks the one entry that must come out of it. */
async function assertSwept(
  sandbox: Sandbox,
  daemon: Started,
  path: string | null,
  signals: readonly string[],
  consent: "plain" | "forced" = "plain",
) {
  const host = spyIn(sandbox, CURRENT);
  const result = await runReset(host, "sync", consent);
  const [entry] = result.swept;
  assertEquals(result.swept.length, 1);
  assertEquals([...result.skipped, ...result.failed], []);
  assertEquals(entry?.cleanup_path, path);
  assertEquals(entry?.pid, daemon.pid);
  assertEquals(namesOf(host), signals);
  await daemon.ended;
  assert(!await isListening(daemon.port));
}

Deno.test("a daemon that agrees to stop gets no signal", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox, { version: "3.2.2" });
  await assertSwept(sandbox, daemon, "http_shutdown", []);
});

Deno.test("a daemon whose credential is unknown gets SIGTERM", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startStale(sandbox);
  await assertSwept(sandbox, daemon, "terminate", ["SIGTERM"]);
});

Deno.test("a daemon that ignores SIGTERM gets SIGKILL", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startStale(sandbox, { ignoresSigterm: true });
  await assertSwept(sandbox, daemon, "kill", ["SIGTERM", "SIGKILL"]);
});

Deno.test("a daemon that agrees to stop but stays gets the signals", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox, { version: "3.2.4" });
  const host = spyIn(sandbox, CURRENT);
  const context = await daemonContext(host);
  const found = await scan(host, context.families);
  daemon.signal("SIGSTOP");
  const result = await sweep(host, planned(found, context.families), {
    journal: openJournal(host, context.paths.journal, "test"),
    machine: found.machine,
    ownVersion: context.version,
  });
  assertEquals(result.swept.map((entry) => entry.cleanup_path), ["kill"]);
  assertEquals(namesOf(host), ["SIGTERM", "SIGKILL"]);
  await daemon.ended;
});

function planned(
  found: Awaited<ReturnType<typeof scan>>,
  families: Awaited<ReturnType<typeof daemonContext>>["families"],
) {
  return planSweep(found.candidates, found.viewpoint, {
    agreesTo: () => false,
    families,
  });
}

Deno.test("a stopped daemon is really dead when it is reported as swept", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox, { version: "3.2.4" });
  daemon.signal("SIGSTOP");
  const plain = await runReset(spyIn(sandbox, CURRENT), "sync", "plain");
  assertEquals(plain.swept, []);
  assertEquals(plain.skipped[0]?.skip_reason, "unresponsive");
  const signals = ["SIGTERM", "SIGKILL"];
  await assertSwept(sandbox, daemon, "kill", signals, "forced");
});

/** Fills the queue of connections that nobody accepts. */
async function fillQueue(port: number, stack: AsyncDisposableStack) {
  for (let count = 0; count < 5000; count++) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), 300);
    try {
      const { signal } = abort;
      const options = { hostname: "127.0.0.1", port, signal };
      const connection = await Deno.connect(options);
      stack.defer(() => connection.close());
    } catch (error) {
      if (!abort.signal.aborted) throw error;
      return;
    } finally {
      clearTimeout(timer);
    }
  }
  throw new Error(`Cannot fill the queue of port ${port}`);
}

Deno.test({
  name: "a stopped daemon with a full queue is neither free nor swept",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using sandbox = await makeSandbox();
    await using daemon = await startDaemon(sandbox, { version: "3.2.4" });
    await using stack = new AsyncDisposableStack();
    daemon.signal("SIGSTOP");
    await fillQueue(daemon.port, stack);
    const args = ["auth", "doctor", "--reset", "--json"];
    const { code, json } = await reeve(sandbox, args, CURRENT);
    assertEquals(code, 0);
    assertEquals(json.reset_result.swept, []);
    assertEquals(json.orphans[0].skip_reason, "unresponsive");
    assert(daemon.isAlive());
    const signals = ["SIGTERM", "SIGKILL"];
    await assertSwept(sandbox, daemon, "kill", signals, "forced");
  },
});

Deno.test("a daemon that ends before the sweep gets nothing", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startStale(sandbox);
  const host = spyIn(sandbox, CURRENT);
  const context = await daemonContext(host);
  const found = await scan(host, context.families);
  const plan = planned(found, context.families);
  daemon.signal("SIGKILL");
  await daemon.ended;
  const result = await sweep(host, plan, {
    journal: openJournal(host, context.paths.journal, "test"),
    machine: found.machine,
    ownVersion: context.version,
  });
  assertEquals(result.swept.map((entry) => entry.cleanup_path), [null]);
  assertEquals([...result.skipped, ...result.failed], []);
  assertEquals(host.signals, []);
  assertEquals(host.shutdowns, []);
});

Deno.test("who takes the port of an ended daemon is left alone", async () => {
  await using sandbox = await makeSandbox();
  const daemon = await startStale(sandbox);
  const host = spyIn(sandbox, CURRENT);
  const context = await daemonContext(host);
  const found = await scan(host, context.families);
  await daemon[Symbol.asyncDispose]();
  await using heir = await startStale(sandbox);
  const result = await sweep(host, planned(found, context.families), {
    journal: openJournal(host, context.paths.journal, "test"),
    machine: found.machine,
    ownVersion: context.version,
  });
  assertEquals(result.swept, []);
  const [skipped] = result.skipped;
  assertEquals(skipped?.skip_reason, "pid_port_mismatch");
  assertEquals(host.signals, []);
  assertEquals(host.shutdowns, []);
  assert(heir.isAlive());
});
