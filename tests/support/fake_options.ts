/**
 * What a test may choose about a fake world and the hosts in it.
 *
 * @module
 */

import type { Env, Host, HostError } from "../../src/host/host.ts";
import type { Machine, SpawnCommand } from "../../src/host/processes.ts";
import { joinPath } from "../../src/host/path.ts";
import type { FakeProcess, FakeProcessSpec } from "./fake_process.ts";
import type { FakeTerminalOptions } from "./fake_terminal.ts";

/** A program that a host starts; `run` is its main function. */
export interface FakeProgram extends FakeProcessSpec {
  /** What a service writes to its log at once. */
  readonly output?: string;
  /** Runs as the new process, which ends with the exit code it returns. */
  readonly run?: (host: Host, command: SpawnCommand) => Promise<number>;
}

/** What a command starts, or why it cannot. */
export type OnSpawn = (command: SpawnCommand) => FakeProgram | HostError;

/** How a fake world is. */
export interface FakeWorldOptions {
  /** Wall-clock time of the start, in epoch milliseconds. */
  readonly startMs?: number;
  /** Where its hosts are. */
  readonly machine?: Machine;
  /** What commands start. @default processes that do nothing */
  readonly onSpawn?: OnSpawn;
}

/** How one process sees a fake world. */
export interface FakeHostOptions {
  /** Our own pid. @default the next free one */
  readonly pid?: number;
  /** Our own user id. @default 1000, on Windows none */
  readonly uid?: number | undefined;
  /** Operating system. @default "linux" */
  readonly os?: Env["os"];
  /** Variables besides the home directory, which "" takes away. */
  readonly env?: Readonly<Record<string, string>>;
  /** Directory that relative paths count from. @default "code" in the home */
  readonly cwd?: string;
  /** How to run this program again. */
  readonly self?: Env["self"];
  /** Our terminal. */
  readonly terminal?: FakeTerminalOptions;
  /** Whether a hold is a pidfd. @default true on Linux */
  readonly isPinned?: boolean;
  /** Where we are, if not where the world is. */
  readonly machine?: Machine;
  /**
   * Awaited before every effect, with its name, such as `inspect 7` or
   * `SIGTERM 7`; a rejection becomes that of the effect. Time may pass while
   * an effect waits here.
   */
  readonly gate?: (operation: string) => Promise<unknown>;
}

const SELF: Env["self"] = { executable: "/opt/reeve", args: [] };

/** The environment of a process, with its variables. */
export interface FakeEnv extends Env {
  /** Environment variables, which a test may change. */
  readonly variables: Map<string, string>;
}

/** The environment of a process, as far as a test has not chosen it. */
export function fakeEnv(
  options: FakeHostOptions,
  { pid, uid }: FakeProcess,
): FakeEnv {
  const { os = "linux", self = SELF } = options;
  const homeName = os === "windows" ? "USERPROFILE" : "HOME";
  const home = os === "windows" ? "C:\\Users\\ada" : "/home/ada";
  const { cwd = joinPath(home, "code") } = options;
  const variables = new Map(
    Object.entries({ [homeName]: home, ...options.env }),
  );
  const get = (name: string) => variables.get(name) || undefined;
  return {
    variables,
    get,
    os,
    get home() {
      return get(homeName);
    },
    cwd,
    pid,
    uid,
    self,
  };
}

/** The process of a host that no test has started. */
export function ownProcess(options: FakeHostOptions): FakeProcessSpec {
  const { os, pid, self = SELF } = options;
  const uid = os === "windows" ? undefined : 1000;
  return {
    argv: [self.executable, ...self.args],
    executable: self.executable,
    uid: "uid" in options ? options.uid : uid,
    ...(pid === undefined ? {} : { pid }),
  };
}
