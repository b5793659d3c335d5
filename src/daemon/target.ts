/**
 * A process that was proved to be a daemon, and proving it once more.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Inspection } from "../host/processes.ts";
import { ownerOf } from "../process/listener.ts";
import { compareIdentity } from "../process/identity.ts";
import type { Proof } from "../process/terminate.ts";
import type { Candidate } from "./candidate.ts";
import type { Family } from "./family.ts";
import { canonical } from "./scope.ts";
import { readSpawn } from "./spawn_facts.ts";

/** What was proved about a process and must still hold before each signal. */
export interface Target {
  /** Port of its listener. */
  readonly port: number;
  /** Process id. */
  readonly pid: number;
  /** Start stamp. */
  readonly startStamp: string;
  /** Family of its argument vector. */
  readonly family: Family;
  /** Canonical scope root of its marker; absent when it has none. */
  readonly scope?: string;
}

/** The target that a candidate proves; without pid or shape there is none. */
export function targetOf(
  candidate: Candidate,
  families: readonly Family[],
): Target | undefined {
  const { port, pid, process, spawn } = candidate;
  if (pid === undefined || process === undefined) return undefined;
  const family = families.find((row) =>
    row.product === spawn.product && row.name === spawn.family
  );
  if (family === undefined) return undefined;
  return {
    port,
    pid,
    startStamp: process.startStamp,
    family,
    ...(spawn.scope === undefined ? {} : { scope: spawn.scope }),
  };
}

/** Eases {@linkcode proveTarget} after the daemon agreed to stop. */
export interface ProveOptions {
  /** Whether it may have closed its listener already. @default false */
  readonly mayHaveClosed?: boolean;
}

/** Proves again that the process is the target and owns its listener. */
export async function proveTarget(
  host: Pick<Host, "files" | "processes">,
  target: Target,
  options: ProveOptions = {},
): Promise<Proof> {
  const { port, pid, family } = target;
  if (port < family.ports.first || port >= family.ports.end) {
    return { kind: "refused", reason: "its port is outside the range" };
  }
  const range = { first: port, end: port + 1 };
  const [seen, table] = await Promise.all([
    host.processes.inspect([pid]),
    host.processes.listeners(range, [pid]),
  ]);
  const now = seen.get(pid);
  const identity = compareIdentity(target, now);
  if (identity === "gone" || identity === "reused") return { kind: "gone" };
  if (identity === "unknown") {
    return { kind: "refused", reason: "its process cannot be read" };
  }
  const owner = ownerOf(table, port);
  const owns = owner.kind === "one" && owner.pid === pid;
  const hasClosed = owner.kind === "none" && options.mayHaveClosed === true;
  if (!owns && !hasClosed) {
    return { kind: "refused", reason: "it no longer owns the listener" };
  }
  return await proveRole(host, target, now);
}

async function proveRole(
  host: Pick<Host, "files">,
  target: Target,
  now: Inspection | undefined,
): Promise<Proof> {
  const argv = now?.kind === "found" ? now.facts.argv : undefined;
  if (argv === undefined) {
    return { kind: "refused", reason: "its command line cannot be read" };
  }
  const { family, marker } = readSpawn(argv, [target.family]);
  const scope = marker === undefined
    ? undefined
    : await canonical(host, marker);
  if (family === undefined || scope !== target.scope) {
    return { kind: "refused", reason: "its command line has changed" };
  }
  return { kind: "proved" };
}

/** Whether nothing listens on the port: refused and no listener entry. */
export async function isPortClosed(
  host: Pick<Host, "processes" | "network">,
  port: number,
): Promise<boolean> {
  const range = { first: port, end: port + 1 };
  const table = await host.processes.listeners(range, []);
  if (ownerOf(table, port).kind !== "none" && table.kind === "table") {
    return false;
  }
  const reply = await host.network.request({
    port,
    method: "GET",
    path: "/api/health",
    timeoutMs: 200,
  });
  return reply.kind === "refused";
}
