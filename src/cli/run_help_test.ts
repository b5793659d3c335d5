import { assert, assertEquals } from "@std/assert";
import { runLine } from "#support/run_line.ts";

Deno.test.each([
  { line: "" },
  { line: "--help" },
  { line: "help" },
  { line: "auth --help" },
  { line: "help auth" },
  { line: "auth doctor --help" },
  { line: "help auth doctor" },
  { line: "daemon --help" },
  { line: "daemon start --help" },
  { line: "daemon status --help" },
  { line: "daemon stop --help" },
  { line: "daemon restart --help" },
  { line: "daemon logs --help" },
  { line: "daemon journal --help" },
  { line: "daemon replay --help" },
  { line: "daemon run --help" },
  { line: "completions --help" },
  { line: "start --help" },
  { line: "help status" },
])("runCli() helps with '$line'", async ({ line }) => {
  const { exit, out, err } = await runLine(line);
  assertEquals([exit, err], [0, ""]);
  assert(/\nEXAMPLES\n +reeve /.test(out), out);
  assert(!out.includes("__complete"), "hidden commands stay hidden");
  assert(!out.includes("\u001b"), "no colours in help");
});

Deno.test.each([
  { line: "--help", has: true },
  { line: "help", has: true },
  { line: "daemon --help", has: false },
  { line: "--version", has: false },
])(
  "runCli() of '$line' lists commands about environments: $has",
  async (row) => {
    const { out } = await runLine(row.line);
    assertEquals(/^ {2}list-trees /m.test(out), row.has, out);
  },
);
