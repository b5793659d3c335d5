import { FLAG_TOKENS } from "../environment/route_table.ts";
import { assert, assertEquals } from "@std/assert";
import type { Command, RouteMap } from "@stricli/core";
import { auth } from "./auth_commands.ts";
import { config } from "./config_commands.ts";
import { daemon } from "./daemon_commands.ts";
import { app } from "./commands.ts";
import type { ReeveContext } from "./define_command.ts";

type Target = RouteMap<ReeveContext> | Command<ReeveContext>;

const SOURCES = new URL("../", import.meta.url);
const COMMAND = /reeve ((?:auth|config|daemon|completions)(?: [a-z-]+)*)/g;

async function readSources(folder: URL): Promise<string> {
  let text = "";
  for await (const entry of Deno.readDir(folder)) {
    const url = new URL(entry.name, folder);
    if (entry.isDirectory) text += await readSources(new URL(`${url}/`));
    else if (!entry.name.endsWith("_test.ts")) {
      text += await Deno.readTextFile(url);
    }
  }
  return text;
}

/** Every command that a message, hint or comment tells people to type. */
async function mentioned(): Promise<readonly string[]> {
  // A command may be split over two string literals.
  const text = (await readSources(SOURCES)).replace(/" \+\s*"/g, "");
  const found = [...text.matchAll(COMMAND)].map(([, words = ""]) => words);
  return [...new Set(found)].toSorted();
}

const { root } = app;

function isRouteMap(target: Target): target is RouteMap<ReeveContext> {
  return "getRoutingTargetForInput" in target;
}

function flagsOf(target: Command<ReeveContext>): readonly string[] {
  const flags = target.parameters.flags ?? {};
  return Object.keys(flags).map((name) =>
    "--" + name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  );
}

/** Follows the words of a command; says what is wrong, if anything. */
function problemOf(words: string): string | undefined {
  let target: Target = root;
  for (const word of words.split(" ").filter((word) => word !== "")) {
    if (isRouteMap(target)) {
      const next: Target | undefined = target.getRoutingTargetForInput(word);
      if (next === undefined) return `no command ${word}`;
      target = next;
      continue;
    }
    if (!word.startsWith("--")) continue;
    if (!flagsOf(target).includes(word)) return `no flag ${word}`;
  }
  return undefined;
}

/** What follows `config` may be about an environment: another table. */
function isAboutEnvironment(words: string): boolean {
  const flags = words.split(" ").filter((word) => word.startsWith("--"));
  return /^config (?:--|init\b)/.test(words) &&
    flags.every((flag) => FLAG_TOKENS.includes(flag));
}

Deno.test("app knows every command that the sources tell to type", async () => {
  const found = await mentioned();
  assert(found.length > 10, found.join("\n"));
  for (
    const words of [
      "auth doctor --reset",
      "auth doctor --reset --force",
      "auth doctor --unstick-lock",
      "daemon start",
      "daemon restart --force",
    ]
  ) assert(found.includes(words), `${words} is mentioned`);
  assertEquals(
    found.flatMap((words) => {
      if (isAboutEnvironment(words)) return [];
      const problem = problemOf(words);
      return problem === undefined ? [] : [`reeve ${words}: ${problem}`];
    }),
    [],
  );
});

Deno.test.each([
  { words: "auth logon", problem: "no command logon" },
  { words: "daemon start --xyzzy", problem: "no flag --xyzzy" },
  { words: "daemon restart --force", problem: undefined },
  { words: "auth doctor --stuck-threshold", problem: undefined },
])("app has for '$words': $problem", ({ words, problem }) => {
  assertEquals(problemOf(words), problem);
});

Deno.test("app offers these commands", () => {
  const names = (map: RouteMap<ReeveContext>) =>
    map.getAllEntries().map((entry) =>
      (entry.hidden ? "hidden " : "") + entry.name.original
    );
  assert(isRouteMap(root));
  assertEquals(names(root), [
    "auth",
    "config",
    "daemon",
    "event",
    "queue",
    "server",
    "sync",
    "completions",
    "hidden __complete",
  ]);
  assertEquals(names(auth), ["login", "logout", "status", "whoami", "doctor"]);
  assertEquals(names(config), [
    "show",
    "get",
    "set",
    "unset",
    "edit",
    "path",
  ]);
  assertEquals(names(daemon), [
    "start",
    "status",
    "stop",
    "restart",
    "logs",
    "journal",
    "replay",
    "run",
  ]);
});

Deno.test("app has --json for every command with a result", () => {
  for (const map of [auth, config, daemon]) {
    for (const { name, target } of map.getAllEntries()) {
      assert(!isRouteMap(target));
      const hasJson = flagsOf(target).includes("--json");
      assertEquals(hasJson, name.original !== "run", name.original);
    }
  }
});
