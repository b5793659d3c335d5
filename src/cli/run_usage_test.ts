import { assert, assertEquals } from "@std/assert";
import { parseOnly, runLine } from "#support/run_line.ts";

Deno.test.each([
  { line: "daemn", meant: "daemon" },
  { line: "daemon strat", meant: "start" },
  { line: "auth docter", meant: "doctor" },
  { line: "strat", meant: "start" },
  { line: "endpoint", meant: "endpoints" },
  { line: "start --no-resum", meant: "--no-resume" },
  { line: "auth doctor --rest", meant: "reset" },
  { line: "daemon start --forced", meant: "force" },
])("runCli() of '$line' asks for $meant", async ({ line, meant }) => {
  const { exit, out, err } = await runLine(line);
  assertEquals([exit, out], [64, ""]);
  assert(err.startsWith("error: "), err);
  assert(/did you mean/i.test(err) && err.includes(meant), err);
});

Deno.test.each([
  { line: "xyzzy" },
  { line: "daemon start --xyzzy" },
  { line: "daemon start now" },
  { line: "daemon replay" },
  { line: "daemon logs --lines many" },
  { line: "auth doctor --family none" },
  { line: "auth doctor --explain" },
  { line: "auth doctor --plan" },
  { line: "auth doctor --stuck-threshold -1" },
  { line: "auth doctor --reset --plan p.json" },
  { line: "completions powershell" },
])("runCli() of '$line' is wrong usage", async ({ line }) => {
  const { exit, out, err } = await runLine(line);
  assertEquals([exit, out], [64, ""]);
  assert(/^error: .+\n(hint: .+\n)?$/.test(err), err);
});

Deno.test.each([
  { line: "daemon start --xyzzy --json", code: "usage", exit: 64 },
  { line: "daemon strat --json", code: "usage", exit: 64 },
  { line: "auth doctor --reset --plan p --json", code: "usage", exit: 64 },
  { line: "daemon replay /no.json --json", code: "not_found", exit: 1 },
])("runCli() of '$line' prints one document", async (row) => {
  const { exit, out, err } = await runLine(row.line);
  assertEquals([exit, err], [row.exit, ""]);
  const document = parseOnly(out);
  assert(typeof document === "object" && document !== null);
  assert("error" in document && Object.keys(document).length === 1);
  const { error } = document;
  assert(typeof error === "object" && error !== null);
  assertEquals(Object.keys(error), ["code", "hint", "message"]);
  assert("code" in error);
  assertEquals<unknown>(error.code, row.code);
});

Deno.test("runCli() takes what stands after -- for no flag", async () => {
  const { out, err, exit } = await runLine("daemon replay -- --json");
  assertEquals([exit, out], [1, ""]);
  assert(err.includes("--json: no such file"), err);
});
