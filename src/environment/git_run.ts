/**
 * Runs Git to its end, and says what its failures mean.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";

/** What running Git needs of the world. */
export type GitHost = Pick<Host, "env" | "programs">;

/** One call of Git. */
export interface GitCall {
  /** Directory that it is about. */
  readonly cwd: string;
  /** Arguments after `git`. */
  readonly args: readonly string[];
  /** Variables besides the few that Git gets anyway. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take. @default 30000 */
  readonly timeoutMs?: number;
}

/** What Git has answered. */
export interface GitAnswer {
  /** Exit code. */
  readonly code: number;
  /** Standard output. */
  readonly stdout: string;
  /** Standard error. */
  readonly stderr: string;
}

/** Variables that Git inherits: where things are, never what repository. */
const INHERITED: readonly string[] = [
  "APPDATA",
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_NOSYSTEM",
  "GIT_CONFIG_SYSTEM",
  "HOME",
  "LOCALAPPDATA",
  "PATH",
  "PATHEXT",
  "SYSTEMROOT",
  "TEMP",
  "TMP",
  "TMPDIR",
  "USER",
  "USERNAME",
  "USERPROFILE",
  "XDG_CONFIG_HOME",
];
const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Runs Git. A code other than 0 is an answer, not an error.
 *
 * @throws {KnownError} `unusable` where there is no Git, or it does not end.
 */
export async function askGit(
  { env, programs }: GitHost,
  { cwd, args, env: more = {}, timeoutMs = DEFAULT_TIMEOUT_MS }: GitCall,
): Promise<GitAnswer> {
  const inherited = Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const end = await programs.run({
    executable: "git",
    args,
    cwd,
    timeoutMs,
    env: {
      ...inherited,
      "GIT_OPTIONAL_LOCKS": "0",
      "GIT_TERMINAL_PROMPT": "0",
      "LC_ALL": "C",
      ...more,
    },
  });
  switch (end.kind) {
    case "exited":
      return end;
    case "missing":
      throw new KnownError("unusable", "There is no git on this machine", {
        hint: "Install Git, or put it into PATH.",
      });
    case "refused":
      throw new KnownError("unusable", `Cannot run git: ${end.reason}`);
    default:
      throw new KnownError(
        "unusable",
        `git ${args[0] ?? ""} in ${cwd} did not end in time`,
        { hint: "Try again; nothing that it has made is taken away." },
      );
  }
}

/**
 * Runs Git, whose code must be 0; its standard output without the end of line.
 *
 * @throws {KnownError} as {@linkcode askGit}; `unusable` with what Git says.
 */
export async function runGit(host: GitHost, call: GitCall): Promise<string> {
  const answer = await askGit(host, call);
  if (answer.code !== 0) throw gitError(call, answer);
  return answer.stdout.replace(/\r?\n$/, "");
}

/** The error of a call that has failed. */
export function gitError(
  { args, cwd }: Pick<GitCall, "args" | "cwd">,
  { code, stderr }: Pick<GitAnswer, "code" | "stderr">,
): KnownError {
  const said = stderr.split("\n").map((line) => line.trim())
    .filter((line) => /^(?:fatal|error):/.test(line))
    .map((line) => line.replace(/^(?:fatal|error):\s*/, ""));
  const verb = args.find((word) => /^[a-z][a-z-]+$/.test(word)) ?? "git";
  return new KnownError(
    "unusable",
    `git ${verb} has failed in ${cwd}: ${
      said.join("; ") || `exit code ${code}`
    }`,
    { hint: hintFor(stderr) },
  );
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/no space left|disk quota/i, "Make room on the disk, then try again."],
  [/dubious ownership/i, "Git does not trust the owner of this directory."],
  [/permission denied|read-only file/i, "See who may write there."],
  [/file name too long/i, "Choose a shorter name."],
  [/cannot lock ref/i, "Another branch has a part of that name: rename one."],
  [/index\.lock/i, "Another git works there: wait for it to end."],
];

function hintFor(stderr: string): string {
  return HINTS.find(([pattern]) => pattern.test(stderr))?.[1] ??
    "Correct what Git names, then try again.";
}
