import { assert, assertEquals } from "@std/assert";
import { REEVE, reeveCommand } from "#support/cli.ts";
import { makeSandbox } from "#support/sandbox.ts";
import { startReceiver } from "#support/receiver.ts";
import { makeSyncPlace, type SyncPlace, toward } from "./sync_place.ts";

const DAY = 86_400_000;

/** Events that have waited for 35 days. */
async function makeStalled(count = 2): Promise<SyncPlace> {
  const place = await makeSyncPlace();
  await place.emit(...Array.from({ length: count }, (_, at) => `n${at}`));
  place.sql(`UPDATE events SET captured_at = captured_at - ${35 * DAY}`);
  await makeOld(place.mark);
  return place;
}

async function makeOld(mark: string): Promise<void> {
  const at = new Date(Date.now() - 35 * DAY);
  await Deno.utime(mark, at, at);
}

const LINE =
  "2 events of app have not been delivered for 35 d: no server is configured. " +
  "See: reeve sync status\n";

Deno.test.each([
  { args: "config path", code: 0 },
  { args: "config path --json", code: 0 },
  { args: "daemon status", code: 1 },
  { args: "sync doctor --json", code: 1 },
])("reeve $args says in one line what has waited too long", async (row) => {
  await using place = await makeStalled();
  const { code, stderr } = await place.run(row.args);
  assertEquals([code, stderr], [row.code, LINE]);
});

Deno.test("reeve says it after an error too, and outside of the project", async () => {
  await using place = await makeStalled();
  const failed = await place.run("daemon replay /none --json");
  assertEquals([failed.code, failed.stderr], [1, LINE]);
  assertEquals(failed.json.error.code, "not_found");
  const output = await new Deno.Command(REEVE, {
    args: reeveCommand(["config", "path"]),
    cwd: "/",
    env: { ...place.sandbox.env },
  }).output();
  assertEquals(new TextDecoder().decode(output.stderr), LINE);
});

Deno.test.each([
  { args: "--help", code: 0 },
  { args: "--version", code: 0 },
  { args: "sync now --help", code: 0 },
  { args: "completions bash", code: 0 },
  { args: "config path --nope", code: 64 },
])("reeve $args says nothing of it", async ({ args, code }) => {
  await using place = await makeStalled();
  const result = await place.run(args);
  assertEquals(result.code, code);
  assert(!result.stderr.includes("delivered"), result.stderr);
});

Deno.test("reeve says REEVE_SYNC_DISABLE when that is the reason", async () => {
  await using place = await makeStalled();
  const env = { REEVE_SYNC_DISABLE: "1" };
  const { stderr } = await place.run("config path", env);
  assert(stderr.includes("for 35 d: REEVE_SYNC_DISABLE is set."), stderr);
});

Deno.test("reeve says what the last delivery met", async () => {
  await using receiver = await startReceiver();
  await using place = await makeStalled();
  const env = toward(receiver);
  await place.run("config set sync.workspace nobody");
  await place.run("sync now", env);
  await makeOld(place.mark);
  const { stderr } = await place.run("config path", env);
  assert(stderr.includes("for 35 d: the server does not allow it."), stderr);
});

Deno.test("reeve is silent again once the events are delivered", async () => {
  await using receiver = await startReceiver();
  await using place = await makeStalled();
  const env = toward(receiver);
  await place.run(`config set sync.workspace ${receiver.workspace}`);
  const { code, stderr } = await place.run("sync now", env);
  assertEquals([code, stderr], [0, ""]);
  assertEquals((await place.run("config path", env)).stderr, "");
});

Deno.test("reeve is silent about a mark that means nothing", async () => {
  await using place = await makeSyncPlace();
  const directory = `${place.sandbox.root}/pending`;
  const strange = `${directory}/7f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d`;
  await Deno.mkdir(directory, { recursive: true });
  for (const path of [place.mark, strange, `${directory}/notes.txt`]) {
    await Deno.writeTextFile(path, "");
    await makeOld(path);
  }
  const { code, stderr } = await place.run("config path");
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("reeve --help runs without the right to write or to use a network", async () => {
  await using sandbox = await makeSandbox();
  const output = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--quiet",
      "--allow-read",
      "--allow-env",
      "--deny-net",
      "--deny-write",
      "--deny-run",
      "--deny-ffi",
      "--deny-sys",
      new URL("../../src/main.ts", import.meta.url).pathname,
      "--help",
    ],
    env: { ...sandbox.env },
  }).output();
  const decoder = new TextDecoder();
  assertEquals([output.code, decoder.decode(output.stderr)], [0, ""]);
  assert(decoder.decode(output.stdout).includes("EXAMPLES"));
});
