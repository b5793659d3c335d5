/** A hand-over whose command is stopped for longer than a daemon waits. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reeve } from "#support/cli.ts";
import { startCurrent } from "#support/population.ts";
import { findDaemonsBelow, makeSandbox } from "#support/sandbox.ts";
import { waitUntil } from "#support/wait_until.ts";

const PROGRAM = new URL(
  "../programs/stands_still_at_the_state_file.ts",
  import.meta.url,
).pathname;

function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // It has ended already.
    if (!(error instanceof TypeError)) throw error;
  }
}

const ignore = Deno.build.os === "windows";

Deno.test("a hand-over that is stopped for long ends no daemon too many", {
  ignore,
}, async () => {
  await using sandbox = await makeSandbox();
  const old = await startCurrent(sandbox, { REEVE_CLI_VERSION: "3.2.4" });
  const live = () => findDaemonsBelow(sandbox.directory);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-prompt", "--quiet", PROGRAM]
      .concat("daemon", "start", "--json"),
    env: {
      ...sandbox.env,
      REEVE_CLI_VERSION: "3.2.6",
      // Long enough to be recorded in peace, and short enough to wait for.
      REEVE_SYNC_DAEMON_TICK_SECONDS: "3",
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // A stopped process must not outlive its test.
  using _ = { [Symbol.dispose]: () => end(child) };
  const said = child.stderr.getReader();
  const { value } = await said.read();
  assertEquals(new TextDecoder().decode(value), "at the state file\n");
  child.kill("SIGSTOP");
  assertEquals((await live()).length, 2);
  // It goes on with this once it can; until then it can do nothing at all.
  const line = child.stdin.getWriter();
  await line.write(new TextEncoder().encode("go on\n"));
  await line.close();
  await waitUntil(
    "the new daemon has ended by itself",
    async () => (await live()).length === 1,
    30_000,
  );
  assertEquals(await live(), [old.pid]);
  child.kill("SIGCONT");
  await said.cancel();
  const json = await new Response(child.stdout).json();
  assertEquals([(await child.status).code, json.action], [0, "replaced"]);
  assert(json.pid !== old.pid);
  assertStringIncludes(json.notes[0], "was lost before it had its place");
  await waitUntil(
    "one daemon is left",
    async () => (await live()).length === 1,
  );
  assertEquals(await live(), [json.pid]);
  const status = await reeve(sandbox, ["daemon", "status", "--json"]);
  assertEquals([status.json.active, status.json.pid], [true, json.pid]);
});
