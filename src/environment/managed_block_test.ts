import { assert, assertEquals, assertThrows } from "@std/assert";
import { read } from "#support/settings_text.ts";
import { parseEnvLines } from "../config/env_lines.ts";
import { KnownError } from "../errors.ts";
import {
  addToBlock,
  BLOCK_END,
  BLOCK_START,
  contradictingLines,
  managedLines,
  writeBlock,
} from "./managed_block.ts";
import type { EnvironmentSettings } from "./model.ts";
import { knownKeys } from "./settings_names.ts";

const EMPTY: EnvironmentSettings = {
  defaultMode: "main",
  treesDirectory: "trees",
  worktrees: { plansDirectory: "plans", links: [], runsHooks: false },
  services: [],
  dependencies: [],
  publicHost: "localhost",
  inheritedEnv: [],
};

Deno.test("the block holds every key, also those that are as by default", () => {
  const text = writeBlock("", EMPTY);
  assertEquals(
    text,
    [
      BLOCK_START,
      "REEVE_DEFAULT_MODE=main",
      "REEVE_TREES_DIR=trees",
      "REEVE_PLANS_DIR=plans",
      "REEVE_WORKTREE_LINKS=''",
      "REEVE_WORKTREE_HOOKS=off",
      "REEVE_PUBLIC_HOST=localhost",
      "REEVE_INHERIT_ENV=''",
      "REEVE_SERVICES=''",
      "REEVE_DEPENDENCIES=none",
      BLOCK_END,
      "",
    ].join("\n"),
  );
  const { settings } = read(
    "REEVE_SERVICES=a\nREEVE_SERVICE_A_CMD=x\n" +
      "REEVE_DEPENDENCIES=postgres,redis,supabase,n8n\n",
  );
  const names = managedLines(settings).map(([name]) => name);
  assertEquals(names.toSorted(), [...knownKeys(["a"]).keys()].toSorted());
});

Deno.test("saved defaults switch nothing on", () => {
  assertEquals(read(writeBlock("", read("").settings)).settings, EMPTY);
});

Deno.test("writeBlock() refuses a block without end", () => {
  const text = `a=1\n${BLOCK_START}\nREEVE_SERVICES=\n`;
  const error = assertThrows(() => writeBlock(text, EMPTY), KnownError);
  assertEquals(error.code, "damaged_file");
});

Deno.test.each(["a\nb", "a\rb", "a\0b", "a\uD800b", "a\uFFFDb"])(
  "writeBlock() refuses a value that would not come back",
  (value) => {
    const error = assertThrows(
      () => writeBlock("", { ...EMPTY, publicHost: value }),
      KnownError,
    );
    assertEquals(
      error.message,
      "Cannot save REEVE_PUBLIC_HOST: its value does not fit on one line " +
        "of text",
    );
  },
);

Deno.test.each([
  { name: "LF", end: "\n", gap: "" },
  { name: "CRLF", end: "\r\n", gap: "" },
])("writeBlock() keeps $name", ({ end }) => {
  const text = writeBlock(`a=1${end}b=2`, EMPTY);
  assert(text.startsWith(`a=1${end}b=2${end}${BLOCK_START}${end}`));
  assertEquals(text.replaceAll(end, "").match(/[\r\n]/g), null);
});

Deno.test("addToBlock() adds before the end, and only where a block is", () => {
  const text = `x=1\n${writeBlock("", EMPTY)}y=2\n`;
  const added = addToBlock(text, "REEVE_A", "b c") ?? "";
  assertEquals(
    added,
    text.replace(BLOCK_END, `REEVE_A='b c'\n${BLOCK_END}`),
  );
  assertEquals(parseEnvLines(added).odd, []);
  assertEquals(addToBlock("x=1\n", "REEVE_A", "b"), undefined);
});

Deno.test("contradictingLines() finds what says something else outside", () => {
  const { settings } = read(
    "REEVE_SERVICES=a\nREEVE_SERVICE_A_CMD=x\nREEVE_SERVICE_A_ENV__K=v\n",
  );
  const block = writeBlock("", settings);
  const outside = (text: string) =>
    contradictingLines(text, settings).map(({ line, name }) => [line, name]);
  assertEquals(outside(block), []);
  assertEquals(outside(block.replace("CMD=x", "CMD=y")), []);
  assertEquals(
    outside(
      "REEVE_SERVICE_A_CMD=x\nREEVE_SERVICE_A_ENV__L=v\nREEVE_SERVICE_B_CMD=x\n" +
        `Z=1\nREEVE_DEFAULT_MODE=trees\n${block}REEVE_SERVICE_A_CMD=y\n`,
    ),
    [
      [2, "REEVE_SERVICE_A_ENV__L"],
      [5, "REEVE_DEFAULT_MODE"],
      [6 + block.split("\n").length - 1, "REEVE_SERVICE_A_CMD"],
    ],
  );
});
