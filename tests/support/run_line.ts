/**
 * Runs the command line in this process, on a host that can do next to nothing.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { runCli } from "../../src/cli/run.ts";
import { type Files, type Host, HostError } from "../../src/host/host.ts";

/** How the host of a command line is. */
export interface LineOptions {
  /** What the first look at the state root gives. */
  readonly realPath?: Files["realPath"];
  /** Its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What the host of a command line has seen. */
export interface Seen {
  /** Standard output. */
  out: string;
  /** Standard error. */
  err: string;
  /** How often signals were let go again. */
  stopped: number;
  /** Sends a signal. */
  send: (signal: string) => void;
}

/** A host with a terminal, an empty disk and signals that tests send. */
export function openHost(
  { realPath, env = { "HOME": "/h" } }: LineOptions = {},
): { readonly seen: Seen; readonly host: Host } {
  const seen: Seen = { out: "", err: "", stopped: 0, send: (_: string) => {} };
  const unused = (): never => {
    throw new TypeError("Cannot be used here");
  };
  const host: Host = {
    clock: { now: () => 0, elapsed: () => 0, sleep: unused, later: unused },
    files: {
      readText: (path) => Promise.reject(new HostError("not_found", path)),
      writeAtomic: unused,
      append: unused,
      remove: unused,
      list: unused,
      stat: () => Promise.resolve(undefined),
      realPath: realPath ?? ((path) => Promise.resolve(path)),
      tryLock: unused,
    },
    blocking: {
      readText: unused,
      readSlice: unused,
      moveTail: unused,
      stat: unused,
      list: unused,
      makeDirectory: unused,
      touch: unused,
      rename: unused,
      remove: unused,
      appendLocked: unused,
      takeLocked: unused,
      freeBytes: unused,
      isRemote: unused,
    },
    databases: unused,
    modules: { load: unused },
    processes: {
      inspect: unused,
      table: unused,
      readVariable: unused,
      spawnService: unused,
      listeners: unused,
      hold: unused,
      spawn: unused,
      machine: unused,
      onTermination: (callback) => {
        seen.send = callback;
        return () => void seen.stopped++;
      },
      dropRights: unused,
    },
    network: {
      request: unused,
      serve: unused,
      canBind: unused,
      acceptSocket: unused,
    },
    programs: { attend: unused, run: unused },
    tcp: { exchange: unused },
    web: { request: unused, openSocket: unused },
    random: { hex: unused },
    env: {
      get: (name) => env[name],
      os: "linux",
      home: env["HOME"],
      cwd: "/",
      pid: 1,
      uid: 1000,
      self: { executable: "reeve", args: [] },
    },
    terminal: {
      out: (text) => void (seen.out += text),
      err: (text) => void (seen.err += text),
      columns: 80,
      rows: 24,
      isDeserted: () => false,
      isInteractive: false,
      isScreen: false,
      hasColor: false,
      confirm: unused,
      readLine: unused,
      openKeys: unused,
      readInput: unused,
    },
  };
  return { seen, host };
}

/** Runs one command line, and tells what it wrote and how it ended. */
export async function runLine(
  line: string,
  options: LineOptions = {},
): Promise<Seen & { readonly exit: number }> {
  const { seen, host } = openHost(options);
  const words = line.split(" ").filter((word) => word !== "");
  const exit = await runCli(host, words);
  assertEquals(seen.stopped, 1, "signals are let go again");
  return { ...seen, exit };
}

/** The one document that standard output must be. */
export function parseOnly(text: string): unknown {
  assert(text.endsWith("}\n"), text);
  return JSON.parse(text);
}
