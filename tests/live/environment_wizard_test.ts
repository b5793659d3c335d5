/** The questions of `reeve config`, asked at a real terminal. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { reeve, reeveCommand } from "#support/cli.ts";
import { findFreeBlock, makeSandbox, type Sandbox } from "#support/sandbox.ts";

const PYTHON = "/usr/bin/python3";
const UNIT = new URL("../programs/unit.py", import.meta.url).pathname;
const TALKS = new URL("../programs/talks_at_a_terminal.py", import.meta.url)
  .pathname;

async function hasTerminals(): Promise<boolean> {
  try {
    const args = ["-c", "import pty"];
    return (await new Deno.Command(PYTHON, { args }).output()).success;
  } catch {
    return false;
  }
}

const ignore = !await hasTerminals();

/** What is awaited, and what is typed then. */
type Step = readonly [expect: string, send: string | null];

interface Scene extends AsyncDisposable {
  readonly root: string;
  readonly port: number;
  /** Runs a command at a terminal and talks with it. */
  talk(line: string, steps: readonly Step[]): Promise<Talked>;
  /** The file; `undefined` without one. */
  text(): Promise<string | undefined>;
}

interface Talked {
  readonly code: number;
  readonly shown: string;
}

async function makeScene(): Promise<Scene> {
  const sandbox = await makeSandbox();
  const root = `${sandbox.directory}/shop`;
  await Deno.mkdir(`${root}/.git`, { recursive: true });
  await Deno.writeTextFile(`${root}/.git/HEAD`, "ref: refs/heads/main\n");
  return {
    root,
    port: findFreeBlock(4),
    talk: (line, steps) => talk(sandbox, root, line, steps),
    async text() {
      try {
        return await Deno.readTextFile(`${root}/.reeve`);
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return undefined;
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      const stop = await reeve(sandbox, ["stop-all"], {}, { cwd: root });
      await sandbox[Symbol.asyncDispose]();
      assertEquals(stop.code, 0, stop.stderr);
    },
  };
}

async function talk(
  sandbox: Sandbox,
  cwd: string,
  line: string,
  steps: readonly Step[],
): Promise<Talked> {
  const command = [Deno.execPath(), ...reeveCommand(line.split(" "))];
  const { code, stderr, stdout } = await new Deno.Command(PYTHON, {
    args: [TALKS, JSON.stringify(steps), ...command],
    cwd,
    env: { ...sandbox.env, TERM: "xterm" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const shown = decoder.decode(stdout).replaceAll("\r\n", "\n");
  assert(code !== 124, `${decoder.decode(stderr)}\n${shown}`);
  return { code, shown };
}

/** One listener, from nothing to the review. */
function answersFor(port: number): readonly Step[] {
  return [
    ["Begin with [empty]: ", "\n"],
    ["[main]: ", "\n"],
    ["checkout [none]: ", "api\n"],
    ["worktrees [api]: ", "none\n"],
    ["keep running, y or n [y]: ", "\n"],
    ["listen on a port, y or n [n]: ", "y\n"],
    ["Directory of api [.]: ", "../elsewhere\n"],
    ["It must be a directory below", null],
    ["Directory of api [.]: ", "\n"],
    ["Command of api: ", `python3 -S ${UNIT} listen {port}\n`],
    ["Port of api [8000]: ", `${port}\n`],
    [`REEVE_SERVICE_API_PORT=${port}`, null],
  ];
}

Deno.test({
  name: "a start without settings asks for them, then starts",
  ignore,
  async fn() {
    await using scene = await makeScene();
    const { code, shown } = await scene.talk("start", [
      ...answersFor(scene.port),
      ["[y/N]: ", "y\n"],
    ]);
    assertEquals(code, 0, shown);
    assertStringIncludes(shown, "start needs settings");
    assertStringIncludes(shown, "Going on with start.");
    const text = await scene.text() ?? "";
    assertStringIncludes(text, `REEVE_SERVICE_API_PORT=${scene.port}\n`);
    const block = shown.slice(shown.indexOf("# >>>"), shown.indexOf("# <<<"));
    assert(text.startsWith(block), "what was shown is what was written");
    const connection = await Deno.connect({ port: scene.port });
    connection.close();
  },
});

Deno.test.each([
  { name: "Ctrl-C", send: "\u0003" },
  { name: "the end of input", send: "\u0004" },
  { name: "quit", send: "quit\n" },
])("$name at any question leaves and writes nothing", async ({ send }) => {
  if (ignore) return;
  await using scene = await makeScene();
  const all = answersFor(scene.port);
  const places: readonly (readonly Step[])[] = [
    [["Begin with [empty]: ", send]],
    [...all.slice(0, 3), ["worktrees [api]: ", send]],
    [...all, ["[y/N]: ", send]],
  ];
  for (const [at, steps] of places.entries()) {
    const line = at === 0 ? "start" : "config";
    const { code, shown } = await scene.talk(line, steps);
    assertEquals(code, 2, shown);
    assertEquals(await scene.text(), undefined);
  }
});

Deno.test({
  name: "what was only found is asked about before it is started",
  ignore,
  async fn() {
    await using scene = await makeScene();
    const tasks = `{"tasks":{"dev":"touch ${scene.root}/started"}}`;
    await Deno.writeTextFile(`${scene.root}/deno.json`, tasks);
    for (const line of ["start", "up", "restart"]) {
      const ask: Step = ["Begin with [detected]: ", "quit\n"];
      const { code, shown } = await scene.talk(line, [ask]);
      assertEquals(code, 2, shown);
    }
    assertEquals(await scene.text(), undefined);
    const names = [...Deno.readDirSync(scene.root)].map(({ name }) => name);
    assertEquals(names.sort(), [".git", "deno.json"]);
  },
});

Deno.test({
  name: "an old file prefills the questions, and back changes an answer",
  ignore,
  async fn() {
    await using scene = await makeScene();
    const old = "BACKEND_DIR=.\nENVCTL_BACKEND_START_CMD='serve {port}'\n" +
      "BACKEND_PORT_BASE=8123\nMAIN_FRONTEND_ENABLE=false\n" +
      "TREES_FRONTEND_ENABLE=false\n";
    await Deno.writeTextFile(`${scene.root}/.envctl`, old);
    const enters: readonly Step[] = [
      ["Begin with [envctl]: ", "\n"],
      ["[main]: ", "trees\n"],
      ["checkout [backend]: ", "back\n"],
      ["[trees]: ", "?\n"],
      ["names no mode is about this checkout", null],
      ["[trees]: ", "main\n"],
      ["checkout [backend]: ", "\n"],
      ["worktrees [backend]: ", "\n"],
      ["running, y or n [y]: ", "\n"],
      ["port, y or n [y]: ", "\n"],
      ["worktrees [trees]: ", "\n"],
      ["Directory of backend [.]: ", "\n"],
      ["Command of backend [serve {port}]: ", "\n"],
      ["Port of backend [8123]: ", "\n"],
      ["[y/N]: ", "y\n"],
    ];
    const { code, shown } = await scene.talk("config", enters);
    assertEquals(code, 0, shown);
    const text = await scene.text() ?? "";
    assertStringIncludes(text, "REEVE_DEFAULT_MODE=main\n");
    assertStringIncludes(text, "REEVE_SERVICE_BACKEND_PORT=8123\n");
    assertEquals(await Deno.readTextFile(`${scene.root}/.envctl`), old);
  },
});

Deno.test({
  name: "questions about a person's own file change rows and nothing else",
  ignore,
  async fn() {
    await using scene = await makeScene();
    const own = "# ours\nREEVE_SERVICES=api # one\nREEVE_SERVICE_API_CMD=x\n" +
      "REEVE_SERVICE_API_PORT=8000 # why\nREEVE_SERVICE_API_MODES=main\nX=1";
    await Deno.writeTextFile(`${scene.root}/.reeve`, own);
    const { code, shown } = await scene.talk("config", [
      ["Begin with [current]: ", "\n"],
      ["[main]: ", "\n"],
      ["[api]: ", "\n"],
      ["[none]: ", "\n"],
      ["[y]: ", "\n"],
      ["[y]: ", "\n"],
      ["[.]: ", "\n"],
      ["Command of api [x]: ", "\n"],
      ["Port of api [8000]: ", "8001\n"],
      ["-REEVE_SERVICE_API_PORT=8000 # why", null],
      ["[y/N]: ", "y\n"],
    ]);
    assertEquals(code, 0, shown);
    assertEquals(await scene.text(), own.replace("8000", "8001"));
  },
});
