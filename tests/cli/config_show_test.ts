import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { snapshotTree } from "#support/sandbox.ts";
import { makeConfigPlace } from "./config_place.ts";

const PAGES = [[], ["show"], ["get"], ["set"], ["unset"], ["path"]]
  .map((words) => ({ words, name: ["config", ...words].join(" ") }));

Deno.test.each(PAGES)(
  "reeve $name --help fits 80 columns and has an example",
  async ({ words }) => {
    await using place = await makeConfigPlace();
    const help = await place.run(["config", ...words, "--help"]);
    assertEquals([help.code, help.stderr], [0, ""]);
    assertStringIncludes(help.stdout, "EXAMPLES");
    for (const line of help.stdout.split("\n")) assert(line.length <= 80, line);
  },
);

Deno.test("reeve config show tells every value and where it is from", async () => {
  await using place = await makeConfigPlace();
  const { userFile, projectFile } = place;
  await Deno.writeTextFile(userFile, '{"sync":{\n"max_rows": 5}}');
  await Deno.writeTextFile(projectFile, "# x\nREEVE_SYNC_AUTO_START=no\n");
  const env = { REEVE_SYNC_WS: "0" };
  const { code, json, stderr } = await place.run(
    ["config", "show", "--json"],
    env,
  );
  assertEquals([code, stderr], [0, ""]);
  assertEquals([json.schema, json.schema_version], ["config", 1]);
  assertEquals([json.user_file, json.project_file], [userFile, projectFile]);
  assertEquals(
    [json.project_root, json.project_id, json.project_slug],
    [place.root, null, "app"],
  );
  assertEquals([json.faults, json.warnings], [[], []]);
  const places = Object.fromEntries(
    json.settings.map((
      { key, value, source, where }: Record<string, unknown>,
    ) => [key, [value, source, where]]),
  );
  assertEquals(places["sync.max_rows"], [5, "user", `${userFile} line 2`]);
  assertEquals(places["sync.auto_start"], [
    false,
    "project",
    `${projectFile} line 2`,
  ]);
  assertEquals(places["sync.websocket"], [false, "env", "REEVE_SYNC_WS"]);
  assertEquals(places["sync.mode"], ["teamspace", "default", "default"]);
});

Deno.test("reeve config show fits the terminal and changes nothing", async () => {
  await using place = await makeConfigPlace();
  await Deno.writeTextFile(place.projectFile, "REEVE_SYNC_AUTO_START=no\n");
  const before = await snapshotTree(place.sandbox.directory);
  const { code, stdout } = await place.run(["config", "show"], {
    COLUMNS: "60",
  });
  assertEquals(code, 0);
  for (const line of stdout.split("\n")) assert(line.length <= 60, line);
  assert(/^sync\.auto_start +false +\//m.test(stdout), stdout);
  assertEquals(await snapshotTree(place.sandbox.directory), before);
});

Deno.test("reeve config show KEY explains one setting", async () => {
  await using place = await makeConfigPlace();
  const { stdout } = await place.run(["config", "show", "sync.daemon"]);
  assertStringIncludes(stdout, "allowed   auto, manual or off");
  assertStringIncludes(stdout, "variable  REEVE_SYNC_DAEMON");
});

Deno.test.each([
  { name: "half a file", text: '{"sync":\n', says: "line 2: it is not JSON" },
  { name: "bytes", text: "\0\x01\x02", says: "it is not JSON" },
  { name: "a later file", text: '{"schema_version":7}', says: "version 7" },
  {
    name: "a far too large file",
    text: " ".repeat(2 ** 21),
    says: "too large",
  },
  {
    name: "a wrong value",
    text: '{"sync":\n{"mode":"loud"}}',
    says: "line 2: sync.mode must be local, teamspace, external or off",
  },
])("reeve config show ends with 1 for $name", async ({ text, says }) => {
  await using place = await makeConfigPlace();
  await Deno.writeTextFile(place.userFile, text);
  const { code, stderr, stdout } = await place.run(["config", "show"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, `Cannot use ${place.userFile}`);
  assertStringIncludes(stderr, says);
  assertStringIncludes(stdout, "sync.max_rows");
});

Deno.test("reeve config show ends with 1 for what is no file", async () => {
  await using place = await makeConfigPlace();
  await Deno.mkdir(place.userFile);
  await Deno.mkdir(place.projectFile);
  const { code, json } = await place.run(["config", "show", "--json"]);
  assertEquals(code, 1);
  assertEquals(
    json.faults.map(({ message }: { message: string }) => message),
    [
      `Cannot use ${place.projectFile}: is a directory`,
      `Cannot use ${place.userFile}: is a directory`,
    ],
  );
});

Deno.test("reeve config show names an id that cannot be used", async () => {
  await using place = await makeConfigPlace();
  await Deno.writeTextFile(place.projectFile, "REEVE_PROJECT_ID=app\n");
  const { code, stderr } = await place.run(["config", "show"]);
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    `${place.projectFile} line 1: REEVE_PROJECT_ID must be a UUID`,
  );
});

Deno.test("reeve config show guesses what an unknown key was to be", async () => {
  await using place = await makeConfigPlace();
  await Deno.writeTextFile(place.userFile, '{"sync":{"max_row":1}}');
  const { code, stderr } = await place.run(["config", "show"]);
  assertEquals(code, 0);
  assertStringIncludes(stderr, "did you mean sync.max_rows?");
});
