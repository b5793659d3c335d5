import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { REEVE, reeve, reeveCommand } from "#support/cli.ts";
import { startDaemon } from "#support/population.ts";
import { makeSandbox } from "#support/sandbox.ts";
import { VERSION } from "../../src/version.ts";

const PAGES = [
  [],
  ["auth"],
  ["auth", "doctor"],
  ["daemon"],
  ["daemon", "start"],
  ["daemon", "status"],
  ["daemon", "stop"],
  ["daemon", "restart"],
  ["daemon", "logs"],
  ["daemon", "journal"],
  ["daemon", "replay"],
  ["daemon", "run"],
  ["completions"],
].map((words) => ({ words, name: ["reeve", ...words].join(" ") }));

Deno.test.each(PAGES)(
  "$name --help fits 80 columns and has an example",
  async ({ words }) => {
    await using sandbox = await makeSandbox();
    const { code, stdout, stderr } = await reeve(sandbox, [...words, "--help"]);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "EXAMPLES");
    for (const line of stdout.split("\n")) assert(line.length <= 80, line);
  },
);

Deno.test("reeve --version says the version and what it was built from", async () => {
  await using sandbox = await makeSandbox();
  const { code, stdout } = await reeve(sandbox, ["--version"]);
  assertEquals([code, stdout.split(" ")[0]], [0, VERSION]);
  const { json } = await reeve(sandbox, ["--version", "--json"]);
  assertEquals([json.schema, json.version], ["version", VERSION]);
  assertStringIncludes(stdout, `(commit ${json.commit.slice(0, 12)}`);
});

Deno.test.each([
  { words: "auht", says: "auth" },
  { words: "auth docter", says: "doctor" },
  { words: "daemon sttart", says: "start" },
  { words: "auth doctor --jsn", says: "--json" },
  { words: "daemon start --intnet x", says: "--intent" },
])("reeve $words is wrong usage and means $says", async ({ words, says }) => {
  await using sandbox = await makeSandbox();
  const result = await reeve(sandbox, words.split(" "));
  assertEquals([result.code, result.stdout], [64, ""]);
  assertStringIncludes(result.stderr, says);
});

Deno.test.each([
  { words: "auth doctor --json", code: 0, schema: "auth_doctor" },
  { words: "auth doctor --reset --json", code: 0, schema: "auth_doctor" },
  { words: "daemon status --json", code: 1, schema: "daemon_status" },
  { words: "daemon stop --json", code: 0, schema: "daemon_stop" },
  { words: "daemon journal --json", code: 0, schema: "signal_journal" },
  { words: "daemon logs --json", code: 0, schema: "daemon_logs" },
])("reeve $words prints one document and nothing else", async (row) => {
  await using sandbox = await makeSandbox();
  const { code, stderr, json } = await reeve(sandbox, row.words.split(" "));
  assertEquals([code, stderr, json.schema], [row.code, "", row.schema]);
});

Deno.test.each([
  { words: "auth doctor --reset --plan x --json", code: 64, error: "usage" },
  { words: "auth doctor --nope --json", code: 64, error: "usage" },
  { words: "auth doctor --explain 1 --json", code: 1, error: "not_found" },
  { words: "auth doctor --apply /no/file --json", code: 1, error: "not_found" },
  { words: "daemon replay /no/file --json", code: 1, error: "not_found" },
])("reeve $words prints its error as the one document", async (row) => {
  await using sandbox = await makeSandbox();
  const { code, json } = await reeve(sandbox, row.words.split(" "));
  assertEquals([code, json.error.code], [row.code, row.error]);
  assert(json.error.message.length > 0);
});

Deno.test("reeve auth doctor lists a daemon of ours with all keys", async () => {
  await using sandbox = await makeSandbox();
  await using daemon = await startDaemon(sandbox, { version: "3.2.2" });
  const { code, json } = await reeve(sandbox, ["auth", "doctor", "--json"]);
  assertEquals([code, json.schema_version], [0, 2]);
  const sample = JSON.parse(
    await Deno.readTextFile("tests/samples/auth_doctor.v2.json"),
  );
  assertEquals(Object.keys(json).sort(), Object.keys(sample).sort());
  const [orphan] = json.orphans;
  assertEquals(
    Object.keys(orphan).sort(),
    Object.keys(sample.orphans[0]).sort(),
  );
  assertEquals(
    [orphan.pid, orphan.port, orphan.cleanup_class, orphan.skip_reason],
    [daemon.pid, daemon.port, "safe_auto", null],
  );
});

Deno.test("reeve daemon logs --follow ends with 2 on Ctrl-C", async () => {
  await using sandbox = await makeSandbox();
  const child = new Deno.Command(REEVE, {
    args: reeveCommand(["daemon", "logs", "--follow"]),
    env: { ...sandbox.env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  // It listens to signals before it does anything else.
  const timer = setInterval(() => child.kill("SIGINT"), 200);
  const { code } = await child.status;
  clearInterval(timer);
  assert(code === 2 || code === 130, `exit code ${code}`);
});

Deno.test("reeve into a closed pipe is quiet", async () => {
  await using sandbox = await makeSandbox();
  const words = reeveCommand(["--help"]).map((word) => `'${word}'`).join(" ");
  const { code, stderr } = await new Deno.Command("sh", {
    args: ["-c", `'${REEVE}' ${words} | head -c 1 >/dev/null`],
    env: { ...sandbox.env },
    stdin: "null",
  }).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
});

Deno.test.each([
  { shell: "bash", has: "complete -o default" },
  { shell: "zsh", has: "#compdef reeve" },
  { shell: "fish", has: "complete -c reeve" },
])("reeve completions $shell prints its script", async ({ shell, has }) => {
  await using sandbox = await makeSandbox();
  const { code, stdout } = await reeve(sandbox, ["completions", shell]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, has);
});

Deno.test("reeve __complete knows commands and flags", async () => {
  await using sandbox = await makeSandbox();
  const words = await reeve(sandbox, ["__complete", "--", "daemon", "st"]);
  assertEquals(words.stdout.trim().split("\n"), ["start", "status", "stop"]);
});
