/** A repository with services that really run, and its command line. */

import { assert, assertEquals } from "@std/assert";
import { REEVE, reeve, reeveCommand } from "#support/cli.ts";
import { findFreeBlock, makeSandbox } from "#support/sandbox.ts";
import { type Document, JsonChecker } from "./json_checker.ts";

const UNIT = new URL("../programs/unit.py", import.meta.url).pathname;

/** Ports of all slots that tests use. */
const PORTS = 80;

/** How a child process of the command line ended. */
export interface Ended {
  /** Exit code. */
  readonly code: number;
  /** Standard output. */
  readonly stdout: string;
  /** Standard error. */
  readonly stderr: string;
}

/** A repository in a directory of its own. */
export interface EnvironmentPlaceForTests extends AsyncDisposable {
  /** Root of the repository. */
  readonly root: string;
  /** Variables that its commands get. */
  readonly env: Readonly<Record<string, string>>;
  /** Port of slot 0 of `api`; `web` has the next one. */
  readonly port: number;
  /** Checks documents. */
  readonly checker: JsonChecker;
  /** Runs a line and waits for its end. */
  run(line: string): Promise<Ended>;
  /** Runs a line with `--json`; its document is as its schema says. */
  json(line: string, exit: number): Promise<Document>;
  /** Begins a line and does not wait. */
  begin(line: string): Deno.ChildProcess;
  /** Writes the settings. */
  settings(lines: Readonly<Record<string, string>>): Promise<void>;
}

/** Command of a service that does as `unit.py` does with these words. */
export function unitCommand(words: string): string {
  return `python3 -S ${UNIT} ${words}`;
}

/** Settings of two services, of which `web` needs `api`. */
export function twoServices(port: number): Readonly<Record<string, string>> {
  return {
    SERVICES: "api,web",
    SERVICE_API_CMD: unitCommand("listen {port}"),
    SERVICE_API_PORT: String(port),
    SERVICE_WEB_CMD: unitCommand("listen {port}"),
    SERVICE_WEB_PORT: String(port + 1),
    SERVICE_WEB_DEPENDS_ON: "api",
  };
}

/** Makes a repository without settings; everything of it ends with it. */
export async function makeEnvironmentPlace(): Promise<
  EnvironmentPlaceForTests
> {
  const sandbox = await makeSandbox();
  const root = `${sandbox.directory}/shop`;
  await Deno.mkdir(`${root}/.git`, { recursive: true });
  await Deno.writeTextFile(`${root}/.git/HEAD`, "ref: refs/heads/main\n");
  const { env } = sandbox;
  const checker = new JsonChecker({ cwd: root, env });
  const words = (line: string) => line.split(" ").filter((one) => one !== "");
  const run = (line: string) => reeve(sandbox, words(line), {}, { cwd: root });
  return {
    root,
    env,
    port: findFreeBlock(PORTS),
    checker,
    run,
    json: (line, exit) => checker.run(line, exit),
    begin: (line) =>
      new Deno.Command(REEVE, {
        args: reeveCommand(words(line)),
        cwd: root,
        env: { ...env },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    settings: (lines) =>
      Deno.writeTextFile(
        `${root}/.reeve`,
        Object.entries(lines).map(([key, value]) => `REEVE_${key}=${value}\n`)
          .join(""),
      ),
    async [Symbol.asyncDispose]() {
      await using _ = sandbox;
      const { code, stderr } = await run("stop-all");
      assertEquals([code, stderr.includes("error:")], [0, false], stderr);
    },
  };
}

/** Makes a real repository of it, with all its files in the first commit. */
export async function commitAll(
  { root }: EnvironmentPlaceForTests,
): Promise<void> {
  await Deno.remove(`${root}/.git`, { recursive: true });
  for (
    const args of [
      ["init", "--quiet", "--initial-branch=main"],
      ["add", "."],
      ["commit", "--quiet", "-m", "first"],
    ]
  ) {
    const { success, stderr } = await new Deno.Command("git", {
      args: ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args],
      cwd: root,
      stdin: "null",
    }).output();
    assert(success, new TextDecoder().decode(stderr));
  }
}

/** A checkout below the directory of worktrees, as git leaves it. */
export async function makeTree(
  { root }: EnvironmentPlaceForTests,
  name: string,
): Promise<void> {
  const git = `${root}/.git/worktrees/${name}`;
  await Deno.mkdir(git, { recursive: true });
  await Deno.writeTextFile(`${git}/HEAD`, `ref: refs/heads/${name}\n`);
  await Deno.writeTextFile(`${git}/commondir`, "../..\n");
  await Deno.mkdir(`${root}/trees/${name}`, { recursive: true });
  await Deno.writeTextFile(`${root}/trees/${name}/.git`, `gitdir: ${git}\n`);
}

/** The unit of that id in a document. */
export function unitIn(document: Document, id: string): Document {
  const units = document.units ?? document.run?.units ??
    document.runs[0]?.units;
  const unit = units.find((one: Document) => one.id === id);
  assert(unit !== undefined, `${id} is in ${JSON.stringify(document)}`);
  return unit;
}
