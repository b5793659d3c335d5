import { assertEquals } from "@std/assert";
import { parseRoute } from "./route.ts";
import { commandRow } from "./route_table.ts";
import type { Route } from "./route_types.ts";

/** Splits at spaces; `+` stands for a space inside a word. */
function words(line: string): readonly string[] {
  return line.split(" ").filter((word) => word !== "")
    .map((word) => word.replaceAll("+", " "));
}

/** The parts of a route that are not what they are for the bare command. */
function shown(route: Route): Record<string, unknown> {
  const { command, flags, mode, modeSource, headless, json } = route;
  return {
    command,
    ...mode === "main" ? {} : { mode },
    ...modeSource === "default" ? {} : { modeSource },
    ...route.preview === undefined ? {} : { preview: route.preview },
    ...route.projects.length === 0 ? {} : { projects: route.projects },
    ...route.services.length === 0 ? {} : { services: route.services },
    ...route.words.length === 0 ? {} : { words: route.words },
    ...route.passthrough.length === 0 ? {} : { rest: route.passthrough },
    ...Object.keys(flags).length === 0 ? {} : { flags },
    ...headless === commandRow(command).isHeadless ? {} : { headless },
    ...json ? { json } : {},
  };
}

const whole = { scope: "entire-system" };
const trees = { mode: "trees", modeSource: "explicit" };

Deno.test.each<{ line: string; is: Record<string, unknown> }>([
  { line: "start", is: { command: "start", flags: whole } },
  { line: "up", is: { command: "start", flags: whole } },
  { line: "down", is: { command: "stop" } },
  { line: "--stop", is: { command: "stop" } },
  { line: "s", is: { command: "stop" } },
  { line: "--command stop", is: { command: "stop" } },
  { line: "--action=kill", is: { command: "stop" } },
  { line: "logs --logs", is: { command: "logs" } },
  // A flag takes its value before anything else looks at it.
  { line: "start --service a", is: { command: "start", services: ["a"] } },
  { line: "logs --project a", is: { command: "logs", projects: ["a"] } },
  { line: "--project test logs", is: { command: "logs", projects: ["test"] } },
  { line: "--project stop logs", is: { command: "logs", projects: ["stop"] } },
  { line: "logs stop", is: { command: "logs", words: ["stop"] } },
  { line: "stop logs s", is: { command: "stop", words: ["logs", "s"] } },
  {
    line: "logs --service=-odd --service b,c --service d",
    is: { command: "logs", services: ["-odd", "b", "c", "d"] },
  },
  {
    line: "stop -- -x --json",
    is: { command: "stop", rest: ["-x", "--json"] },
  },
  {
    line: "stop Main+backend",
    is: { command: "stop", words: ["Main backend"] },
  },
  {
    line: "explain-startup --plan a",
    is: {
      command: "explain-startup",
      preview: "plan",
      words: ["a"],
      mode: "trees",
      modeSource: "forced",
    },
  },
  {
    line: "--plan --explain-startup a",
    is: {
      command: "explain-startup",
      preview: "plan",
      words: ["a"],
      mode: "trees",
      modeSource: "forced",
    },
  },
  {
    line: "preflight restart restart",
    is: { command: "preflight", preview: "restart", words: ["restart"] },
  },
  {
    line: "explain-startup",
    is: { command: "explain-startup", flags: whole },
  },
  {
    line: "explain-startup resume",
    is: { command: "explain-startup", preview: "resume" },
  },
  {
    line: "start --sequential",
    is: { command: "start", flags: { parallelTrees: false, ...whole } },
  },
  {
    line: "sequential-plan a",
    is: {
      command: "plan",
      words: ["a"],
      flags: { parallelTrees: false },
      mode: "trees",
      modeSource: "forced",
    },
  },
  {
    line: "parallel-plan --sequential",
    is: {
      command: "plan",
      flags: { parallelTrees: false },
      mode: "trees",
      modeSource: "forced",
    },
  },
  {
    line: "config BACKEND_PORT_BASE=8100 fresh=1",
    is: { command: "config", words: ["BACKEND_PORT_BASE=8100", "fresh=1"] },
  },
  {
    line: "config --set A=b,c --set D=",
    is: { command: "config", flags: { set: ["A=b,c", "D="] } },
  },
  // Modes: the last word wins, --mode after all of them.
  { line: "health --tree", is: { command: "health", ...trees } },
  { line: "health main=false", is: { command: "health", ...trees } },
  { line: "health --main TREES=true", is: { command: "health", ...trees } },
  {
    line: "health --trees --main=true",
    is: { command: "health", modeSource: "explicit" },
  },
  {
    line: "health --mode main --trees",
    is: { command: "health", modeSource: "explicit" },
  },
  {
    line: "list-trees",
    is: { command: "list-trees", mode: "trees", modeSource: "forced" },
  },
  // Assignments: flags win, among assignments the last.
  {
    line: "start fresh=true fresh=no",
    is: { command: "start", flags: { noResume: false, ...whole } },
  },
  {
    line: "start RESUME=no",
    is: { command: "start", flags: { noResume: true, ...whole } },
  },
  {
    line: "start resume=true --no-resume",
    is: { command: "start", flags: { noResume: true, ...whole } },
  },
  {
    line: "start --parallel-trees-max 2 PARALLEL_TREES_MAX=9",
    is: { command: "start", flags: { parallelTreesMax: 2, ...whole } },
  },
  {
    line: "start backend=true frontend=false",
    is: { command: "start", flags: { without: ["frontend"], ...whole } },
  },
  // What a start or restart is about.
  {
    line: "start --backend --backend",
    is: { command: "start", flags: { scope: "backend" } },
  },
  {
    line: "start --only-backend",
    is: { command: "start", flags: { scope: "backend", dependencies: false } },
  },
  {
    line: "start --no-deps",
    is: { command: "start", flags: { dependencies: false } },
  },
  { line: "start api", is: { command: "start", words: ["api"] } },
  {
    line: "start --project a",
    is: { command: "start", projects: ["a"], flags: whole },
  },
  { line: "restart", is: { command: "restart", flags: whole } },
  { line: "restart --project a", is: { command: "restart", projects: ["a"] } },
  {
    line: "start --trees --isolated-deps",
    is: {
      command: "start",
      ...trees,
      flags: { dependencyScope: "isolated", ...whole },
    },
  },
  // Asking.
  {
    line: "stop --interactive",
    is: { command: "stop", headless: false, flags: { headless: false } },
  },
  {
    line: "start -b",
    is: {
      command: "start",
      headless: true,
      flags: { headless: true, ...whole },
    },
  },
  {
    line: "start --json",
    is: {
      command: "start",
      headless: true,
      json: true,
      flags: { json: true, ...whole },
    },
  },
  {
    line: "start --json=off",
    is: { command: "start", flags: { json: false, ...whole } },
  },
  { line: "status", is: { command: "dashboard", flags: { once: true } } },
  {
    line: "logs -f -n 5",
    is: { command: "logs", flags: { follow: true, tail: 5 } },
  },
  { line: "doctor -f", is: { command: "doctor", flags: { force: true } } },
  {
    line: "start --setup-worktrees f 2 --setup-worktrees=g,1",
    is: {
      command: "start",
      mode: "trees",
      modeSource: "forced",
      flags: {
        setupWorktrees: [{ feature: "f", count: 2 }, {
          feature: "g",
          count: 1,
        }],
        ...whole,
      },
    },
  },
  {
    line: "start --isolated-deps --setup-worktree f 2",
    is: {
      command: "start",
      mode: "trees",
      modeSource: "forced",
      flags: {
        dependencyScope: "isolated",
        setupWorktree: [{ feature: "f", count: 2 }],
        ...whole,
      },
    },
  },
])("parseRoute reads $line", ({ line, is }) => {
  const route = parseRoute(words(line), {});
  if (route.kind === "error") throw new Error(route.message);
  assertEquals(shown(route), is);
});
