/**
 * Using the daemon that runs: when that is right, and what is said of it.
 * Nothing here changes anything, so most starts need no more than this.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { PROTOCOL_VERSION } from "../version.ts";
import { type Compatibility, decideCompatibility } from "./compatibility.ts";
import type { DaemonContext } from "./context.ts";
import type { CurrentDaemon } from "./current.ts";
import type { SweepResult } from "./sweep.ts";

/** What became of a request to start. */
export interface StartOutcome {
  /** How the daemon that runs now came to run. */
  readonly action: "adopted" | "replaced" | "reused" | "started";
  /** Its pid. */
  readonly pid: number;
  /** Its port. */
  readonly port: number;
  /** Its version. */
  readonly version: string;
  /** Why a newer one is used, or what a replaced one left behind. */
  readonly notes: readonly string[];
  /** What start-up cleaning did. */
  readonly cleaned: SweepResult;
}

/** A recorded daemon that has proved itself. */
export type Healthy = Extract<CurrentDaemon, { kind: "healthy" }>;

/** A cleaning that had nothing to do. */
export const NOTHING_SWEPT: SweepResult = {
  "swept": [],
  "skipped": [],
  "failed": [],
};

/** Whether a healthy daemon is used, replaced or refused. */
export function judgeHealthy(
  { version }: Pick<DaemonContext, "version">,
  { health }: Healthy,
  options: { readonly isForced?: boolean },
): Compatibility {
  return decideCompatibility(
    { version, protocol: PROTOCOL_VERSION },
    {
      version: health.packageVersion ?? "unknown",
      protocol: health.protocolVersion ?? 0,
    },
    options.isForced === true,
  );
}

/** The outcome of a start that uses the daemon that runs. */
export function reuse(
  context: Pick<DaemonContext, "version">,
  { state, health }: Healthy,
  cleaned: SweepResult,
): StartOutcome {
  const version = health.packageVersion ?? "unknown";
  const notes = version === context.version ? [] : [
    `The running daemon is ${version}, newer than this reeve ` +
    `(${context.version}); it is used as it is.`,
  ];
  const { pid, port } = state;
  return { action: "reused", pid, port, version, notes, cleaned };
}

/**
 * Whether nothing but one port listens in our range. Only sockets are asked
 * for: whose they are takes ten times longer to find out.
 */
export async function isAloneInRange(
  host: Pick<Host, "processes">,
  { family }: Pick<DaemonContext, "family">,
  port: number,
): Promise<boolean> {
  const table = await host.processes.listeners(family.ports, []);
  return table.kind === "table" && table.isComplete &&
    table.listeners.every((listener) => listener.port === port);
}
