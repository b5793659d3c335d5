import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTerminal } from "#support/fake_terminal.ts";
import { parseRoute } from "../environment/route.ts";
import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { withChosenProjects } from "./environment_choice.ts";

const ENTER = "\r";

interface Place {
  readonly line: string;
  readonly projects?: readonly string[];
  readonly keys?: readonly string[];
  readonly isInteractive?: boolean;
  readonly term?: string;
  readonly count?: "many" | "one";
}

/** Projects that a line means after the person was asked, and the terminal. */
async function chosen(
  { count, isInteractive = true, keys, line, projects, term = "xterm" }: Place,
) {
  const terminal = new FakeTerminal({ isInteractive, keys: keys ?? [] });
  const env: Host["env"] = {
    get: (name) => name === "TERM" ? term : undefined,
    os: "linux",
    home: "/h",
    cwd: "/r",
    pid: 1,
    uid: 1,
    self: { executable: "reeve", args: [] },
  };
  const route = parseRoute(line.split(" "), {});
  assert(route.kind === "route");
  const session = { host: { env, terminal }, route };
  const names = projects ?? ["one", "two"];
  const after = await withChosenProjects(session, [], names, count);
  return { names: after.route.projects, terminal };
}

Deno.test.each([
  {
    text: "marked ones",
    line: "start --trees",
    keys: ["j", " ", ENTER],
    is: ["two"],
  },
  {
    text: "all",
    line: "start --trees",
    keys: ["a", ENTER],
    is: ["one", "two"],
  },
  {
    text: "exactly one",
    line: "endpoints --trees",
    keys: ["j", ENTER],
    count: "one" as const,
    is: ["two"],
  },
  {
    text: "the only one, without a question",
    line: "start --trees",
    projects: ["one"],
    is: ["one"],
  },
  {
    text: "what the line names",
    line: "start --trees --project two",
    is: ["two"],
  },
  { text: "nothing for --all", line: "start --trees --all", is: [] },
  { text: "nothing in the main checkout", line: "start --main", is: [] },
  {
    text: "nothing where there is none",
    line: "start --trees",
    projects: [],
    is: [],
  },
  {
    text: "nothing in a pipe",
    line: "start --trees",
    isInteractive: false,
    keys: ["a", ENTER],
    is: [],
  },
  {
    text: "nothing without a person",
    line: "start --trees --headless",
    keys: ["a", ENTER],
    is: [],
  },
  {
    text: "nothing on a dumb terminal",
    line: "start --trees",
    term: "dumb",
    keys: ["a", ENTER],
    is: [],
  },
])("the projects of a line are $text", async ({ is, ...place }) => {
  const { names, terminal } = await chosen(place);
  assertEquals([names, terminal.hasKeys], [is, false]);
});

Deno.test("who cancels the question ends the command", async () => {
  const error = await assertRejects(
    () => chosen({ line: "start --trees", keys: ["q"] }),
    KnownError,
  );
  assertEquals(error.code, "cancelled");
});
