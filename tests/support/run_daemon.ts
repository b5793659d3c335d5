/**
 * The real daemon as a program of a fake world.
 *
 * @module
 */

import { daemonContext } from "../../src/daemon/context.ts";
import { runDaemon } from "../../src/daemon/daemon_process.ts";
import type { Host, Log } from "../../src/host/host.ts";

/** A log that nobody reads. */
export const silentLog: Log = {
  info: () => {},
  warn: () => {},
  error: () => {},
  close: () => Promise.resolve(),
};

/** Runs a daemon until it ends; gives the exit code. */
export async function runReal(host: Host): Promise<number> {
  await runDaemon(host, await daemonContext(host), silentLog);
  return 0;
}
