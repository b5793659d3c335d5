/**
 * Whoever is not proved to be a stale daemon of our own root survives every
 * command, and nothing is even sent to it.
 */

import { assert, assertEquals } from "@std/assert";
import { reeve } from "#support/cli.ts";
import {
  reeveHealth,
  reeveShape,
  startCurrent,
  startDaemon,
  type Started,
  startProgram,
  startShaped,
} from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { type SpyHost, spyIn } from "#support/spy_host.ts";
import { daemonContext } from "../../src/daemon/context.ts";
import { toRecord } from "../../src/daemon/identity_record.ts";
import { scan } from "../../src/daemon/scan.ts";
import { startDaemon as start } from "../../src/daemon/start.ts";
import { stopDaemon } from "../../src/daemon/stop.ts";
import { runReset } from "./run_reset.ts";

const CURRENT = { REEVE_CLI_VERSION: "3.2.6" };

interface Stranger {
  readonly what: string;
  readonly process: Started;
  /** `class/reason` of its verdict. */
  readonly verdict: string;
}

type Recruit = (
  what: string,
  verdict: string,
  start: (port: number) => Promise<Started>,
) => void;

/** Starts all strangers at once, each on its own port or on the first free. */
async function populate(
  sandbox: Sandbox,
  stack: AsyncDisposableStack,
  enlist: (sandbox: Sandbox, recruit: Recruit) => void,
): Promise<readonly Stranger[]> {
  const pending: Promise<Stranger>[] = [];
  let port = sandbox.firstPort + 49;
  enlist(sandbox, (what, verdict, start) => {
    const starting = start(port--).then((process) => {
      return { what, verdict, process: stack.use(process) };
    });
    pending.push(starting);
  });
  return await Promise.all(pending);
}

function enlistUnclear(sandbox: Sandbox, recruit: Recruit) {
  const silent = "operator_required/unresponsive";
  const other = `${sandbox.directory}/other`;
  recruit(
    "other root",
    "operator_required/cross_root",
    () => startDaemon(sandbox, { root: other }),
  );
  recruit(
    "unmarked",
    "operator_required/pre_marker",
    () => startDaemon(sandbox, { isMarked: false }),
  );
  recruit("wedged", silent, async () => {
    const daemon = await startDaemon(sandbox, { version: "3.2.4" });
    daemon.signal("SIGSTOP");
    return daemon;
  });
  enlistSilent(sandbox, recruit);
}

/** Our shape, but no answer that could be believed. */
function enlistSilent(sandbox: Sandbox, recruit: Recruit) {
  const shape = reeveShape(sandbox.root);
  const silent = "operator_required/unresponsive";
  const programs = [
    "listens_but_never_answers",
    "sends_endless_body",
    "drips_headers",
    "foreign_http_server",
  ];
  for (const name of programs) {
    recruit(
      `${name} with our shape`,
      silent,
      (port) => startProgram(sandbox, name, port, ...shape),
    );
  }
  recruit(
    "redirects with our shape",
    silent,
    (port) => startProgram(sandbox, "redirects", port, `${port - 1}`, ...shape),
  );
  recruit(
    "reports another pid",
    "operator_required/pid_port_mismatch",
    (port) => {
      const health = reeveHealth(sandbox.root, "3.2.4");
      return startShaped(sandbox, {
        port,
        health: { ...health, owner: { pid: Deno.pid, port } },
      }, shape);
    },
  );
}

/** Answers health in any shape. */
function enlistShaped(sandbox: Sandbox, recruit: Recruit) {
  const health = reeveHealth(sandbox.root, "3.2.4");
  const foreign = "never_touch/third_party";
  const shaped = (
    what: string,
    verdict: string,
    fields: Readonly<Record<string, unknown>>,
    shape: readonly string[],
  ) =>
    recruit(
      what,
      verdict,
      (port) =>
        startShaped(sandbox, { port, health: { ...health, ...fields } }, shape),
    );
  const shape = reeveShape(sandbox.root);
  recruit(
    "answers with other JSON",
    foreign,
    (port) => startShaped(sandbox, { port, health: { hello: "world" } }, []),
  );
  shaped("imitates health", foreign, {}, []);
  shaped("imitates health and marker", foreign, {}, shape.slice(2));
  shaped("other family", foreign, { "daemon_family": "queue" }, shape);
  const dashboard = { "daemon_family": "dashboard" };
  shaped(
    "dashboard family",
    "never_touch/dashboard_family",
    dashboard,
    shape,
  );
}

function enlistUntouchable(sandbox: Sandbox, recruit: Recruit) {
  const silent = "never_touch/not_spec_kitty";
  const program = (what: string, verdict: string, ...more: string[]) =>
    recruit(
      what,
      verdict,
      (port) => startProgram(sandbox, what, port, ...more),
    );
  program("listens_but_never_answers", silent);
  program("drips_headers", silent);
  program("sends_endless_body", silent);
  program("redirects", silent, String(sandbox.firstPort));
  program("dashboard_shaped_server", "never_touch/dashboard_family");
  program("foreign_http_server", silent);
  enlistShaped(sandbox, recruit);
}

async function assertVerdicts(host: SpyHost, strangers: readonly Stranger[]) {
  const { families } = await daemonContext(host);
  const found = await scan(host, families);
  for (const { what, process, verdict } of strangers) {
    const candidate = found.candidates.find(({ port }) =>
      port === process.port
    );
    assert(candidate !== undefined, `${what} is not seen`);
    const record = toRecord(candidate, found.viewpoint);
    const seen = `${record.cleanup_class}/${record.skip_reason}`;
    assertEquals(seen, verdict, `${what}: row ${record.row}`);
    assertEquals(record.pid, process.pid, what);
  }
}

function assertUntouched(host: SpyHost, strangers: readonly Stranger[]) {
  for (const { what, process } of strangers) {
    assert(process.isAlive(), `${what} has ended`);
    const signals = host.signals.filter(({ pid }) => pid === process.pid);
    assertEquals(signals, [], `${what} was signalled`);
    const asked = host.shutdowns.filter(({ port }) => port === process.port);
    assertEquals(asked, [], `${what} was asked to stop`);
  }
}

/** Every command that may end something, in process, with a spy. */
async function runEveryCommand(
  sandbox: Sandbox,
  strangers: readonly Stranger[],
  consent: "forced" | "plain",
) {
  const host = spyIn(sandbox, CURRENT);
  const context = await daemonContext(host);
  await assertVerdicts(host, strangers);
  const first = await start(host, context);
  assertEquals(first.action, "started");
  const second = await start(host, context);
  assertEquals(second.action, "reused");
  const result = await runReset(host, "sync", consent);
  assertEquals([...result.swept, ...result.failed], []);
  const stopped = await stopDaemon(host, context);
  assertEquals(stopped.kind, "stopped");
  await runReset(host, "dashboard", "forced");
  assertEquals(host.shutdowns, [{ port: first.port }]);
  assertEquals(host.signals, []);
  assertUntouched(host, strangers);
  return result;
}

interface Skipped {
  readonly port: number;
  readonly "cleanup_class": string;
  readonly "skip_reason": string;
}

Deno.test("nothing is sent to daemons that only a person can judge", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const strangers = await populate(sandbox, stack, enlistUnclear);
  const { skipped } = await runEveryCommand(sandbox, strangers, "plain");
  assertSkipped(skipped, strangers);
});

function assertSkipped(
  skipped: readonly Skipped[] | readonly object[],
  strangers: readonly Stranger[],
) {
  const seen = skipped.map((entry) => {
    const { port, cleanup_class: kind, skip_reason: reason } = entry as Skipped;
    return `${port} ${kind}/${reason}`;
  });
  const expected = strangers.map(({ process, verdict }) =>
    `${process.port} ${verdict}`
  );
  assertEquals(seen.toSorted(), expected.toSorted());
}

Deno.test("nothing is ever sent to strangers, not even by force", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const strangers = await populate(sandbox, stack, enlistUntouchable);
  const { skipped } = await runEveryCommand(sandbox, strangers, "forced");
  assertEquals(skipped, []);
});

Deno.test("the command line leaves strangers and unclear daemons alone", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  await startCurrent(sandbox, CURRENT);
  const unclear = await populate(sandbox, stack, enlistUnclear);
  const clean = ["auth", "doctor", "--reset", "--json"];
  const { code, json } = await reeve(sandbox, clean, CURRENT);
  assertEquals(code, 0);
  assertSkipped(json.orphans, unclear);
  assertSkipped(json.reset_result.skipped, unclear);
  assertEquals(json.reset_result.swept, []);
  const again = await reeve(sandbox, ["daemon", "start", "--json"], CURRENT);
  assertEquals(again.code, 0);
  assertSkipped(again.json.cleaned.skipped, unclear);
  const journal = await reeve(sandbox, ["daemon", "journal", "--json"]);
  assertEquals(journal.json.entries, []);
  assert(unclear.every(({ process }) => process.isAlive()));
});
