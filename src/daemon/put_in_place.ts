/**
 * Makes a daemon the recorded one, and takes that back if it does not last.
 *
 * @module
 */

import { waitForExit } from "../process/terminate.ts";
import type { DaemonContext, DaemonHost } from "./context.ts";
import { readCurrent } from "./current.ts";
import { endReplaced } from "./end_recorded.ts";
import type { LockedWork } from "./locked_work.ts";
import { judgePlacement, type Placement } from "./placement.ts";
import type { OwnerRecord } from "./schema.ts";
import { spawnDaemon } from "./spawn_daemon.ts";
import { keepState, restoreState, writeState } from "./state_file.ts";

/** A daemon that was lost before it had its place; all is as it was. */
export interface Lost {
  /** Tells it from one that has its place. */
  readonly kind: "lost";
  /** Its record. */
  readonly record: OwnerRecord;
  /** What was found, as a clause. */
  readonly reason: string;
}

/** A daemon, and whether it has its place. */
export type Placed =
  | { readonly kind: "in_place"; readonly record: OwnerRecord }
  | Lost;

/** A second look of a daemon at itself takes far less, in milliseconds. */
const UNDECIDED_MS = 2000;
/** How long a lost daemon may take to end by itself, in milliseconds. */
const LAST_MOMENTS_MS = 2000;
const PAUSE_MS = 25;

/**
 * Writes the state file and proves the daemon after that: from then on it sees
 * itself there and stays. Its first answer says too little, as this command
 * may have stood still for any time since, and the daemon have ended because
 * the state file named another. If the proof fails, the state file says again
 * what it said before, and nobody else has to end.
 */
export async function putInPlace(
  host: DaemonHost,
  { lock, context }: LockedWork,
  record: OwnerRecord,
): Promise<Placed> {
  const { daemonState } = context.paths;
  const { port, token, pid } = record;
  const url = `http://127.0.0.1:${port}`;
  const before = await keepState(host, daemonState);
  await writeState(host, lock, daemonState, { url, port, token, pid });
  const placement = await settle(host, context, record);
  if (placement.kind === "in_place") return { kind: "in_place", record };
  await restoreState(host, lock, daemonState, before);
  await waitForEnd(host, record);
  return { kind: "lost", record, reason: placement.reason };
}

async function settle(
  host: DaemonHost,
  context: DaemonContext,
  record: OwnerRecord,
): Promise<Placement> {
  const start = host.clock.elapsed();
  while (true) {
    const placement = judgePlacement(await readCurrent(host, context), record);
    const isOver = host.clock.elapsed() - start >= UNDECIDED_MS;
    if (placement.kind !== "undecided" || isOver) return placement;
    await host.clock.sleep(PAUSE_MS);
  }
}

/** Two that end and start at once would be hard to tell apart for everybody. */
async function waitForEnd(
  host: DaemonHost,
  { pid }: OwnerRecord,
): Promise<void> {
  const held = await host.processes.hold(pid);
  if (typeof held === "string") return;
  using hold = held;
  await waitForExit(host, hold, LAST_MOMENTS_MS);
}

/**
 * Starts a daemon and puts it in place. One that cannot be made known, or is
 * lost and does not end by itself, is not left behind.
 */
export async function spawnInPlace(
  host: DaemonHost,
  work: LockedWork,
): Promise<Placed> {
  const record = await spawnDaemon(host, work.context);
  const end = async () => {
    const { family, scope } = work.context;
    const { pid, port, start_stamp: startStamp } = record;
    await endReplaced(host, work, { pid, port, startStamp, family, scope });
  };
  const placed = await putInPlace(host, work, record).catch(async (error) => {
    await end();
    throw error;
  });
  if (placed.kind === "lost") await end();
  return placed;
}
