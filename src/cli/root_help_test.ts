import { assertEquals } from "@std/assert";
import { run } from "@stricli/core";
import { app } from "./commands.ts";
import type { ReeveContext } from "./define_command.ts";
import { tidyHelp } from "./help_text.ts";
import { rootHelp, TABLE_HELP } from "./root_help.ts";
import { createFakeHost } from "#support/fake_host.ts";

Deno.test("TABLE_HELP is what the tables of commands give", async () => {
  let printed = "";
  const context: ReeveContext = {
    host: createFakeHost(),
    isJson: false,
    takeInterrupts: () => new AbortController().signal,
    outcome: {},
    process: {
      stdout: { write: (text) => void (printed += text) },
      stderr: { write: (text) => void (printed += text) },
      env: { "STRICLI_NO_COLOR": "1" },
    },
  };
  await run(app, ["--help"], context);
  assertEquals(TABLE_HELP, tidyHelp(printed));
});

Deno.test("rootHelp() ends with the commands about environments", () => {
  const [table, rest = ""] = rootHelp().split(
    "\nENVIRONMENT OF THIS REPOSITORY\n",
  );
  assertEquals(table, TABLE_HELP);
  assertEquals(
    rest.split("\n")[0],
    "  start            Bring services and dependencies up",
  );
});

Deno.test("rootHelp() fits 80 columns", () => {
  assertEquals(rootHelp().split("\n").filter((line) => line.length > 80), []);
});
