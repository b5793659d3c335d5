/**
 * The process behind a state file, if everything proves that it is our daemon.
 * A state file alone is never enough.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { DaemonContext } from "./context.ts";
import { placeOf, readOwner } from "./owner_record.ts";
import { scan } from "./scan.ts";
import type { DaemonState } from "./state_file.ts";
import { type Target, targetOf } from "./target.ts";

/** A recorded daemon that is proved, or why it is not. */
export type RecordedTarget =
  | { readonly kind: "proved"; readonly target: Target }
  | { readonly kind: "unproved"; readonly reason: string };

/**
 * Proves the recorded daemon: the process that owns the recorded port is the
 * recorded pid, has our argument vector with our scope, and started when its
 * owner record says, on this machine and boot.
 */
export async function findRecordedTarget(
  host: Pick<Host, "clock" | "env" | "files" | "network" | "processes">,
  context: DaemonContext,
  state: DaemonState,
): Promise<RecordedTarget> {
  const unproved = (reason: string): RecordedTarget => ({
    kind: "unproved",
    reason,
  });
  const { port, pid } = state;
  if (port === undefined) return unproved("the state file names no port");
  const found = await scan(host, context.families, {
    onlyPort: port,
    probeTimeoutMs: 100,
  });
  const candidate = found.candidates.find((row) => row.port === port);
  if (candidate === undefined) return unproved("nothing listens on its port");
  if (candidate.pid === undefined || candidate.pid !== pid) {
    return unproved("another process listens on its port");
  }
  const { spawn } = candidate;
  const isOurs = spawn.shape === "marked" &&
    spawn.product === context.family.product &&
    spawn.family === context.family.name;
  if (!isOurs) {
    return unproved(`process ${pid} is not a daemon of ours`);
  }
  if (spawn.scope !== context.scope) {
    return unproved(`process ${pid} serves another state root`);
  }
  const read = await readOwner(host, context.paths, port);
  const isRecorded = read.kind === "found" && read.value.pid === pid &&
    read.value.start_stamp === candidate.process?.startStamp &&
    placeOf(read.value, found.machine) === "here";
  if (!isRecorded) {
    return unproved(`no owner record proves process ${pid}`);
  }
  const target = targetOf(candidate, context.families);
  return target === undefined
    ? unproved(`process ${pid} cannot be read`)
    : { kind: "proved", target };
}
