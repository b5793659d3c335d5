/** The sign-in commands as a script meets them: exit codes and documents. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reeve } from "#support/cli.ts";
import { makeSandbox, snapshotTree } from "#support/sandbox.ts";

const PAGES = ["", "login", "logout", "status", "whoami"].map((word) => ({
  words: ["auth", ...word === "" ? [] : [word]],
}));

Deno.test.each(PAGES)(
  "reeve $words --help fits 80 columns and has an example",
  async ({ words }) => {
    await using sandbox = await makeSandbox();
    const { code, stdout, stderr } = await reeve(sandbox, [...words, "--help"]);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "EXAMPLES");
    for (const line of stdout.split("\n")) assert(line.length <= 80, line);
  },
);

Deno.test.each([
  { words: "auth status", code: 0, schema: "auth_status" },
  { words: "auth status --check", code: 4, schema: "auth_status" },
  { words: "auth logout", code: 0, schema: "auth_logout" },
  { words: "auth logout --force", code: 0, schema: "auth_logout" },
])("reeve $words of nobody prints one document", async (row) => {
  await using sandbox = await makeSandbox();
  const files = await snapshotTree(sandbox.home);
  const args = [...row.words.split(" "), "--json"];
  const { code, stderr, json } = await reeve(sandbox, args);
  assertEquals([code, stderr, json.schema], [row.code, "", row.schema]);
  assertEquals(await snapshotTree(sandbox.home), files);
});

Deno.test.each([
  { words: "auth whoami", code: 4, error: "not_signed_in", says: "signed in" },
  { words: "auth login", code: 64, error: "usage", says: "no server" },
  {
    words: "auth login --token - --device",
    code: 64,
    error: "usage",
    says: "--token and --device",
  },
  {
    words: "auth login --server http://sync.example.com",
    code: 64,
    error: "usage",
    says: "https",
  },
  {
    words: "auth login --server https://me:secret@sync.example.com",
    code: 64,
    error: "usage",
    says: "without sign-in",
  },
  { words: "auth login --nope", code: 64, error: "usage", says: "--nope" },
])("reeve $words ends with $code and says $says", async (row) => {
  await using sandbox = await makeSandbox();
  const files = await snapshotTree(sandbox.home);
  const args = [...row.words.split(" "), "--json"];
  const { code, stdout, json } = await reeve(sandbox, args);
  assertEquals([code, json.error.code], [row.code, row.error]);
  assertStringIncludes(json.error.message, row.says);
  assert(typeof json.error.hint === "string");
  assert(!stdout.includes("secret"), stdout);
  assertEquals(await snapshotTree(sandbox.home), files);
});

Deno.test("reeve auth login refuses a token as an argument without repeating it", async () => {
  await using sandbox = await makeSandbox();
  for (const args of [["--token", "canary-argv"], ["--token=canary-argv"]]) {
    const { code, stdout, stderr } = await reeve(
      sandbox,
      ["auth", "login", ...args],
      { REEVE_SERVER_URL: "https://sync.example.com" },
    );
    assertEquals([code, stdout], [64, ""]);
    assert(!stderr.includes("canary"), stderr);
    assertStringIncludes(stderr, "reeve auth login --token - < FILE");
  }
});

Deno.test("the sign-in commands stop at settings that cannot be used", async () => {
  await using sandbox = await makeSandbox();
  await Deno.writeTextFile(`${sandbox.root}/config.json`, "{");
  const login = await reeve(sandbox, ["auth", "login", "--json"]);
  assertEquals([login.code, login.json.error.code], [1, "damaged_file"]);
  const status = await reeve(sandbox, ["auth", "status"]);
  assertEquals(status.code, 0);
  assertStringIncludes(status.stderr, "config.json");
});

Deno.test("reeve auth status without any home says so", async () => {
  await using sandbox = await makeSandbox();
  const env = { HOME: "", REEVE_HOME: "", USERPROFILE: "", LOCALAPPDATA: "" };
  for (const word of ["status", "whoami", "login", "logout"]) {
    const { code, json } = await reeve(sandbox, ["auth", word, "--json"], env);
    assertEquals([code, json.error.code], [1, "no_home"]);
  }
});
