// deno-lint-ignore-file no-console -- a script talks to its terminal
/**
 * The operator's story on real processes: a machine full of stale daemons and
 * strangers, cleaned with two commands. Everything lives in a private HOME and
 * its own block of ports, and nothing is left running.
 *
 * Run with `deno task demo`.
 */

import { reeve } from "#support/cli.ts";
import {
  isListening,
  reeveHealth,
  reeveShape,
  startDaemon,
  type Started,
  startProgram,
  startShaped,
} from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { runScript, type Usage } from "./run_script.ts";

const USAGE: Usage = {
  run: "deno task demo",
  does: "The operator's story on real processes, in a private HOME.",
};

const CURRENT = "3.2.6";

interface Inhabitant {
  readonly what: string;
  readonly process: Started;
  /** The command that is expected to end it. */
  readonly endedBy: "--reset" | "--reset --force" | "nothing";
}

function say(text = ""): void {
  console.log(text);
}

async function show(
  sandbox: Sandbox,
  args: readonly string[],
): Promise<void> {
  say(`\n$ reeve ${args.join(" ")}`);
  const start = performance.now();
  const result = await reeve(sandbox, args, { REEVE_CLI_VERSION: CURRENT });
  say(result.stdout.trimEnd());
  if (result.stderr !== "") say(result.stderr.trimEnd());
  const took = Math.round(performance.now() - start);
  say(`(exit ${result.code}, ${took} ms)`);
}

async function populate(
  sandbox: Sandbox,
  stack: AsyncDisposableStack,
): Promise<readonly Inhabitant[]> {
  const inhabitants: Inhabitant[] = [];
  const add = (
    what: string,
    endedBy: Inhabitant["endedBy"],
    process: Started,
  ) => inhabitants.push({ what, endedBy, process: stack.use(process) });
  const versions = ["3.2.2", "3.2.3", "3.2.4"];
  for (let count = 0; count < 14; count++) {
    const version = versions[count % versions.length] ?? CURRENT;
    const daemon = await startDaemon(sandbox, { version });
    add(`stale daemon ${version}`, "--reset", daemon);
  }
  const other = `${sandbox.directory}/other-root`;
  const force = "--reset --force";
  add(
    "without a marker",
    force,
    await startDaemon(sandbox, { isMarked: false }),
  );
  add("of another root", force, await startDaemon(sandbox, { root: other }));
  const wedged = await startDaemon(sandbox, { version: "3.2.4" });
  wedged.signal("SIGSTOP");
  add("wedged daemon", force, wedged);
  const free = sandbox.firstPort + 40;
  add(
    "ignores SIGTERM",
    "--reset",
    await startShaped(sandbox, {
      port: free,
      health: reeveHealth(sandbox.root, "3.2.3"),
      ignoresSigterm: true,
    }, reeveShape(sandbox.root)),
  );
  add(
    "third-party server",
    "nothing",
    await startProgram(sandbox, "foreign_http_server", free + 1),
  );
  add(
    "dashboard-shaped server",
    "nothing",
    await startProgram(sandbox, "dashboard_shaped_server", free + 2),
  );
  return inhabitants;
}

async function countWrong(
  inhabitants: readonly Inhabitant[],
  currentPort: number,
): Promise<number> {
  say("\nWho survived:");
  let wrong = 0;
  const line = (what: string, port: number, isAlive: boolean, ok: boolean) => {
    if (!ok) wrong++;
    const fate = isAlive ? "alive" : "ended";
    say(`  ${ok ? "ok   " : "WRONG"} ${fate}  port ${port}  ${what}`);
  };
  const isCurrentAlive = await isListening(currentPort);
  line("current daemon", currentPort, isCurrentAlive, isCurrentAlive);
  for (const { what, process, endedBy } of inhabitants) {
    const isAlive = process.isAlive();
    line(what, process.port, isAlive, isAlive === (endedBy === "nothing"));
  }
  return wrong;
}

async function main(): Promise<number> {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const version = { REEVE_CLI_VERSION: CURRENT };
  say("Starting a current daemon, 18 orphans and two strangers …");
  const started = await reeve(sandbox, ["daemon", "start", "--json"], version);
  stack.defer(async () => {
    await reeve(sandbox, ["daemon", "stop"], version);
  });
  const inhabitants = await populate(sandbox, stack);
  await show(sandbox, ["auth", "doctor"]);
  await show(sandbox, ["auth", "doctor", "--reset"]);
  await show(sandbox, ["auth", "doctor", "--reset", "--force"]);
  await show(sandbox, ["auth", "doctor"]);
  const wrong = await countWrong(inhabitants, started.json.port);
  say(
    wrong === 0
      ? "\nEverything of ours that was stale is gone; nobody else was touched."
      : `\n${wrong} did not end as they should.`,
  );
  return wrong === 0 ? 0 : 1;
}

await runScript(USAGE, main);
