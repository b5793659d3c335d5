import { assertEquals } from "@std/assert";
import { wantedDependency, wantedService } from "#support/wanted_units.ts";
import { parseRoute } from "./route.ts";
import {
  unitName,
  unitsOfSettings,
  withDependencyScope,
} from "./selectable_units.ts";
import { askOf, describeSelectionFault, selectUnits } from "./selectors.ts";

const settings = {
  services: [
    wantedService("backend"),
    wantedService("frontend", { displayName: "Web App" }),
    wantedService("worker", { modes: ["trees"] }),
  ],
  dependencies: [
    wantedDependency("postgres"),
    wantedDependency("redis", { isShared: true, modes: ["trees"] }),
  ],
};

const main = [{ name: "Main", root: "/r" }];
const trees = [{ name: "a", root: "/r/a" }, { name: "backend", root: "/r/b" }];

/** What a line chooses, or what is wrong with it. */
function chosen(
  line: string,
  whenNothing: "everything" | "fault" = "everything",
): string {
  const words = line.split(" ").map((word) => word.replaceAll("+", " "));
  const route = parseRoute(words, {});
  if (route.kind === "error") return route.message;
  const projects = route.mode === "main" ? main : trees;
  const found = selectUnits(
    unitsOfSettings(settings, projects, route.mode),
    projects.map(({ name }) => name),
    askOf(route),
    whenNothing,
  );
  return found.kind === "chosen"
    ? found.units.map(unitName).join(", ")
    : found.faults.map(describeSelectionFault).join("; ");
}

const WHOLE = "Main postgres, Main Backend, Main Web App";
const KNOWN = "there are backend, frontend, postgres";

Deno.test.each<{ line: string; is: string }>([
  { line: "stop", is: WHOLE },
  { line: "stop --all", is: WHOLE },
  { line: "stop --entire-system", is: WHOLE },
  { line: "stop Main", is: WHOLE },
  { line: "stop main", is: WHOLE },
  { line: "stop backend", is: "Main Backend" },
  { line: "stop BACKEND", is: "Main Backend" },
  { line: "stop service:backend", is: "Main Backend" },
  { line: "stop Web+App", is: "Main Web App" },
  { line: "stop Main+backend", is: "Main Backend" },
  { line: "stop Main+Web+App", is: "Main Web App" },
  { line: "stop Main backend", is: "Main Backend" },
  { line: "stop -- backend", is: "Main Backend" },
  { line: "stop --service backend,frontend", is: "Main Backend, Main Web App" },
  { line: "stop postgres", is: "Main postgres" },
  { line: "stop dependency:postgres", is: "Main postgres" },
  { line: "stop --dependencies", is: "Main postgres" },
  { line: "stop --backend", is: "Main Backend" },
  { line: "stop --fullstack", is: "Main Backend, Main Web App" },
  { line: "stop --backend postgres", is: "Main postgres, Main Backend" },
  { line: "stop --without backend", is: "Main postgres, Main Web App" },
  { line: "stop --fullstack --without frontend", is: "Main Backend" },
  // What does not match never widens the choice.
  { line: "stop back", is: `Nothing matches back; ${KNOWN}` },
  { line: "stop backend nobody", is: `Nothing matches nobody; ${KNOWN}` },
  {
    line: "stop dependency:backend",
    is: `Nothing matches dependency:backend; ${KNOWN}`,
  },
  { line: "stop worker", is: `Nothing matches worker; ${KNOWN}` },
  { line: "stop --project b", is: "Nothing matches b; there are Main" },
  { line: "stop --project b backend", is: "Nothing matches b; there are Main" },
  { line: "stop --without nobody", is: `Nothing matches nobody; ${KNOWN}` },
  { line: "stop backend --without frontend", is: "Main Backend" },
  // Worktrees; redis belongs to the main checkout.
  {
    line: "stop --trees --project a",
    is: "a postgres, a Backend, a Web App, a Worker",
  },
  {
    line: "stop --trees --project a redis",
    is: "Nothing matches redis; there are backend, frontend, postgres, worker",
  },
  { line: "stop --trees redis", is: "Main redis" },
  { line: "stop --trees worker", is: "a Worker, backend Worker" },
  { line: "stop --trees a worker", is: "a Worker" },
  { line: "stop --trees a+worker", is: "a Worker" },
  {
    line: "stop --trees backend",
    is:
      "backend is a project and a part of one; write --project backend or --service backend",
  },
  { line: "stop --trees --service backend", is: "a Backend, backend Backend" },
  {
    line: "stop --trees --project backend --service backend",
    is: "backend Backend",
  },
])("$line chooses $is", ({ line, is }) => {
  assertEquals(chosen(line), is);
});

const NAMELESS = "The line names no project; there are a, backend";

Deno.test.each<{ line: string; is: string }>([
  { line: "start --trees", is: NAMELESS },
  { line: "start --trees --backend", is: NAMELESS },
  { line: "start --trees worker", is: NAMELESS },
  { line: "start --trees --without worker", is: NAMELESS },
  { line: "start --trees --backend a+worker", is: NAMELESS },
  { line: "start --trees worker a+worker", is: NAMELESS },
  { line: "start --trees a+worker", is: "a Worker" },
  { line: "start --trees --project a worker", is: "a Worker" },
  { line: "start --trees --all worker", is: "a Worker, backend Worker" },
  {
    line: "start --trees --project x",
    is: "Nothing matches x; there are Main, a, backend",
  },
])("where a project must be named, $line chooses $is", ({ line, is }) => {
  assertEquals(chosen(line, "fault"), is);
});

Deno.test("letters in the same case win", () => {
  const projects = [{ name: "Fix", root: "/1" }, { name: "fix", root: "/2" }];
  const units = unitsOfSettings(settings, projects, "main");
  const ask = {
    selectors: [],
    words: [],
    projects: [],
    scope: undefined,
    isAll: false,
    without: [],
  };
  const names = projects.map(({ name }) => name);
  const choose = (selector: string) => {
    const found = selectUnits(
      units,
      names,
      { ...ask, selectors: [selector] },
      "everything",
    );
    return found.kind === "chosen" ? found.units.map(unitName) : found.kind;
  };
  assertEquals(choose("fix backend"), ["fix Backend"]);
  assertEquals(choose("FIX backend"), ["Fix Backend", "fix Backend"]);
  const named = { ...ask, projects: ["fix"], selectors: ["backend"] };
  const found = selectUnits(units, names, named, "everything");
  assertEquals(found.kind === "chosen" && found.projects, ["fix"]);
});

Deno.test("a line may choose how worktrees get dependencies", () => {
  const owners = (scope: "isolated" | "shared" | undefined) =>
    unitsOfSettings(withDependencyScope(settings, scope), trees, "trees")
      .filter(({ kind }) => kind === "dependency")
      .map(({ project, id }) => `${project} ${id}`);
  assertEquals(owners(undefined), [
    "a postgres",
    "Main redis",
    "backend postgres",
  ]);
  assertEquals(owners("shared"), ["Main postgres", "Main redis"]);
  assertEquals(owners("isolated"), [
    "a postgres",
    "a redis",
    "backend postgres",
    "backend redis",
  ]);
});
