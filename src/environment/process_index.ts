/**
 * All processes of the machine, ordered by what tells who belongs together.
 *
 * @module
 */

import type { ProcessRow } from "../host/processes.ts";

/** Processes by every key that a search for a unit's processes uses. */
export interface ProcessIndex {
  /** Each process. */
  readonly byPid: ReadonlyMap<number, ProcessRow>;
  /** Children of a process. */
  readonly byParent: ReadonlyMap<number, readonly ProcessRow[]>;
  /** Members of a session or process group. */
  readonly byGroup: ReadonlyMap<number, readonly ProcessRow[]>;
  /** Processes whose environment carries a marker. */
  readonly byMarker: ReadonlyMap<string, readonly ProcessRow[]>;
  /** Markers of the processes that may be looked at. */
  readonly markers: ReadonlyMap<number, string>;
}

/** Orders a process table. */
export function indexProcesses(
  rows: readonly ProcessRow[],
  markers: ReadonlyMap<number, string>,
): ProcessIndex {
  const byParent = new Map<number, ProcessRow[]>();
  const byGroup = new Map<number, ProcessRow[]>();
  const byMarker = new Map<string, ProcessRow[]>();
  for (const row of rows) {
    add(byParent, row.parentPid, row);
    for (const id of new Set([row.sessionId, row.processGroup])) {
      if (id !== undefined) add(byGroup, id, row);
    }
    const marker = markers.get(row.pid);
    if (marker !== undefined) add(byMarker, marker, row);
  }
  const byPid = new Map(rows.map((row) => [row.pid, row]));
  return { byPid, byParent, byGroup, byMarker, markers };
}

function add<K>(map: Map<K, ProcessRow[]>, key: K, row: ProcessRow): void {
  const rows = map.get(key);
  if (rows === undefined) map.set(key, [row]);
  else rows.push(row);
}

/** A process and those above it, as far as they can be seen. */
export function lineageOf(
  { byPid }: Pick<ProcessIndex, "byPid">,
  pid: number,
): ReadonlySet<number> {
  const lineage = new Set<number>();
  let at: number | undefined = pid;
  while (at !== undefined && !lineage.has(at)) {
    lineage.add(at);
    at = byPid.get(at)?.parentPid;
  }
  return lineage;
}
