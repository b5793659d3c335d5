/** What tests of dependencies ask of those that they have brought up. */

import { DependencyWorld, type Tried } from "./dependency_world.ts";
import type { ProvisionedUnit } from "../../src/environment/provisioners/provisioner.ts";

/** One that is a process of ours. */
export type ProcessUnit = Extract<
  ProvisionedUnit,
  { readonly kind: "process" }
>;

/**
 * The C library stays open for the life of a process: opened here, it is no
 * resource that a test appears to leak.
 */
export async function openLibrary(): Promise<void> {
  await using world = await DependencyWorld.make();
  await world.bring({ id: "redis", ports: { primary: world.freePort() } });
}

/** The process of one that is up. */
export function unitOf({ start }: Tried): ProcessUnit {
  if (start.kind === "failed") throw new Error(start.reason);
  if (start.unit.kind !== "process") throw new Error(start.unit.kind);
  return start.unit;
}

/** Its port. */
export function portOf(tried: Tried): number {
  return unitOf(tried).endpoint.ports["primary"] ?? 0;
}

/** Everything of a session or below a process. */
export async function relatives(
  { host }: DependencyWorld,
  pid: number,
): Promise<number[]> {
  const listing = await host.processes.table();
  if (listing.kind === "unknown") throw new Error(listing.reason);
  return listing.rows
    .filter((row) => row.sessionId === pid || row.parentPid === pid)
    .map((row) => row.pid);
}

/** Waits until none of them runs. */
export async function untilGone(
  world: DependencyWorld,
  pids: readonly number[],
): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const alive = await Promise.all(pids.map((pid) => world.runs(pid)));
    if (alive.every((one) => !one)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Still there: ${pids}`);
}
