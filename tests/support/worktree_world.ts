/**
 * A repository of Git in which reeve makes worktrees, line by line and in this
 * process.
 *
 * @module
 */

import { runEnvironmentLine } from "../../src/cli/environment_line.ts";
import type { Host, Terminal } from "../../src/host/host.ts";
import {
  type EnvironmentWorld,
  makeEnvironmentWorld,
} from "./environment_world.ts";

/** What a line has come to. */
export interface LineEnd {
  /** Exit code. */
  readonly exit: number;
  /** Its document. */
  // deno-lint-ignore no-explicit-any
  readonly json: any;
  /** Its text. */
  readonly text: string;
  /** What it wrote to standard error. */
  readonly said: string;
  /** What the command line would write there after it. */
  readonly notes: readonly string[];
}

/** Such a repository. */
export interface WorktreeWorld extends EnvironmentWorld {
  /** Runs Git and gives its output. */
  git(cwd: string, ...args: readonly string[]): Promise<string>;
  /** Runs a line about environments, as with `--json`. */
  line(words: string, cwd?: string): Promise<LineEnd>;
  /** Runs a line as in a pipe, and gives its text. */
  text(words: string): Promise<string>;
  /** Runs a line on a terminal, where somebody answers what is asked. */
  talk(words: string, answers: readonly string[]): Promise<LineEnd>;
  /** Directory of a worktree. */
  tree(feature: string, iteration: number): string;
  /** Every file below the repository with what is in it, `.git` too. */
  files(): Promise<ReadonlyMap<string, string>>;
}

/** Makes a repository with one commit, which has these settings and files. */
export async function makeWorktreeWorld(
  settings: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<WorktreeWorld> {
  const world = await makeEnvironmentWorld({ "GIT_CONFIG_NOSYSTEM": "1" });
  const { root } = world;
  const home = world.host.env.home ?? root;
  const git = async (cwd: string, ...args: readonly string[]) => {
    const { success, stdout, stderr } = await new Deno.Command("git", {
      args: ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args],
      cwd,
      env: { "HOME": home, "GIT_CONFIG_NOSYSTEM": "1" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(decoder.decode(stderr));
    return decoder.decode(stdout).trim();
  };
  await Deno.remove(`${root}/.git`, { recursive: true });
  await git(root, "init", "--quiet", "--initial-branch=main");
  await world.settings(settings);
  for (const [path, text] of Object.entries(files)) {
    const parent = `${root}/${path}`.replace(/\/[^/]*$/, "");
    await Deno.mkdir(parent, { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, text);
  }
  await git(root, "add", ".");
  await git(root, "commit", "--quiet", "-m", "first");
  const run = async (
    words: readonly string[],
    cwd: string,
    terminal: Partial<Terminal>,
  ) => {
    const said: string[] = [];
    const host: Host = {
      ...world.host,
      env: { ...world.host.env, cwd, os: world.host.env.os },
      terminal: {
        ...world.host.terminal,
        columns: 80,
        rows: 24,
        hasColor: false,
        isInteractive: false,
        out() {},
        err: (text) => said.push(text),
        ...terminal,
      },
    };
    const context = {
      host,
      isJson: words.includes("--json"),
      takeInterrupts: () => new AbortController().signal,
    };
    const result = await runEnvironmentLine(context, words);
    if (result === undefined) throw new Error(`no such line: ${words}`);
    const { exit, json, notes = [], text = "" } = result;
    return { exit, json, notes, text, said: said.join("") };
  };
  return {
    ...world,
    git,
    tree: (feature, iteration) => `${root}/trees/${feature}/${iteration}`,
    line: (words, cwd = root) => run([...words.split(" "), "--json"], cwd, {}),
    text: async (words) => (await run(words.split(" "), root, {})).text,
    talk(words, answers) {
      const rest = answers.values();
      return run(words.split(" "), root, {
        isInteractive: true,
        readLine: () => Promise.resolve(rest.next().value),
      });
    },
    files: () => contentsOf(root),
  };
}

async function contentsOf(
  directory: string,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const { name, isDirectory, isFile } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) {
      found.set(path, "directory");
      for (const [inner, text] of await contentsOf(path)) {
        found.set(inner, text);
      }
    } else if (isFile) {
      found.set(path, (await Deno.readFile(path)).toHex());
    } else found.set(path, await Deno.readLink(path));
  }
  return found;
}

/** Commits a text in a worktree; the commit. */
export async function commitIn(
  { git }: Pick<WorktreeWorld, "git">,
  tree: string,
  text: string,
): Promise<string> {
  await Deno.writeTextFile(`${tree}/work.txt`, text);
  await git(tree, "add", "work.txt");
  await git(tree, "commit", "--quiet", "-m", text);
  return await git(tree, "rev-parse", "HEAD");
}
