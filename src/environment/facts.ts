/**
 * Everything that is known about the machine at one moment, read in one pass
 * for all units: judging fifty of them costs about as much as judging one.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type {
  Inspection,
  Listener,
  ListenerTable,
  Machine,
  PortRange,
  ProcessRow,
} from "../host/processes.ts";
import { baseName } from "../host/path.ts";
import type { UnitIdentity } from "./model.ts";
import { indexProcesses } from "./process_index.ts";
import { type TreeFacts, treeOf } from "./process_tree.ts";

/** Variable of every unit's environment that says which one it is. */
export const MARKER_VARIABLE = "REEVE_UNIT";

/** The machine at one moment. */
export interface EnvironmentFacts extends TreeFacts {
  /** Epoch milliseconds of the look. */
  readonly takenAt: number;
  /** Our own user id, where there is one. */
  readonly ownUid: number | undefined;
  /**
   * Listeners of all ports. Owners are known for the processes of the units
   * and for the ports that were asked about.
   */
  readonly listeners: ListenerTable;
  /** Names of the programs that have those ports and are no unit's. */
  readonly programs: ReadonlyMap<number, string>;
}

/** What to look for. */
export interface FactsQuery {
  /** Units whose processes are looked for. */
  readonly identities: readonly UnitIdentity[];
  /** Ports whose owners are looked for among all processes. */
  readonly ports: readonly number[];
  /** As in {@linkcode collectProcesses}. @default all processes */
  readonly among?: readonly UnitIdentity[];
}

/** What {@linkcode collectFacts} needs of the world. */
export type FactsHost = Pick<Host, "clock" | "env" | "processes">;

const ALL_PORTS: PortRange = { first: 1, end: 65_536 };

/** Looks at the machine once for all units. */
export async function collectFacts(
  host: FactsHost,
  query: FactsQuery,
): Promise<EnvironmentFacts> {
  const tree = await collectProcesses(host, query.among);
  const takenAt = host.clock.now();
  const ownUid = host.env.uid;
  const pids = memberPids(query.identities, tree);
  const near = await host.processes.listeners(ALL_PORTS, pids);
  const listeners = await findOwners(host, near, query.ports);
  const programs = await nameOwners(host, listeners, pids);
  return { ...tree, takenAt, ownUid, listeners, programs };
}

/** A unit to look for. */
export interface UnitQuery {
  /** Who it is. */
  readonly identity: UnitIdentity;
  /** Ports that it shall listen on. */
  readonly ports: readonly number[];
}

/**
 * Looks once for what judging units takes. Where each of them is what was
 * started and has its ports itself, that is all there is to know, and the rest
 * of the machine is not looked at.
 */
export async function collectUnitFacts(
  host: FactsHost,
  units: readonly UnitQuery[],
): Promise<EnvironmentFacts> {
  const identities = units.map(({ identity }) => identity);
  return await lookAtLeaders(host, units) ?? await collectFacts(host, {
    identities,
    ports: units.flatMap(({ ports }) => ports),
    among: identities,
  });
}

async function lookAtLeaders(
  host: FactsHost,
  units: readonly UnitQuery[],
): Promise<EnvironmentFacts | undefined> {
  const { processes } = host;
  const machine = await processes.machine();
  const pids = units.map(({ identity }) => identity.pid);
  const listing = await processes.table(pids);
  const takenAt = host.clock.now();
  if (listing.kind === "unknown") return undefined;
  const markers = new Map(
    units.map(({ identity: { pid, marker } }) => [pid, marker]),
  );
  const index = indexProcesses(listing.rows, markers);
  const tree: TreeFacts = {
    machine,
    ownPid: host.env.pid,
    processes: { kind: "known", index },
  };
  const isThere = units.every(({ identity }) => {
    const found = treeOf(identity, tree);
    return found.kind === "known" && found.leader === "same";
  });
  if (!isThere) return undefined;
  const listeners = await processes.listeners(ALL_PORTS, pids);
  if (listeners.kind === "unknown") return undefined;
  const isExplained = units.every(({ identity, ports }) =>
    ports.every((port) =>
      listeners.listeners.some((row) =>
        row.port === port && row.pids.includes(identity.pid)
      )
    )
  );
  if (!isExplained) return undefined;
  const { uid: ownUid } = host.env;
  return { ...tree, takenAt, ownUid, listeners, programs: new Map() };
}

/**
 * Looks at the processes only, which is all that ending units needs.
 *
 * @param among units that alone matter: of processes that are older than each
 * of them, no marker is read, as markers only ever go to younger ones.
 */
export async function collectProcesses(
  host: Pick<Host, "env" | "processes">,
  among?: readonly UnitIdentity[],
): Promise<TreeFacts> {
  const machine = await host.processes.machine();
  const ownPid = host.env.pid;
  const listing = await host.processes.table();
  if (listing.kind === "unknown") {
    return { machine, ownPid, processes: listing };
  }
  const { rows } = listing;
  const oldest = among === undefined ? undefined : oldestTicks(among, machine);
  const markers = await host.processes.readVariable(
    MARKER_VARIABLE,
    rows.filter((row) => isReadable(row, host.env.uid) && !isOlder(row, oldest))
      .map(({ pid }) => pid),
  );
  const index = indexProcesses(rows, markers);
  return { machine, ownPid, processes: { kind: "known", index } };
}

/** Environments of other users are not ours to look at. */
function isReadable(
  { state, uid }: ProcessRow,
  ownUid: number | undefined,
): boolean {
  // Root hands units that refuse to run as root to another user.
  return (uid === ownUid || ownUid === 0) && state !== "zombie";
}

/** When the first of some units of this boot began, where stamps tell that. */
function oldestTicks(
  units: readonly UnitIdentity[],
  { bootId }: Machine,
): number | undefined {
  const stamps = units.filter((unit) => unit.bootId === bootId)
    .map(({ startStamp }) => ticksOf(startStamp));
  return stamps.length === 0 || stamps.includes(undefined)
    ? undefined
    : Math.min(...stamps.map((ticks) => ticks ?? 0));
}

/** Stamps of Linux are clock ticks since the boot; others have no order. */
function ticksOf(startStamp: string): number | undefined {
  return /^\d{1,15}$/.test(startStamp) ? Number(startStamp) : undefined;
}

function isOlder({ startStamp }: ProcessRow, than: number | undefined) {
  const ticks = ticksOf(startStamp);
  return ticks !== undefined && than !== undefined && ticks < than;
}

function memberPids(
  identities: readonly UnitIdentity[],
  facts: TreeFacts,
): readonly number[] {
  const pids = new Set<number>();
  for (const identity of identities) {
    const tree = treeOf(identity, facts);
    if (tree.kind === "unknown") continue;
    for (const { row } of tree.members) pids.add(row.pid);
  }
  return [...pids];
}

/** Searches all processes only when a port is held by none of the units. */
async function findOwners(
  { processes }: FactsHost,
  near: ListenerTable,
  ports: readonly number[],
): Promise<ListenerTable> {
  if (near.kind === "unknown") return near;
  const asked = new Set(ports);
  const unowned = near.listeners.filter((row) =>
    asked.has(row.port) && row.pids.length === 0
  ).map((row) => row.port);
  if (unowned.length === 0) return near;
  const [first, end] = [Math.min(...unowned), Math.max(...unowned) + 1];
  const all = await processes.listeners({ first, end });
  if (all.kind === "unknown") return all;
  const owned = new Map(all.listeners.map((row) => [keyOf(row), row]));
  const listeners = near.listeners.map((row) =>
    row.pids.length > 0 ? row : owned.get(keyOf(row)) ?? row
  );
  return { ...near, listeners };
}

function keyOf({ address, port }: Listener): string {
  return `${address} ${port}`;
}

async function nameOwners(
  { processes }: FactsHost,
  table: ListenerTable,
  members: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  if (table.kind === "unknown") return new Map();
  const known = new Set(members);
  const foreign = new Set(
    table.listeners.flatMap((row) => row.pids).filter((pid) => !known.has(pid)),
  );
  if (foreign.size === 0) return new Map();
  const seen = await processes.inspect([...foreign]);
  return new Map([...seen].map(([pid, each]) => [pid, programOf(each)]));
}

/** The program's name only: arguments may hold secrets. */
function programOf(inspection: Inspection): string {
  if (inspection.kind !== "found") return "unknown program";
  const { argv, executable } = inspection.facts;
  return baseName(argv?.[0] ?? executable ?? "unknown program");
}
