/**
 * The way in for a daemon that `reeve daemon start` has spawned. Its command
 * line is fixed, so it needs no parser: that saves each daemon one MiB and its
 * start a third of the time. `reeve daemon run` of a person goes through the
 * table of commands like every other.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { run } from "./commands/daemon_run.ts";
import { printError } from "./print_error.ts";

const MARKER = "--reeve-daemon-root=";

/** The state root of a spawned daemon, if that is what the arguments say. */
export function spawnedRoot(args: readonly string[]): string | undefined {
  const [first, second, marker, ...rest] = args;
  const isSpawned = first === "daemon" && second === "run" &&
    marker?.startsWith(MARKER) === true && rest.length === 0;
  return isSpawned ? marker.slice(MARKER.length) || undefined : undefined;
}

/** Runs a spawned daemon until it ends, and returns the exit code. */
export async function runSpawned(host: Host, root: string): Promise<number> {
  const isJson = false;
  // The daemon answers signals itself.
  const takeInterrupts = () => new AbortController().signal;
  try {
    const context = { host, isJson, takeInterrupts };
    return (await run(context, { reeveDaemonRoot: root })).exit;
  } catch (error) {
    return printError(host, isJson, error);
  }
}
