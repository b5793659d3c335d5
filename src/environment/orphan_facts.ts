/**
 * Which processes might be left over from units, as facts for the table.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Inspection, ProcessRow } from "../host/processes.ts";
import { collectFacts, type EnvironmentFacts } from "./facts.ts";
import type { UnitIdentity } from "./model.ts";
import type { OrphanFacts, UnitKnowledge } from "./orphan_class.ts";
import { findServersInside } from "./orphan_place.ts";
import { lineageOf, type ProcessIndex } from "./process_index.ts";
import { treeOf } from "./process_tree.ts";
import { parseMarker } from "./unit_marker.ts";

/** A unit that something of this scope was written down about. */
export interface KnownUnit {
  /** For people: `Main backend`. */
  readonly name: string;
  /** Marker in its environment. */
  readonly marker: string;
  /** Who it is, if that was written down. */
  readonly identity: UnitIdentity | undefined;
  /** What is known of it. */
  readonly knowledge: Exclude<UnitKnowledge, "unknown">;
}

/** What is known about one repository and its neighbours. */
export interface OrphanScope {
  /** This repository. */
  readonly scope: string;
  /** Units of its runs and intents. */
  readonly units: readonly KnownUnit[];
  /** Whether the repository of another scope is still there, or may be. */
  readonly isLiving: (scope: string) => boolean | Promise<boolean>;
  /** Ports that this repository's units were given. */
  readonly ports: readonly number[];
  /**
   * Directories of the repository in which servers without a marker are looked
   * for, which takes a look at every process.
   * @default none
   */
  readonly directories?: readonly string[];
}

/** What looking for leftovers needs of the world. */
export type OrphanHost = Pick<Host, "clock" | "env" | "files" | "processes">;

/** A process that might be left over. */
export interface OrphanCandidate {
  /** The process. */
  readonly row: ProcessRow;
  /** Its marker, if it has one. */
  readonly marker: string | undefined;
  /** The unit that it names or that it is recorded as. */
  readonly unit: KnownUnit | undefined;
  /** Name of its program, when it was looked at. */
  readonly program: string | undefined;
  /** Ports of ours that it listens on. */
  readonly ports: readonly number[];
  /** What the table judges. */
  readonly facts: OrphanFacts;
}

/** The candidates, or why there can be none. */
export type OrphanLook =
  | { readonly kind: "known"; readonly candidates: readonly OrphanCandidate[] }
  | { readonly kind: "unknown"; readonly reason: string };

const DAEMON_MARKERS = ["--reeve-daemon-root=", "--spec-kitty-daemon-root="];

/** Looks at every process that could have to do with a scope. */
export async function collectOrphans(
  host: OrphanHost,
  scope: OrphanScope,
): Promise<OrphanLook> {
  const { ports, units, directories = [] } = scope;
  const identities = units.flatMap(({ identity }) => identity ?? []);
  const facts = await collectFacts(host, { identities, ports });
  if (facts.processes.kind === "unknown") return facts.processes;
  const { index } = facts.processes;
  const all = [...index.byPid.values()]
    .filter(({ state }) => state !== "zombie");
  const inside = await findServersInside(host, all, directories);
  const rows = all.filter((row) =>
    inside.has(row.pid) || concerns(row, index, facts, scope)
  );
  const [seen, living] = await Promise.all([
    host.processes.inspect(rows.map(({ pid }) => pid)),
    findLiving(index.markers.values(), scope),
  ]);
  const active = membersOfActive(scope, facts);
  const around = { facts, index, scope, inside, living, active };
  const candidates = rows.map((row) =>
    buildCandidate(row, seen.get(row.pid), around)
  );
  return { kind: "known", candidates };
}

/** Pids of everything that is proved to belong to a unit that is up. */
function membersOfActive(
  { units }: OrphanScope,
  facts: EnvironmentFacts,
): ReadonlySet<number> {
  const trees = units.flatMap(({ identity, knowledge }) =>
    identity === undefined || knowledge !== "active"
      ? []
      : [treeOf(identity, facts)]
  );
  return new Set(
    trees.flatMap((tree) =>
      tree.kind === "unknown" ? [] : tree.members.map(({ row }) => row.pid)
    ),
  );
}

/** Which of the other scopes that markers name are still there. */
async function findLiving(
  markers: Iterable<string>,
  { scope, isLiving }: OrphanScope,
): Promise<ReadonlySet<string>> {
  const names = new Set(
    [...markers].flatMap((marker) => parseMarker(marker)?.scope ?? []),
  );
  const seen = await Promise.all(
    [...names].filter((name) => name !== scope)
      .map(async (name) => await isLiving(name) ? [name] : []),
  );
  return new Set(seen.flat());
}

/** Everybody else is a third party, which needs no closer look. */
function concerns(
  row: ProcessRow,
  index: ProcessIndex,
  facts: EnvironmentFacts,
  { units, ports }: OrphanScope,
): boolean {
  return index.markers.has(row.pid) ||
    units.some((unit) => isRecorded(row, unit, facts)) ||
    portsOf(row, facts, ports).length > 0;
}

function isRecorded(
  row: ProcessRow,
  { identity }: KnownUnit,
  { machine }: EnvironmentFacts,
): boolean {
  return identity !== undefined && isHere(identity, machine) &&
    identity.pid === row.pid && identity.startStamp === row.startStamp;
}

function isHere(
  identity: UnitIdentity,
  here: EnvironmentFacts["machine"],
): boolean {
  return here.bootId !== undefined && identity.bootId === here.bootId &&
    identity.pidNamespace === here.pidNamespace;
}

function portsOf(
  { pid }: ProcessRow,
  { listeners }: EnvironmentFacts,
  ports: readonly number[],
): readonly number[] {
  if (listeners.kind === "unknown") return [];
  const found = listeners.listeners.filter((one) =>
    ports.includes(one.port) && one.pids.includes(pid)
  );
  return [...new Set(found.map(({ port }) => port))];
}

interface Around {
  readonly facts: EnvironmentFacts;
  readonly index: ProcessIndex;
  readonly scope: OrphanScope;
  /** Processes that listen and work inside the repository. */
  readonly inside: ReadonlySet<number>;
  /** Other scopes that are still there. */
  readonly living: ReadonlySet<string>;
  /** Processes of units that are up. */
  readonly active: ReadonlySet<number>;
}

function buildCandidate(
  row: ProcessRow,
  seen: Inspection | undefined,
  around: Around,
): OrphanCandidate {
  const { facts, index, scope, inside, living, active } = around;
  const marker = index.markers.get(row.pid);
  const parsed = marker === undefined ? undefined : parseMarker(marker);
  const named = scope.units.find((unit) => unit.marker === marker);
  const recorded = scope.units.find((unit) => isRecorded(row, unit, facts));
  const argv = seen?.kind === "found" ? seen.facts.argv ?? [] : [];
  const ports = portsOf(row, facts, scope.ports);
  const unmarked = marker === undefined ? "none" : "of_another_family";
  return {
    row,
    marker,
    unit: named ?? recorded,
    program: argv[0],
    ports,
    facts: {
      isOwnLineage: lineageOf(index, facts.ownPid).has(row.pid),
      user: userOf(row, named, facts),
      isDaemon: argv.some((word) =>
        DAEMON_MARKERS.some((start) => word.startsWith(start))
      ),
      marker: parsed === undefined ? unmarked : "of_a_unit",
      scope: parsed === undefined
        ? undefined
        : scopeOf(parsed.scope, scope, living),
      unit: parsed?.scope === scope.scope
        ? named?.knowledge ?? "unknown"
        : undefined,
      isInSession: named !== undefined &&
        isInSession(row, named, facts, index),
      isRecorded: recorded !== undefined,
      hasOurPort: ports.length > 0,
      isPartOfActive: active.has(row.pid),
      isServerInside: inside.has(row.pid),
    },
  };
}

function userOf(
  { uid }: ProcessRow,
  named: KnownUnit | undefined,
  { ownUid }: EnvironmentFacts,
): OrphanFacts["user"] {
  if (uid === undefined || ownUid === undefined) return "unknown";
  // Root hands units that refuse to run as root to another user.
  if (ownUid === 0 && named !== undefined) return "own";
  return uid === ownUid ? "own" : "other";
}

function scopeOf(
  name: string,
  { scope }: OrphanScope,
  living: ReadonlySet<string>,
): OrphanFacts["scope"] {
  if (name === scope) return "ours";
  return living.has(name) ? "living" : "gone";
}

/** Whether a process that carries a unit's marker is that unit's own. */
function isInSession(
  row: ProcessRow,
  unit: KnownUnit,
  facts: EnvironmentFacts,
  { byPid, byMarker }: ProcessIndex,
): boolean {
  const { identity } = unit;
  if (identity !== undefined) {
    if (!isHere(identity, facts.machine)) return false;
    const leader = byPid.get(identity.pid);
    const isReused = leader !== undefined &&
      leader.startStamp !== identity.startStamp;
    return !isReused && sessionOf(row) === identity.pid;
  }
  // The command died before it wrote down who it was. While nobody who
  // carries the marker has left its session, that session is the unit's.
  const carriers = byMarker.get(unit.marker) ?? [];
  return carriers.every((each) => sessionOf(each) === sessionOf(row));
}

function sessionOf({ sessionId, processGroup }: ProcessRow) {
  return sessionId ?? processGroup;
}
