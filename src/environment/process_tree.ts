/**
 * Which processes belong to a unit, and what proves it.
 *
 * A session id proves nothing by itself: when a session has emptied, its
 * number may go to a stranger. It counts while the recorded leader is there,
 * or together with the unit's marker.
 *
 * @module
 */

import type { Machine, ProcessRow } from "../host/processes.ts";
import { lineageOf, type ProcessIndex } from "./process_index.ts";
import type { UnitIdentity } from "./model.ts";

/** What proves that a process belongs to a unit. */
export type Belonging = "descendant" | "leader" | "marker" | "session";

/** A running process of a unit. */
export interface Member {
  /** The process. */
  readonly row: ProcessRow;
  /** The strongest proof. */
  readonly by: Belonging;
}

/** The processes of one unit. */
export type UnitTree =
  | {
    readonly kind: "known";
    /** What became of the process that was started. */
    readonly leader: "earlier_boot" | "gone" | "reused" | "same" | "zombie";
    /** Running processes that are proved to be the unit's. */
    readonly members: readonly Member[];
    /** Running processes in its session that nothing else proves. */
    readonly suspects: readonly ProcessRow[];
  }
  | { readonly kind: "unknown"; readonly reason: string };

/** What a search for a unit's processes looks at. */
export interface TreeFacts {
  /** Where we are. */
  readonly machine: Machine;
  /** Our own process id. */
  readonly ownPid: number;
  /** All processes, or why they cannot be known. */
  readonly processes:
    | { readonly kind: "known"; readonly index: ProcessIndex }
    | { readonly kind: "unknown"; readonly reason: string };
}

/** Finds the processes of a unit. */
export function treeOf(identity: UnitIdentity, facts: TreeFacts): UnitTree {
  const place = placeOf(identity, facts.machine);
  if (place === "earlier_boot") {
    return { kind: "known", leader: place, members: [], suspects: [] };
  }
  if (place !== "here") return { kind: "unknown", reason: place };
  if (facts.processes.kind === "unknown") return facts.processes;
  const { index } = facts.processes;
  const leader = leaderOf(identity, index);
  const found = new Map<number, Member>();
  const add = (row: ProcessRow, by: Belonging) => {
    if (row.state !== "zombie" && !found.has(row.pid)) {
      found.set(row.pid, { row, by });
    }
  };
  const row = index.byPid.get(identity.pid);
  const session = leader === "reused" ? [] : sessionOf(identity, index);
  const isProved = leader === "same" || leader === "zombie";
  const isMember = (each: ProcessRow) =>
    isProved || carries(each, identity, index);
  if (isProved && row !== undefined) add(row, "leader");
  for (const each of session) if (isMember(each)) add(each, "session");
  if (isProved) {
    for (const each of descendantsOf(identity, index)) add(each, "descendant");
  }
  // A marker proves descent only: we may have been started from the unit.
  const lineage = lineageOf(index, facts.ownPid);
  for (const each of index.byMarker.get(identity.marker) ?? []) {
    if (!lineage.has(each.pid)) add(each, "marker");
  }
  const suspects = session.filter((each) =>
    each.state !== "zombie" && !isMember(each) && !index.markers.has(each.pid)
  );
  return { kind: "known", leader, members: [...found.values()], suspects };
}

/** Whether pids of a record mean anything here, or why that is not known. */
function placeOf(identity: UnitIdentity, here: Machine): string {
  if (identity.bootId === undefined || here.bootId === undefined) {
    return "this boot of the machine cannot be told from others";
  }
  if (identity.bootId !== here.bootId) return "earlier_boot";
  return identity.pidNamespace === here.pidNamespace
    ? "here"
    : "it was started in another pid namespace";
}

function leaderOf(
  identity: UnitIdentity,
  { byPid }: ProcessIndex,
): "gone" | "reused" | "same" | "zombie" {
  const row = byPid.get(identity.pid);
  if (row === undefined) return "gone";
  if (row.startStamp !== identity.startStamp) return "reused";
  return row.state === "zombie" ? "zombie" : "same";
}

function sessionOf(
  { pid }: UnitIdentity,
  { byGroup }: ProcessIndex,
): readonly ProcessRow[] {
  return byGroup.get(pid) ?? [];
}

function carries(
  { pid }: ProcessRow,
  identity: UnitIdentity,
  { markers }: ProcessIndex,
): boolean {
  return markers.get(pid) === identity.marker;
}

/** Children of children, up to those that are units of their own. */
function descendantsOf(
  identity: UnitIdentity,
  index: ProcessIndex,
): readonly ProcessRow[] {
  const found = new Map<number, ProcessRow>();
  const waiting = [identity.pid];
  while (true) {
    const pid = waiting.pop();
    if (pid === undefined) return [...found.values()];
    for (const child of index.byParent.get(pid) ?? []) {
      const marker = index.markers.get(child.pid);
      const isOther = marker !== undefined && marker !== identity.marker;
      if (isOther || found.has(child.pid)) continue;
      found.set(child.pid, child);
      waiting.push(child.pid);
    }
  }
}
