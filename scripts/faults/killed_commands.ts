/**
 * Commands and daemons that end without warning at each of their steps.
 *
 * @module
 */

import { reeve } from "#support/cli.ts";
import { startCurrent, startDaemon } from "#support/population.ts";
import {
  findDaemonsBelow,
  makeSandbox,
  type Sandbox,
} from "#support/sandbox.ts";
import { waitUntil } from "#support/wait_until.ts";
import { Canaries } from "./canaries.ts";
import { spread, type Tally } from "./fault.ts";

const [OLD, NEW] = ["3.2.4", "3.2.6"];

/** What is under way when the end comes. */
export const ACTS = ["start", "handoff", "clean", "stop"] as const;

/** One of them. */
export type Act = typeof ACTS[number];

/** The world before, and what ends with it. */
async function prepare(
  act: Act,
  sandbox: Sandbox,
  stack: AsyncDisposableStack,
): Promise<void> {
  if (act === "handoff") {
    await startCurrent(sandbox, { REEVE_CLI_VERSION: OLD });
  } else if (act !== "start") {
    await startCurrent(sandbox, { REEVE_CLI_VERSION: NEW });
  }
  if (act !== "clean") return;
  for (let count = 0; count < 2; count++) {
    stack.use(await startDaemon(sandbox, { version: OLD }));
  }
}

/** Runs the command; gives how often it used the machine if it came through. */
async function runKilled(
  sandbox: Sandbox,
  act: Act,
  killAt: number,
): Promise<number | undefined> {
  const program = new URL("killed_program.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--quiet",
      program,
      JSON.stringify({ act, killAt }),
    ],
    env: { ...sandbox.env, REEVE_CLI_VERSION: NEW },
    stdin: "null",
    stderr: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  return text === "" ? undefined : Number(JSON.parse(text).uses);
}

/** The next commands work, and in the end there is one daemon, the newest. */
async function assertHealed(sandbox: Sandbox, tally: Tally): Promise<void> {
  const env = { REEVE_CLI_VERSION: NEW };
  const begin = performance.now();
  const next = await reeve(sandbox, ["daemon", "start", "--json"], env);
  if (next.code !== 0) throw new Error(`the next start: ${next.stderr}`);
  const took = performance.now() - begin;
  tally.see("next commands that took more than a second", took > 1000 ? 1 : 0);
  const clean = ["auth", "doctor", "--reset", "--json"];
  await waitUntil("one daemon is left", async () => {
    // What the dead command has spawned may still have been starting.
    await reeve(sandbox, ["daemon", "start"], env);
    const { code } = await reeve(sandbox, clean, env);
    const left = await findDaemonsBelow(sandbox.directory);
    return code === 0 && left.length === 1;
  }, 20_000);
  const { json } = await reeve(sandbox, ["daemon", "status", "--json"], env);
  const [pid] = await findDaemonsBelow(sandbox.directory);
  if (json.pid !== pid) throw new Error(`${json.pid} is recorded, not ${pid}`);
  if (json.package_version !== NEW) throw new Error("an old daemon is left");
}

/** Ends a command at one of its steps, or lets it come to its end. */
async function attempt(
  act: Act,
  killAt: number,
  tally: Tally,
): Promise<number | undefined> {
  await using sandbox = await makeSandbox();
  await using canaries = new Canaries(tally);
  canaries.add("daemon", "run", "--reeve-daemon-root=/nowhere");
  await using stack = new AsyncDisposableStack();
  await prepare(act, sandbox, stack);
  const uses = await runKilled(sandbox, act, killAt);
  if (killAt > 0) {
    tally.see(`${act}: ended ${uses === undefined ? "within" : "after"} it`);
  }
  await assertHealed(sandbox, tally);
  return uses;
}

/** Ends a daemon some time after a start of it has begun. */
async function killDaemon(afterMs: number, tally: Tally): Promise<void> {
  await using sandbox = await makeSandbox();
  await using canaries = new Canaries(tally);
  canaries.add("daemon", "run");
  const starting = reeve(sandbox, ["daemon", "start", "--json"]);
  let pid: number | undefined;
  await waitUntil("the daemon is spawned", async () => {
    [pid] = await findDaemonsBelow(sandbox.directory);
    return pid !== undefined;
  });
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  if (pid !== undefined) Deno.kill(pid, "SIGKILL");
  const { code } = await starting;
  tally.see(`daemon: ended during its start, which ended with ${code}`);
  await assertHealed(sandbox, tally);
}

/** Tries so many steps of each act, or all. */
export async function tryCommands(
  tally: Tally,
  amount: { readonly ofEach: number; readonly daemons: number },
  onProgress: () => void,
): Promise<void> {
  const work = ACTS.values();
  const worker = async () => {
    for (const act of work) {
      const steps = await attempt(act, 0, tally) ?? 0;
      tally.see(`${act}: steps it has`, steps);
      for (const killAt of spread(steps, amount.ofEach)) {
        await tally.attempt(`${act} ended at step ${killAt}`, async () => {
          await attempt(act, killAt, tally);
        });
        onProgress();
      }
    }
  };
  await Promise.all([worker(), worker()]);
  for (let count = 0; count < amount.daemons; count++) {
    const ms = Math.floor(count * 250 / amount.daemons);
    await tally.attempt(`daemon ended after ${ms} ms`, async () => {
      await killDaemon(ms, tally);
    });
    onProgress();
  }
}
