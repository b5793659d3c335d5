/** A person at a terminal is asked once, and only a yes counts. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reeveCommand } from "#support/cli.ts";
import {
  startCurrent,
  startDaemon,
  type Started,
} from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { reeve } from "#support/cli.ts";

const PYTHON = "/usr/bin/python3";
const CURRENT = { REEVE_CLI_VERSION: "3.2.6" };
const QUESTION = "[y/N]";

async function hasTerminals(): Promise<boolean> {
  try {
    const args = ["-c", "import pty"];
    return (await new Deno.Command(PYTHON, { args }).output()).success;
  } catch {
    return false;
  }
}

const ignore = !await hasTerminals();

interface Session {
  readonly code: number;
  readonly shown: string;
}

/** Runs a command at a terminal and answers its question. */
async function talk(
  sandbox: Sandbox,
  answer: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Session> {
  const program = new URL(
    "../programs/answers_at_a_terminal.py",
    import.meta.url,
  ).pathname;
  const command = [Deno.execPath(), ...reeveCommand(args)];
  const output = await new Deno.Command(PYTHON, {
    args: [program, JSON.stringify(answer), ...command],
    env: { ...sandbox.env, ...CURRENT, ...env, TERM: "xterm" },
    stdin: "null",
  }).output();
  const shown = new TextDecoder().decode(output.stdout);
  return { code: output.code, shown };
}

interface Scene {
  readonly sandbox: Sandbox;
  readonly safe: Started;
  readonly unclear: Started;
}

async function makeScene(stack: AsyncDisposableStack): Promise<Scene> {
  const sandbox = stack.use(await makeSandbox());
  await startCurrent(sandbox, CURRENT);
  const version = "3.2.4";
  const [safe, unclear] = await Promise.all([
    startDaemon(sandbox, { version }),
    startDaemon(sandbox, { version, isMarked: false }),
  ]);
  return { sandbox, safe: stack.use(safe), unclear: stack.use(unclear) };
}

const RESET = ["auth", "doctor", "--reset"];

for (const answer of ["y\n", "yes\n", "Y\n"]) {
  const name = `${JSON.stringify(answer)} at the prompt stops what was shown`;
  Deno.test({
    name,
    ignore,
    async fn() {
      await using stack = new AsyncDisposableStack();
      const { sandbox, safe, unclear } = await makeScene(stack);
      const { code, shown } = await talk(sandbox, answer, RESET);
      assertEquals(code, 0, shown);
      assertStringIncludes(shown, `port ${unclear.port}, pid ${unclear.pid}`);
      assertEquals(shown.split(QUESTION).length, 2);
      await Promise.all([safe.ended, unclear.ended]);
    },
  });
}

// A terminal sends the end of input as the character of Ctrl-D.
for (const answer of ["n\n", "\n", "yep\n", "\u0004"]) {
  Deno.test({
    name: `${JSON.stringify(answer)} at the prompt stops only stale daemons`,
    ignore,
    async fn() {
      await using stack = new AsyncDisposableStack();
      const { sandbox, safe, unclear } = await makeScene(stack);
      const { code, shown } = await talk(sandbox, answer, RESET);
      assertEquals(code, 0, shown);
      assertEquals(shown.split(QUESTION).length, 2);
      await safe.ended;
      assert(unclear.isAlive());
    },
  });
}

Deno.test({
  name: "Ctrl-C at the prompt stops nothing and exits with 2",
  ignore,
  async fn() {
    await using stack = new AsyncDisposableStack();
    const { sandbox, safe, unclear } = await makeScene(stack);
    const { code, shown } = await talk(sandbox, "\u0003", RESET);
    assertEquals(code, 2, shown);
    assert(safe.isAlive());
    assert(unclear.isAlive());
    const journal = await reeve(sandbox, ["daemon", "journal", "--json"]);
    assertEquals(journal.json.entries, []);
  },
});

Deno.test({
  name: "nobody is asked with --json, with --force or when told not to",
  ignore,
  async fn() {
    const ways = [
      { args: [...RESET, "--json"], env: {}, stopsUnclear: false },
      {
        args: RESET,
        env: { REEVE_NON_INTERACTIVE: "1" },
        stopsUnclear: false,
      },
      { args: [...RESET, "--force"], env: {}, stopsUnclear: true },
    ];
    for (const { args, env, stopsUnclear } of ways) {
      await using stack = new AsyncDisposableStack();
      const { sandbox, safe, unclear } = await makeScene(stack);
      const { code, shown } = await talk(sandbox, "y\n", args, env);
      assertEquals(code, 0, shown);
      assert(!shown.includes(QUESTION), shown);
      await safe.ended;
      if (stopsUnclear) await unclear.ended;
      assertEquals(unclear.isAlive(), !stopsUnclear);
    }
  },
});

Deno.test({
  name: "nobody is asked when every daemon is clear",
  ignore,
  async fn() {
    await using sandbox = await makeSandbox();
    await using safe = await startDaemon(sandbox, { version: "3.2.4" });
    const { code, shown } = await talk(sandbox, "n\n", RESET);
    assertEquals(code, 0, shown);
    assert(!shown.includes(QUESTION), shown);
    await safe.ended;
  },
});
