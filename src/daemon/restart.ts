/**
 * Stops our daemon and starts it again, so that nobody starts one in between.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { acquireLock } from "../state/lock.ts";
import { PROTOCOL_VERSION } from "../version.ts";
import { decideCompatibility } from "./compatibility.ts";
import type { DaemonContext, DaemonHost } from "./context.ts";
import { readCurrent } from "./current.ts";
import type { StartOutcome } from "./reuse.ts";
import type { StartOptions } from "./start.ts";
import { startUnderLock } from "./start_locked.ts";
import { stopUnderLock } from "./stop.ts";

/** What became of a request to restart. */
export interface RestartOutcome {
  /** Whether one ran before, and whether only its record was left. */
  readonly status: "restarted" | "stale_owner_cleaned" | "started";
  /** Process that was stopped. */
  readonly previousPid: number | undefined;
  /** How the new one came to run. */
  readonly start: StartOutcome;
}

/**
 * Restarts the daemon.
 *
 * @throws {KnownError} `newer_daemon` for a newer one without force, and what
 * stopping and starting throw.
 */
export async function restartDaemon(
  host: DaemonHost,
  context: DaemonContext,
  options: StartOptions = {},
): Promise<RestartOutcome> {
  const lock = await acquireLock(host, context.paths.daemonLock);
  if (lock === "not_needed") throw new TypeError("Cannot restart unlocked");
  using held = lock;
  await refuseDowngrade(host, context, options);
  const stopped = await stopUnderLock(host, held, context, "daemon restart");
  const start = await startUnderLock(host, held, context, {
    ...options,
    command: "daemon restart",
  });
  return {
    status: STATUS[stopped.kind],
    previousPid: stopped.kind === "stopped" ? stopped.pid : undefined,
    start,
  };
}

const STATUS = {
  stopped: "restarted",
  cleared: "stale_owner_cleaned",
  "not_running": "started",
} as const;

async function refuseDowngrade(
  host: DaemonHost,
  context: DaemonContext,
  options: StartOptions,
): Promise<void> {
  if (options.isForced) return;
  const current = await readCurrent(host, context);
  if (current.kind !== "healthy") return;
  const version = current.health.packageVersion ?? "unknown";
  const { action, reason } = decideCompatibility(
    { version: context.version, protocol: PROTOCOL_VERSION },
    { version, protocol: current.health.protocolVersion ?? 0 },
    NOT_FORCED,
  );
  if (action === "replace" || reason === "same") return;
  throw new KnownError(
    "newer_daemon",
    `Cannot restart the daemon: it is ${version} with protocol ` +
      `${current.health.protocolVersion}, newer than this reeve ` +
      `(${context.version}, protocol ${PROTOCOL_VERSION})`,
    {
      hint: "Put the older one in its place with: " +
        "reeve daemon restart --force",
    },
  );
}

const NOT_FORCED = false;
