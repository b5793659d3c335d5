/** However many commands start daemons at once, one daemon is left. */

import { assert, assertEquals } from "@std/assert";
import { reeve, reeveCommand } from "#support/cli.ts";
import { findListening } from "#support/population.ts";
import {
  findDaemonsBelow,
  makeSandbox,
  type Sandbox,
} from "#support/sandbox.ts";
import { waitUntil } from "#support/wait_until.ts";

const START = ["daemon", "start", "--json"];
const ROUNDS = 10;

interface Survivor {
  readonly pid: number;
  readonly version: string;
}

async function assertOneDaemon(sandbox: Sandbox): Promise<Survivor> {
  await waitUntil(
    "one daemon is left",
    async () => (await findDaemonsBelow(sandbox.directory)).length === 1,
  );
  const [pid = 0] = await findDaemonsBelow(sandbox.directory);
  assertEquals((await findListening(sandbox.firstPort, 50)).length, 1);
  const status = await reeve(sandbox, ["daemon", "status", "--json"]);
  assertEquals(status.code, 0);
  assertEquals(status.json.pid, pid);
  return { pid, version: status.json.package_version };
}

Deno.test("two versions that start at once leave exactly one daemon", async () => {
  await using sandbox = await makeSandbox();
  for (let round = 0; round < ROUNDS; round++) {
    const versions = ["3.2.4", "3.2.6"];
    const results = await Promise.all(
      versions.map((version) =>
        reeve(sandbox, START, { REEVE_CLI_VERSION: version })
      ),
    );
    assertEquals(results.map(({ code }) => code), [0, 0]);
    const { version } = await assertOneDaemon(sandbox);
    assertEquals(version, "3.2.6", `round ${round}`);
    assertEquals((await reeve(sandbox, ["daemon", "stop"])).code, 0);
  }
});

Deno.test("ten commands that start at once leave exactly one daemon", async () => {
  await using sandbox = await makeSandbox();
  const all = Array.from({ length: 10 }, () => reeve(sandbox, START));
  const results = await Promise.all(all);
  const { pid } = await assertOneDaemon(sandbox);
  for (const { code, json } of results) {
    assertEquals(code, 0);
    assertEquals(json.pid, pid);
  }
  const actions = results.map(({ json }) => json.action);
  assertEquals(actions.filter((action) => action === "started").length, 1);
});

Deno.test("starts and stops at once end with what the last one says", async () => {
  await using sandbox = await makeSandbox();
  const stop = ["daemon", "stop", "--json"];
  const reset = ["auth", "doctor", "--reset", "--force", "--json"];
  for (let round = 0; round < 3; round++) {
    const results = await Promise.all(
      [START, stop, START, reset, START].map((args) => reeve(sandbox, args)),
    );
    for (const { code, stdout } of results) assertEquals(code, 0, stdout);
  }
  assertEquals((await reeve(sandbox, START)).code, 0);
  await assertOneDaemon(sandbox);
  assertEquals((await reeve(sandbox, stop)).code, 0);
  assertEquals(await findDaemonsBelow(sandbox.directory), []);
});

Deno.test("a reset beside a start never sweeps the daemon that is starting", async () => {
  await using sandbox = await makeSandbox();
  const reset = ["auth", "doctor", "--reset", "--json"];
  for (let round = 0; round < 5; round++) {
    const [start, ...resets] = await Promise.all(
      [START, reset, reset].map((args) => reeve(sandbox, args)),
    );
    assertEquals(start?.code, 0);
    for (const { code, json } of resets) {
      assertEquals(code, 0);
      assertEquals(json.reset_result.swept, [], `round ${round}`);
    }
    const { pid } = await assertOneDaemon(sandbox);
    assertEquals(pid, start?.json.pid);
    assertEquals((await reeve(sandbox, ["daemon", "stop"])).code, 0);
  }
});

Deno.test("a command killed in the middle of a start loses no daemon", async () => {
  await using sandbox = await makeSandbox();
  const child = new Deno.Command(Deno.execPath(), {
    args: reeveCommand(["daemon", "start"]),
    env: { ...sandbox.env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let isAlive = true;
  const ended = child.status.then(() => isAlive = false);
  await waitUntil(
    "the daemon is spawned",
    async () => {
      assert(isAlive, "the command was too fast to be killed");
      return (await findDaemonsBelow(sandbox.directory)).length > 0;
    },
  );
  child.kill("SIGKILL");
  await ended;
  const { code, json } = await reeve(sandbox, START);
  assertEquals(code, 0);
  assert(["adopted", "started"].includes(json.action), json.action);
  // The orphan of the killed command may still have been starting.
  await waitUntil("one daemon is left", async () => {
    assertEquals((await reeve(sandbox, START)).code, 0);
    return (await findDaemonsBelow(sandbox.directory)).length === 1;
  });
  await assertOneDaemon(sandbox);
});
