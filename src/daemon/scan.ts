/**
 * Looks at a family's whole port range at once and gathers every fact about
 * each listener. Reads only.
 *
 * @module
 */

import type { Host, LoopbackReply } from "../host/host.ts";
import type {
  Inspection,
  ListenerTable,
  Machine,
  PortRange,
} from "../host/processes.ts";
import { ownerOf, type PortOwner } from "../process/listener.ts";
import { statePaths } from "../state/paths.ts";
import type { Candidate, Viewpoint } from "./candidate.ts";
import { buildCandidate, type ListenerReading } from "./build_candidate.ts";
import type { Family, FamilyName } from "./family.ts";
import { readScopes, type ScopeReading } from "./scope.ts";

/** Limit of one health probe, connecting included, in milliseconds. */
export const PROBE_TIMEOUT_MS = 500;

/** What one look at a port range gave. */
export interface Scan {
  /** Where. */
  readonly machine: Machine;
  /** From where the candidates are judged. */
  readonly viewpoint: Viewpoint;
  /** Every listener in the range, in order of ports. */
  readonly candidates: readonly Candidate[];
  /** Why the listener table could not be read, when it could not. */
  readonly tableProblem?: string;
}

/** What a scan needs of the world. */
export type ScanHost = Pick<
  Host,
  "clock" | "env" | "files" | "network" | "processes"
>;

/** Limits and target of {@linkcode scan}. */
export interface ScanOptions {
  /** Kind of daemons to look for. @default "sync" */
  readonly family?: FamilyName;
  /** Limit of each probe in milliseconds; all run at once. @default 500 */
  readonly probeTimeoutMs?: number;
  /** Looks at this one port of the range only. */
  readonly onlyPort?: number;
}

/** Scans the port range of one kind of daemons. */
export async function scan(
  host: ScanHost,
  families: readonly Family[],
  options: ScanOptions = {},
): Promise<Scan> {
  const name = options.family ?? "sync";
  const takenAt = host.clock.now();
  const ports = rangeOf(families, name);
  const looked = narrow(ports, options.onlyPort);
  const timeoutMs = options.probeTimeoutMs ?? PROBE_TIMEOUT_MS;
  const [machine, scopes, { readings, table }] = await Promise.all([
    host.processes.machine(),
    readScopes(host, families, name),
    readPorts(host, looked, timeoutMs),
  ]);
  const ownersOnDisk = await readOwnPorts(host, scopes);
  const candidates = await Promise.all(
    readings.map((reading) =>
      buildCandidate(host, reading, { families, scopes, ownersOnDisk })
    ),
  );
  return {
    machine,
    viewpoint: { takenAt, family: name, ports, scopes: viewsOf(scopes) },
    candidates,
    ...(table.kind === "unknown" ? { tableProblem: table.reason } : {}),
  };
}

function rangeOf(families: readonly Family[], name: FamilyName): PortRange {
  const family = families.find((row) => row.name === name);
  if (family === undefined) throw new TypeError(`Cannot scan for ${name}`);
  return family.ports;
}

function narrow(ports: PortRange, port: number | undefined): PortRange {
  if (port === undefined) return ports;
  const isInside = port >= ports.first && port < ports.end;
  return isInside ? { first: port, end: port + 1 } : { first: 0, end: 0 };
}

function viewsOf(
  scopes: Readonly<Record<"reeve" | "spec-kitty", ScopeReading>>,
): Viewpoint["scopes"] {
  return {
    reeve: scopes.reeve.view,
    "spec-kitty": scopes["spec-kitty"].view,
  };
}

interface PortReadings {
  readonly readings: readonly ListenerReading[];
  readonly table: ListenerTable;
}

/**
 * Probes every port that something may listen on, and finds out whose the
 * listeners are while the answers are on their way.
 */
async function readPorts(
  host: ScanHost,
  range: PortRange,
  timeoutMs: number,
): Promise<PortReadings> {
  const probes = new Map<number, Promise<LoopbackReply>>();
  const held = await host.processes.listeners(range, NOBODY);
  for (let port = range.first; port < range.end; port++) {
    // A complete table without an entry proves that the port is free.
    const isFree = held.kind === "table" && held.isComplete &&
      ownerOf(held, port).kind === "none";
    if (!isFree) probes.set(port, probe(host, port, timeoutMs));
  }
  if (probes.size === 0) return { readings: [], table: held };
  const table = await host.processes.listeners(range);
  const owners = new Map(
    [...probes.keys()].map((port) => [port, ownerOf(table, port)] as const),
  );
  const pids = [...owners.values()].flatMap((owner) =>
    owner.kind === "one" ? [owner.pid] : []
  );
  const seen = await host.processes.inspect(pids);
  const readings: ListenerReading[] = [];
  for (const [port, owner] of owners) {
    const reply = await probes.get(port);
    if (reply === undefined || isFreePort(owner, reply)) continue;
    const inspection = inspectionOf(owner, seen);
    readings.push({ port, owner, reply, inspection });
  }
  return { readings, table };
}

/** Asks for the sockets alone: finding their owners takes longest. */
const NOBODY: readonly number[] = [];

/** Refused and no listener entry: nothing is there. */
function isFreePort(owner: PortOwner, reply: LoopbackReply): boolean {
  return reply.kind === "refused" &&
    (owner.kind === "none" || owner.kind === "unknown");
}

function inspectionOf(
  owner: PortOwner,
  seen: ReadonlyMap<number, Inspection>,
): Inspection | undefined {
  return owner.kind === "one" ? seen.get(owner.pid) : undefined;
}

/** Asks the daemon on a port for its health. */
export function probe(
  host: Pick<Host, "network">,
  port: number,
  timeoutMs: number,
): Promise<LoopbackReply> {
  return host.network.request({
    port,
    method: "GET",
    path: "/api/health",
    timeoutMs,
  });
}

/** Ports for which one of our owner records is on disk. */
async function readOwnPorts(
  host: ScanHost,
  scopes: Readonly<Record<"reeve" | "spec-kitty", ScopeReading>>,
): Promise<ReadonlySet<number>> {
  const { root } = scopes.reeve;
  if (root === undefined) return new Set();
  const { owners } = statePaths(root);
  const names = await host.files.list(owners).catch(() => []);
  return new Set(names.map((name) => Number(/\d+/.exec(name)?.[0])));
}
