/**
 * Which processes might be left over from units, as facts for the table.
 *
 * @module
 */

import type { Inspection, ProcessRow } from "../host/processes.ts";
import {
  collectFacts,
  type EnvironmentFacts,
  type FactsHost,
} from "./facts.ts";
import type { UnitIdentity } from "./model.ts";
import type { OrphanFacts, UnitKnowledge } from "./orphan_class.ts";
import { lineageOf, type ProcessIndex } from "./process_index.ts";
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
  readonly isLiving: (scope: string) => boolean;
  /** Ports that this repository's units were given. */
  readonly ports: readonly number[];
}

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
  host: FactsHost,
  scope: OrphanScope,
): Promise<OrphanLook> {
  const { ports, units } = scope;
  const identities = units.flatMap(({ identity }) => identity ?? []);
  const facts = await collectFacts(host, { identities, ports });
  if (facts.processes.kind === "unknown") return facts.processes;
  const { index } = facts.processes;
  const rows = [...index.byPid.values()].filter((row) =>
    row.state !== "zombie" && concerns(row, index, facts, scope)
  );
  const seen = await host.processes.inspect(rows.map(({ pid }) => pid));
  const candidates = rows.map((row) =>
    buildCandidate(row, seen.get(row.pid), { facts, index, scope })
  );
  return { kind: "known", candidates };
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
}

function buildCandidate(
  row: ProcessRow,
  seen: Inspection | undefined,
  { facts, index, scope }: Around,
): OrphanCandidate {
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
      user: userOf(row, facts),
      isDaemon: argv.some((word) =>
        DAEMON_MARKERS.some((start) => word.startsWith(start))
      ),
      marker: parsed === undefined ? unmarked : "of_a_unit",
      scope: parsed === undefined ? undefined : scopeOf(parsed.scope, scope),
      unit: parsed?.scope === scope.scope
        ? named?.knowledge ?? "unknown"
        : undefined,
      isInSession: named !== undefined &&
        isInSession(row, named, facts, index),
      isRecorded: recorded !== undefined,
      hasOurPort: ports.length > 0,
    },
  };
}

function userOf(
  { uid }: ProcessRow,
  { ownUid }: EnvironmentFacts,
): OrphanFacts["user"] {
  if (uid === undefined || ownUid === undefined) return "unknown";
  return uid === ownUid ? "own" : "other";
}

function scopeOf(
  name: string,
  { scope, isLiving }: OrphanScope,
): OrphanFacts["scope"] {
  if (name === scope) return "ours";
  return isLiving(name) ? "living" : "gone";
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
