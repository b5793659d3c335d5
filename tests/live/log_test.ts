import { assert, assertEquals } from "@std/assert";
import { LOG_MAX_BYTES, LOG_MAX_FILES } from "../../src/host/daemon_log.ts";
import { makeSandbox } from "#support/sandbox.ts";

const PROGRAM =
  new URL("../programs/writes_a_long_log.ts", import.meta.url).pathname;

Deno.test("the log of a daemon is bounded, private and without secrets", async () => {
  await using sandbox = await makeSandbox();
  const directory = `${sandbox.home}/log`;
  await Deno.mkdir(directory);
  const lines = (LOG_MAX_FILES + 1) * LOG_MAX_BYTES / 1000;
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--quiet",
      PROGRAM,
      `${directory}/daemon.log`,
      String(Math.round(lines)),
    ],
    env: { ...sandbox.env },
    stdin: "null",
  }).output();
  assertEquals(code, 0);
  const names: string[] = [];
  for await (const { name } of Deno.readDir(directory)) names.push(name);
  assertEquals(names.length, LOG_MAX_FILES);
  for (const name of names) {
    const path = `${directory}/${name}`;
    const { size, mode } = await Deno.stat(path);
    assert(size <= LOG_MAX_BYTES + 2000, `${name} has ${size} bytes`);
    assertEquals((mode ?? 0) & 0o777, 0o600, name);
    const text = await Deno.readTextFile(path);
    assert(!text.includes("SECRET"), name);
  }
  const last = await Deno.readTextFile(`${directory}/daemon.log`);
  assert(last.includes(`line ${Math.round(lines) - 1} of many`));
});
