/**
 * Looks at a family's whole port range at once and gathers every fact about
 * each listener. Reads only.
 *
 * @module
 */

import type {
  Host,
  Inspection,
  ListenerTable,
  LoopbackReply,
  Machine,
  PortRange,
} from "../host/host.ts";
import { ownerOf, type PortOwner } from "../process/listener.ts";
import { statePaths } from "../state/paths.ts";
import type { Candidate, Viewpoint } from "./candidate.ts";
import { buildCandidate, type ListenerReading } from "./build_candidate.ts";
import type { Family, FamilyName } from "./family.ts";
import { readOwners } from "./owner_record.ts";
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
  const [machine, scopes, table] = await Promise.all([
    host.processes.machine(),
    readScopes(host, families, name),
    host.processes.listeners(looked),
  ]);
  const timeoutMs = options.probeTimeoutMs ?? PROBE_TIMEOUT_MS;
  const readings = await readPorts(host, table, looked, timeoutMs);
  const ownersOnDisk = await readOwnPairs(host, scopes);
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

async function readPorts(
  host: ScanHost,
  table: ListenerTable,
  range: PortRange,
  timeoutMs: number,
): Promise<readonly ListenerReading[]> {
  const owners = new Map<number, PortOwner>();
  for (let port = range.first; port < range.end; port++) {
    const owner = ownerOf(table, port);
    // A complete table without an entry proves that the port is free.
    const isFree = owner.kind === "none" && table.kind === "table" &&
      table.isComplete;
    if (!isFree) owners.set(port, owner);
  }
  const pids = [...owners.values()].flatMap((owner) =>
    owner.kind === "one" ? [owner.pid] : []
  );
  const [seen, replies] = await Promise.all([
    host.processes.inspect(pids),
    Promise.all([...owners.keys()].map((port) => probe(host, port, timeoutMs))),
  ]);
  return [...owners].flatMap(([port, owner], at) => {
    const reply = replies[at];
    if (reply === undefined || isFreePort(owner, reply)) return [];
    return [{ port, owner, reply, inspection: inspectionOf(owner, seen) }];
  });
}

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

/** Which pid and port pairs our own owner records on disk name. */
async function readOwnPairs(
  host: ScanHost,
  scopes: Readonly<Record<"reeve" | "spec-kitty", ScopeReading>>,
): Promise<ReadonlySet<string>> {
  const { root } = scopes.reeve;
  if (root === undefined) return new Set();
  const files = await readOwners(host, statePaths(root));
  return new Set(
    files.flatMap(({ read }) =>
      read.kind === "found" ? [`${read.value.pid}:${read.value.port}`] : []
    ),
  );
}
