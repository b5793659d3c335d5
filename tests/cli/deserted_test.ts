/** Commands that go on and on, and whose reader leaves, as `head` does. */

import { assert, assertEquals } from "@std/assert";
import { REEVE, reeve, reeveCommand } from "#support/cli.ts";
import { startReceiver } from "#support/receiver.ts";
import { makeSandbox } from "#support/sandbox.ts";
import { waitUntil } from "#support/wait_until.ts";
import { makeEnvironmentPlace, unitCommand } from "./environment_place.ts";
import { makeSyncPlace, toward } from "./sync_place.ts";

/** Elsewhere only a write tells that nobody reads. */
const ignore = Deno.build.os !== "linux";

/** Runs a line, leaves after its first words, and gives its exit code. */
async function desert(
  line: string,
  { env, cwd }: {
    readonly env: Readonly<Record<string, string>>;
    readonly cwd: string;
  },
): Promise<number> {
  const child = new Deno.Command(REEVE, {
    args: reeveCommand(line.split(" ")),
    cwd,
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let code: number | undefined;
  const ended = child.status.then((status) => code = status.code);
  try {
    const reader = child.stdout.getReader();
    assert(!(await reader.read()).done);
    reader.releaseLock();
    assertEquals(code, undefined, "it goes on");
    await child.stdout.cancel();
    await waitUntil(`${line} ends`, () => code !== undefined, 20_000);
  } finally {
    if (code === undefined) child.kill("SIGKILL");
    await ended;
  }
  return code ?? -1;
}

Deno.test({
  name: "reeve logs --follow ends when its reader leaves",
  ignore,
  async fn() {
    await using place = await makeEnvironmentPlace();
    await place.settings({
      SERVICES: "api",
      SERVICE_API_CMD: unitCommand("listen {port}"),
      SERVICE_API_PORT: String(place.port),
    });
    assertEquals((await place.run("start")).code, 0);
    const { env, root: cwd } = place;
    const code = await desert("logs --follow", { env, cwd });
    assertEquals(code, 0);
  },
});

Deno.test({
  name: "reeve daemon logs --follow shows what comes, until its reader leaves",
  ignore,
  async fn() {
    await using sandbox = await makeSandbox();
    const { env, directory: cwd } = sandbox;
    const line = "daemon logs --follow";
    const deserted = desert(line, { env, cwd });
    try {
      assertEquals((await reeve(sandbox, ["daemon", "start"])).code, 0);
      assertEquals(await deserted, 0);
    } finally {
      await reeve(sandbox, ["daemon", "stop"]);
    }
  },
});

Deno.test({
  name: "reeve sync watch ends when its reader leaves, and loses nothing",
  ignore,
  async fn() {
    await using receiver = await startReceiver();
    await using place = await makeSyncPlace();
    await place.run(`config set sync.workspace ${receiver.workspace}`);
    await place.emit("before");
    const env = { ...place.sandbox.env, ...toward(receiver) };
    const { root: cwd } = place;
    assertEquals(await desert("sync watch", { env, cwd }), 0);
    const { json } = await place.run("sync status --json");
    assertEquals(json.queue.inflight, 0);
    assertEquals(json.queue.delivered + json.queue.residue, 1);
  },
});
