/** Daemons of two state roots live side by side on one machine. */

import { assert, assertEquals } from "@std/assert";
import { reeve } from "#support/cli.ts";
import { startCurrent, startDaemon } from "#support/population.ts";
import {
  findDaemonsBelow,
  makeSandbox,
  type Sandbox,
} from "#support/sandbox.ts";

const CURRENT = { REEVE_CLI_VERSION: "3.2.6" };

async function makeRoots(sandbox: Sandbox) {
  const other = { ...CURRENT, REEVE_HOME: `${sandbox.directory}/other` };
  const [here, there] = await Promise.all([
    startCurrent(sandbox, CURRENT),
    startCurrent(sandbox, other),
  ]);
  return { here, there, other };
}

Deno.test("auth doctor --reset leaves a daemon of another root alone", async () => {
  await using sandbox = await makeSandbox();
  const { here, there, other } = await makeRoots(sandbox);
  assert(here.port !== there.port);
  for (const env of [CURRENT, other]) {
    const args = ["auth", "doctor", "--reset", "--json"];
    const { code, json } = await reeve(sandbox, args, env);
    assertEquals(code, 0);
    assertEquals(json.reset_result.swept, []);
    assertEquals(json.reset_result.skipped.length, 1);
    assertEquals(json.reset_result.skipped[0].skip_reason, "cross_root");
  }
  const alive = await findDaemonsBelow(sandbox.directory);
  assertEquals(alive.toSorted(), [here.pid, there.pid].toSorted());
});

Deno.test("daemon stop and restart act on their own root alone", async () => {
  await using sandbox = await makeSandbox();
  const { here, there, other } = await makeRoots(sandbox);
  const restart = ["daemon", "restart", "--json"];
  const restarted = await reeve(sandbox, restart, other);
  assertEquals(restarted.code, 0);
  assertEquals(restarted.json.previous_pid, there.pid);
  const stop = await reeve(sandbox, ["daemon", "stop", "--json"], other);
  assertEquals(stop.code, 0);
  assertEquals(stop.json.pid, restarted.json.new_pid);
  assertEquals(await findDaemonsBelow(sandbox.directory), [here.pid]);
});

Deno.test("a root reached through a link is the same root", async () => {
  await using sandbox = await makeSandbox();
  const link = `${sandbox.directory}/link`;
  await Deno.symlink(sandbox.root, link);
  const here = await startCurrent(sandbox, CURRENT);
  await using stale = await startDaemon(sandbox, { version: "3.2.4" });
  for (const home of [link, `${link}/`, `${sandbox.root}/../.reeve`]) {
    const env = { ...CURRENT, REEVE_HOME: home };
    const { code, json } = await reeve(sandbox, [
      "daemon",
      "start",
      "--json",
    ], env);
    assertEquals(code, 0, home);
    assertEquals(json.action, "reused", home);
    assertEquals(json.pid, here.pid, home);
  }
  await stale.ended;
  assertEquals(await findDaemonsBelow(sandbox.directory), [here.pid]);
});
