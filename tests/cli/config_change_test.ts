import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { makeConfigPlace } from "./config_place.ts";

Deno.test("reeve config set, get and unset agree", async () => {
  await using place = await makeConfigPlace();
  const set = await place.run([
    "config",
    "set",
    "sync.max_bytes",
    "1gib",
    "--json",
  ]);
  assertEquals([set.code, set.stderr], [0, ""]);
  assertEquals(
    [set.json.schema, set.json.changed, set.json.value, set.json.source],
    ["config_change", true, 2 ** 30, "user"],
  );
  const get = await place.run(["config", "get", "sync.max_bytes"]);
  assertEquals([get.code, get.stdout, get.stderr], [0, "1GiB\n", ""]);
  assertEquals(JSON.parse(await Deno.readTextFile(place.userFile)), {
    schema_version: 1,
    sync: { max_bytes: "1GiB" },
  });
  const unset = await place.run(["config", "unset", "sync.max_bytes"]);
  assertEquals([unset.code, unset.stderr], [0, ""]);
  const { json } = await place.run([
    "config",
    "get",
    "sync.max_bytes",
    "--json",
  ]);
  assertEquals([json.value, json.source], [2 ** 28, "default"]);
});

Deno.test("reeve config set --project changes one line of one file", async () => {
  await using place = await makeConfigPlace();
  const before = "# ours\r\nREEVE_SYNC_AUTO_START=true # why\r\nOTHER=1";
  await Deno.writeTextFile(place.projectFile, before);
  const args = ["sync.auto_start", "false", "--project"];
  const { code, stdout } = await place.run(["config", "set", ...args]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, place.projectFile);
  assertEquals(
    await Deno.readTextFile(place.projectFile),
    before.replace("true", "false"),
  );
  const names = (await Array.fromAsync(Deno.readDir(place.root))).map((
    { name },
  ) => name);
  assertEquals(names.sort(), [".git", ".reeve", "src"]);
});

Deno.test("reeve config set tells what is stronger", async () => {
  await using place = await makeConfigPlace();
  const { code, stderr } = await place.run(
    ["config", "set", "sync.websocket", "true"],
    { REEVE_SYNC_WS: "false" },
  );
  assertEquals(code, 0);
  assertStringIncludes(
    stderr,
    "sync.websocket is false all the same: see REEVE_SYNC_WS.",
  );
});

Deno.test.each([
  {
    words: "set sync.max_rows many",
    says: "must be a whole number from 1 to 100000000",
  },
  { words: "set sync.moed off", says: "Did you mean sync.mode?" },
  { words: "set sync.mode off --project", says: "your own settings" },
  { words: "get sync", says: "Cannot find the setting sync" },
  { words: "show nothing.at.all", says: "See: reeve config show" },
  { words: "set sync.mode", says: "VALUE" },
  { words: "get", says: "KEY" },
])("reeve config $words is wrong usage: $says", async ({ words, says }) => {
  await using place = await makeConfigPlace();
  const { code, stdout, stderr } = await place.run([
    "config",
    ...words.split(" "),
  ]);
  assertEquals([code, stdout], [64, ""]);
  assertStringIncludes(stderr, says);
  assertEquals(await Array.fromAsync(Deno.readDir(place.sandbox.root)), []);
});

Deno.test.each([
  { name: "damaged_file", text: '{"sync":{', code: "damaged_file" },
  { name: "newer_file", text: '{"schema_version":2}', code: "newer_file" },
])(
  "reeve config set leaves a file alone with $name",
  async ({ text, code }) => {
    await using place = await makeConfigPlace();
    await Deno.writeTextFile(place.userFile, text);
    const args = ["config", "set", "sync.mode", "off", "--json"];
    const result = await place.run(args);
    assertEquals([result.code, result.json.error.code], [1, code]);
    assertEquals(await Deno.readTextFile(place.userFile), text);
  },
);

Deno.test.each([
  { text: '{"sync":{"mode":5}}', code: 64, says: "config.json line 1" },
  { text: "{", code: 1, says: "it is not JSON" },
])(
  "reeve config get refuses $text with $code",
  async ({ text, code, says }) => {
    await using place = await makeConfigPlace();
    await Deno.writeTextFile(place.userFile, text);
    const get = await place.run(["config", "get", "sync.mode"]);
    assertEquals([get.code, get.stdout], [code, ""]);
    assertStringIncludes(get.stderr, says);
  },
);

Deno.test("reeve config set says when a checkout is read-only", async () => {
  if (Deno.build.os === "windows" || Deno.uid() === 0) return;
  await using place = await makeConfigPlace();
  await Deno.chmod(place.root, 0o500);
  const args = ["config", "set", "--project", "sync.auto_start", "no"];
  const { code, stderr } = await place.run(args);
  await Deno.chmod(place.root, 0o700);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `Cannot write ${place.projectFile}`);
});

Deno.test("reeve config path prints one path", async () => {
  await using place = await makeConfigPlace();
  const own = await place.run(["config", "path"]);
  assertEquals([own.code, own.stdout], [0, `${place.userFile}\n`]);
  const project = await place.run(["config", "path", "--project"]);
  assertEquals(project.stdout, `${place.projectFile}\n`);
  await Deno.remove(`${place.root}/.git`);
  const none = await place.run(["config", "path", "--project"]);
  assertEquals([none.code, none.stdout], [1, ""]);
  assertStringIncludes(none.stderr, "Cannot find a project");
});

Deno.test("reeve completes the names of settings", async () => {
  await using place = await makeConfigPlace();
  const words = ["__complete", "config", "get", "sync.batch"];
  const { stdout } = await place.run(words);
  assert(stdout.includes("sync.batch.max_events"), stdout);
});

Deno.test("reeve daemon start is refused by wrong settings, and off is off", async () => {
  await using place = await makeConfigPlace();
  await Deno.writeTextFile(place.userFile, '{"sync":{"daemon":""}}');
  const args = ["daemon", "start", "--intent", "remote_required"];
  const env = { REEVE_ENABLE_SAAS_SYNC: "1" };
  const wrong = await place.run(args, env);
  assertEquals(wrong.code, 64);
  assertStringIncludes(wrong.stderr, "sync.daemon must be auto, manual or off");
  const off = await place.run(args, { ...env, REEVE_SYNC_DAEMON: "off" });
  assertEquals(off.code, 0);
  assertStringIncludes(off.stdout, "policy_off");
});
