/** Where no daemon can start, the message says why. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reeve } from "#support/cli.ts";
import { findDaemonsBelow, makeSandbox } from "#support/sandbox.ts";

const START = ["daemon", "start", "--json"];

Deno.test("daemon start says that every port is taken", async () => {
  await using sandbox = await makeSandbox();
  await using stack = new AsyncDisposableStack();
  const first = sandbox.firstPort;
  for (let port = first; port < first + 50; port++) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    stack.defer(() => listener.close());
  }
  const { code, json } = await reeve(sandbox, START);
  assertEquals(code, 1);
  const why = `all ports from ${first} to ${first + 49} are taken`;
  assertEquals(json.error.code, "start_failed");
  assertStringIncludes(json.error.message, why);
  const log = await Deno.readTextFile(`${sandbox.root}/sync-daemon.log`);
  assertStringIncludes(log, why);
  assertEquals(await findDaemonsBelow(sandbox.directory), []);
});

Deno.test("daemon start makes a missing state root that is private", async () => {
  await using sandbox = await makeSandbox();
  const root = `${sandbox.home}/deep/below/root`;
  const { code } = await reeve(sandbox, START, { REEVE_HOME: root });
  assertEquals(code, 0);
  assertEquals(((await Deno.stat(root)).mode ?? 0) & 0o777, 0o700);
});

Deno.test("a state root that cannot be used is named with the cause", async () => {
  await using sandbox = await makeSandbox();
  const file = `${sandbox.home}/file`;
  await Deno.writeTextFile(file, "");
  for (const root of [file, `${file}/below`]) {
    for (const command of ["start", "stop", "restart"]) {
      const args = ["daemon", command, "--json"];
      const { code, json } = await reeve(sandbox, args, { REEVE_HOME: root });
      assertEquals(code, 1, `${command} ${root}`);
      assertEquals(json.error.code, "unusable");
      assertStringIncludes(json.error.message, file);
      assert(json.error.hint.length > 0);
    }
    const env = { REEVE_HOME: root };
    const status = await reeve(sandbox, ["daemon", "status"], env);
    assertEquals(status.code, 1);
    const doctor = await reeve(sandbox, ["auth", "doctor", "--json"], env);
    assert([0, 1].includes(doctor.code), doctor.stdout);
  }
  assertEquals(await Deno.readTextFile(file), "");
});

Deno.test({
  name: "a state root on a read-only file system is named with the cause",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using sandbox = await makeSandbox();
    // Nobody, not even the super-user, can make a directory there.
    const env = { REEVE_HOME: "/proc/reeve" };
    const { code, json } = await reeve(sandbox, START, env);
    assertEquals(code, 1);
    assertEquals(json.error.code, "unusable");
    assertStringIncludes(json.error.message, "/proc/reeve");
    const status = await reeve(sandbox, ["daemon", "status"], env);
    assertEquals(status.code, 1);
  },
});

Deno.test("a state root that may not be written to is named with the cause", {
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
}, async () => {
  await using sandbox = await makeSandbox();
  await Deno.chmod(sandbox.root, 0o500);
  const { code, json } = await reeve(sandbox, START);
  assertEquals(code, 1);
  assertEquals(json.error.code, "unusable");
  assertStringIncludes(json.error.hint, sandbox.root);
  await Deno.chmod(sandbox.root, 0o700);
});

Deno.test("without any home every command says so", async () => {
  await using sandbox = await makeSandbox();
  const env = { HOME: "", REEVE_HOME: "", USERPROFILE: "", LOCALAPPDATA: "" };
  const commands = [
    START,
    ["daemon", "stop", "--json"],
    ["daemon", "status", "--json"],
    ["daemon", "restart", "--json"],
    ["auth", "doctor", "--json"],
    ["auth", "doctor", "--reset", "--json"],
  ];
  for (const args of commands) {
    const { code, json } = await reeve(sandbox, args, env);
    assertEquals(code, 1, args.join(" "));
    assertEquals(json.error.code, "no_home");
    assertStringIncludes(json.error.hint, "REEVE_HOME");
  }
});
