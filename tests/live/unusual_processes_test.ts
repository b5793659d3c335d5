/** Zombies, shared listeners and processes of other users, on Linux. */

import { assert, assertEquals } from "@std/assert";
import { reeve, reeveCommand } from "#support/cli.ts";
import { isListening, reeveHealth, reeveShape } from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { spyIn } from "#support/spy_host.ts";
import { waitUntil } from "#support/wait_until.ts";
import { daemonContext } from "../../src/daemon/context.ts";
import { openJournal } from "../../src/daemon/journal.ts";
import { scan } from "../../src/daemon/scan.ts";
import { sweep } from "../../src/daemon/sweep.ts";
import { planSweep } from "../../src/daemon/sweep_plan.ts";
import { runReset } from "./run_reset.ts";

const IS_LINUX = Deno.build.os === "linux";
const CURRENT = { REEVE_CLI_VERSION: "3.2.6" };
const PYTHON = "/usr/bin/python3";
const NOBODY = 65534;

function programPath(name: string): string {
  return new URL(`../programs/${name}`, import.meta.url).pathname;
}

async function canRun(...command: readonly [string, ...string[]]) {
  if (!IS_LINUX) return false;
  const [program, ...args] = command;
  try {
    const { success } = await new Deno.Command(program, { args }).output();
    return success;
  } catch {
    return false;
  }
}

interface Child extends AsyncDisposable {
  readonly pid: number;
}

/** Starts any program that listens on the sandbox's first port. */
async function startListener(
  sandbox: Sandbox,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Child> {
  const child = new Deno.Command(program, {
    args: [...args],
    env: { ...sandbox.env, ...env },
    stdin: "null",
    stdout: "null",
    stderr: Deno.env.get("REEVE_TEST_STDERR") ? "inherit" : "null",
  }).spawn();
  await waitUntil(
    `${program} listens`,
    () => isListening(sandbox.firstPort),
  );
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

/** The command of a daemon-shaped process on the sandbox's first port. */
function shapedCommand(sandbox: Sandbox): readonly string[] {
  const nature = {
    port: sandbox.firstPort,
    health: reeveHealth(sandbox.root, "3.2.4"),
    shutdownStatus: 403,
    ignoresSigterm: false,
  };
  const path = programPath("shaped_daemon.ts");
  const run = ["run", "--allow-all", "--no-prompt", "--quiet", "--no-config"];
  const shape = reeveShape(sandbox.root);
  return [...run, path, JSON.stringify(nature), ...shape];
}

/** Starts a daemon whose parent never asks how its children ended. */
function startUnreaped(sandbox: Sandbox): Promise<Child> {
  const script = '"$@" & exec sleep 1000';
  const daemon = [Deno.execPath(), ...shapedCommand(sandbox)];
  return startListener(sandbox, "sh", ["-c", script, "sh", ...daemon]);
}

async function stateOf(pid: number): Promise<string | undefined> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2)[0];
}

Deno.test({
  name: "a zombie counts as ended before the sweep",
  ignore: !await canRun("sh", "-c", "true"),
  async fn() {
    await using sandbox = await makeSandbox();
    await using _parent = await startUnreaped(sandbox);
    const host = spyIn(sandbox, CURRENT);
    const context = await daemonContext(host);
    const found = await scan(host, context.families);
    const plan = planSweep(found.candidates, found.viewpoint, {
      agreesTo: () => false,
      families: context.families,
    });
    const pid = plan.stops[0]?.target.pid ?? 0;
    assert(pid > 1);
    Deno.kill(pid, "SIGKILL");
    await waitUntil("it is a zombie", async () => await stateOf(pid) === "Z");
    const result = await sweep(host, plan, {
      journal: openJournal(host, context.paths.journal, "test"),
      machine: found.machine,
      ownVersion: context.version,
    });
    assertEquals(result.swept.map((row) => row.cleanup_path), [null]);
    assertEquals([...result.skipped, ...result.failed], []);
    assertEquals(host.signals, []);
  },
});

Deno.test({
  name: "a zombie counts as ended",
  ignore: !await canRun("sh", "-c", "true"),
  async fn() {
    await using sandbox = await makeSandbox();
    await using _parent = await startUnreaped(sandbox);
    const host = spyIn(sandbox, CURRENT);
    const { swept, failed } = await runReset(host, "sync", "plain");
    assertEquals(failed, []);
    assertEquals(swept.map((row) => row.cleanup_path), ["terminate"]);
    assertEquals(host.signals.map(({ name }) => name), ["SIGTERM"]);
    const [{ pid } = { pid: 0 }] = host.signals;
    assertEquals(await stateOf(pid), "Z");
  },
});

Deno.test({
  name: "a listener that two processes share is nobody's to signal",
  ignore: !await canRun(PYTHON, "--version"),
  async fn() {
    await using sandbox = await makeSandbox();
    const program = programPath("shares_its_listener.py");
    const port = String(sandbox.firstPort);
    const args = [program, port, ...reeveShape(sandbox.root)];
    await using shared = await startListener(sandbox, PYTHON, args);
    const list = ["auth", "doctor", "--json"];
    const { code, json } = await reeve(sandbox, list, CURRENT);
    assertEquals(code, 0);
    const [orphan] = json.orphans;
    assertEquals(orphan.cleanup_class, "operator_required");
    assertEquals(orphan.skip_reason, "missing_pid");
    assertEquals(orphan.pid, null);
    for (const consent of ["plain", "forced"] as const) {
      const host = spyIn(sandbox, CURRENT);
      const { swept, skipped, failed } = await runReset(host, "sync", consent);
      assertEquals([...swept, ...failed], []);
      assertEquals(skipped[0]?.skip_reason, "missing_pid");
      assertEquals(host.signals, []);
      assertEquals(host.shutdowns, []);
    }
    assert(await isListening(sandbox.firstPort));
    assert(shared.pid > 0);
  },
});

const CAN_BE_NOBODY = Deno.uid() === 0 &&
  await canRun(
    "setpriv",
    "--bounding-set=-kill",
    `--reuid=${NOBODY}`,
    "--clear-groups",
    Deno.execPath(),
    "--version",
  );

Deno.test({
  name: "a daemon that may not be signalled is reported as failed",
  ignore: !CAN_BE_NOBODY,
  async fn() {
    await using sandbox = await makeSandbox();
    const cache = await Deno.makeTempDir({ prefix: "reeve-cache-" });
    await Deno.chmod(cache, 0o777);
    const demoted = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`];
    try {
      const daemon = [Deno.execPath(), ...shapedCommand(sandbox)];
      await using _other = await startListener(
        sandbox,
        "setpriv",
        [...demoted, "--clear-groups", ...daemon],
        { DENO_DIR: cache, HOME: cache },
      );
      await assertDenied(sandbox);
      assert(await isListening(sandbox.firstPort));
    } finally {
      await Deno.remove(cache, { recursive: true });
    }
  },
});

/** Resets without the right to signal processes of other users. */
async function assertDenied(sandbox: Sandbox) {
  const args = ["auth", "doctor", "--reset", "--json"];
  const output = await new Deno.Command("setpriv", {
    args: [
      "--bounding-set=-kill",
      "--inh-caps=-kill",
      Deno.execPath(),
      ...reeveCommand(args),
    ],
    env: { ...sandbox.env, ...CURRENT },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(output.stdout);
  assertEquals(output.code, 1, text);
  const { swept, skipped, failed } = JSON.parse(text).reset_result;
  assertEquals([...swept, ...skipped], []);
  assertEquals(failed.length, 1);
  assertEquals(failed[0].failure_reason, "access_denied_on_terminate");
}
