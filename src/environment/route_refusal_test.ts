import { assert, assertEquals } from "@std/assert";
import { isEnvironmentLine, knownRouteError, parseRoute } from "./route.ts";

/** Splits at spaces. */
function words(line: string): readonly string[] {
  return line.split(" ").filter((word) => word !== "");
}

/** Line, code, a part of the message and a part of the hint. */
const REFUSED = `
| no_command | no command | reeve start
--trees | no_command | no command | reeve start
statr | unknown_command | statr | start?
--command statr | unknown_command | statr | start?
start --srevice | unknown_option | --srevice | --service?
start --srevice=a | unknown_option | --srevice | --service?
-x start | unknown_option | -x | -f, -h
start -nb | unknown_option | -nb | -f, -h
start frehs=1 | unknown_assignment | frehs | fresh?
start Fresh=1 | unknown_assignment | Fresh | fresh?
start docker=1 | unknown_assignment | docker | .reeve
start fresh=2 | bad_value | fresh is true or false | fresh=true
start trees=2 | bad_value | trees is true or false | trees=true
start --trees=2 | bad_value | --trees takes true or false | --trees
logs fresh=1 | not_applicable | logs | reeve logs
status backend | unknown_word | status takes no words, but there is backend | reeve health backend
dash -- a | unknown_word | dash takes no words | reeve health a
list-trees red | unknown_word | list-trees takes no words | reeve list-trees --help
stop --bogus | unknown_option | Cannot find the option --bogus | See the options of a command
stop --projcet a | unknown_option | --projcet | --project?
list-commands satrt | unknown_word | satrt | start?
list-commands -- a | unknown_word | a | --help
stop --logs | two_commands | stop and logs | after the other
stop --command start | two_commands | stop and start | after the other
explain-startup --logs | two_commands | explain-startup and logs | after
explain-startup --plan --restart | two_commands | explain-startup and restart | after
start --only-backend=false | bad_value | false | Leave the value out
logs --atomic | not_applicable | --atomic is no flag of logs | start, plan
start --service | missing_value | --service needs a value | =-value
start --service --json | missing_value | --service | --service=-value
start --service= | missing_value | empty | Name something
start --setup-worktrees f | missing_value | two values | =a,1
start --setup-worktrees=f | missing_value | two values | =a,1
start --setup-worktrees f x | bad_value | not x | least is 1
start --setup-worktrees ../f 1 | bad_value | ../f is no name | Use letters
start --setup-worktrees=,1 | bad_value | An empty word | Use letters
logs --tail many | bad_value | not many | least is 0
logs --tail 1e3 | bad_value | not 1e3 | least is 0
start --parallel-trees-max 0 | bad_value | not 0 | least is 1
start PARALLEL_TREES_MAX=0 | bad_value | not 0 | least is 1
start --mode both | bad_value | --mode is main or trees, not both | --mode
start --json=maybe | bad_value | maybe | --json=false
start --backend=false | bad_value | false | Leave the value out
start --backend --frontend | conflict | --frontend | Keep one
start --headless --interactive | conflict | --interactive | Keep one
stop --json --interactive | conflict | --json | Keep one
stop --all --project a | conflict | --all | Keep one
start --trees --shared-deps --isolated-deps | conflict | --isolated-deps | Keep one
start --trees --shared-deps --no-deps | conflict | --no-deps | Keep one
start --dependencies --no-deps | conflict | --no-deps | Keep one
start --isolated-deps | conflict | --isolated-deps | --trees
plan --main | conflict | worktrees | --main
start --main --setup-worktree f 1 | conflict | start is about worktrees | --main
explain-startup --setup-worktree f 1 | not_applicable | --setup-worktree | start, plan
restart --clear-ports | not_applicable | --clear-ports | start, plan
plan --keep-plan | unknown_option | --keep-plan | reeve help
explain-startup --plan --main | conflict | worktrees | --main
`;

const rows = REFUSED.trim().split("\n").map((row) => {
  const [line = "", code, says = "", hint = ""] = row.split("|")
    .map((cell) => cell.trim());
  return { line, code, says, hint };
});

Deno.test.each(rows)("parseRoute refuses $line", (row) => {
  const { line, code, says, hint } = row;
  const route = parseRoute(words(line), {});
  if (route.kind === "route") throw new Error(JSON.stringify(route));
  assertEquals(route.code, code);
  assert(route.message.includes(says), route.message);
  assert(route.hint.includes(hint), route.hint);
  assertEquals(knownRouteError(route).code, "usage");
});

Deno.test.each<{ line: string; env: Record<string, string>; is: string }>([
  { line: "health", env: {}, is: "main default" },
  { line: "health", env: { ENVCTL_DEFAULT_MODE: "trees" }, is: "trees env" },
  { line: "health", env: { REEVE_DEFAULT_MODE: " " }, is: "main default" },
  {
    line: "health",
    env: { REEVE_DEFAULT_MODE: "main", ENVCTL_DEFAULT_MODE: "trees" },
    is: "main env",
  },
  {
    line: "health --main",
    env: { REEVE_DEFAULT_MODE: "trees" },
    is: "main explicit",
  },
  { line: "health", env: { REEVE_DEFAULT_MODE: "xyz" }, is: "bad_default" },
  {
    line: "health --main",
    env: { REEVE_DEFAULT_MODE: "xyz" },
    is: "bad_default",
  },
  { line: "list-trees", env: { REEVE_DEFAULT_MODE: "xyz" }, is: "bad_default" },
  {
    line: "start --trees",
    env: { REEVE_DEFAULT_TREE_DEPENDENCY_SCOPE: "separated" },
    is: "trees explicit isolated",
  },
  {
    line: "start --trees --shared-deps",
    env: { REEVE_DEFAULT_TREE_DEPENDENCY_SCOPE: "separated" },
    is: "trees explicit shared",
  },
  {
    line: "start",
    env: { ENVCTL_DEFAULT_TREE_DEPENDENCY_SCOPE: "main" },
    is: "main default",
  },
  {
    line: "start",
    env: { ENVCTL_DEFAULT_TREE_DEPENDENCY_SCOPE: "mine" },
    is: "bad_default",
  },
])("parseRoute reads $line with $env as $is", ({ line, env, is }) => {
  const route = parseRoute(words(line), env);
  const found = route.kind === "error"
    ? route.code
    : [route.mode, route.modeSource, route.flags.dependencyScope ?? ""]
      .join(" ").trim();
  assertEquals(found, is);
});

Deno.test.each<{ line: string; is: boolean }>([
  { line: "", is: false },
  { line: "--help", is: false },
  { line: "--version", is: false },
  { line: "auth doctor --reset", is: false },
  { line: "daemon start", is: false },
  { line: "queue resume --json", is: false },
  { line: "statr", is: false },
  { line: "start", is: true },
  { line: "start --nonsense", is: true },
  { line: "--project daemon stop", is: true },
  { line: "--project daemon stop --nonsense", is: true },
  { line: "config", is: true },
  { line: "config --set A=b", is: true },
  { line: "config show", is: false },
  { line: "config --json get", is: false },
])("isEnvironmentLine($line) is $is", ({ line, is }) => {
  assertEquals(isEnvironmentLine(words(line)), is);
});
