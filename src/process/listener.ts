/**
 * Which process owns the listener that a client of 127.0.0.1 would reach.
 *
 * @module
 */

import type { Listener, ListenerTable } from "../host/processes.ts";

/** The owner of a loopback port, as far as it can be proved. */
export type PortOwner =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly pid: number; readonly uid?: number }
  | { readonly kind: "several"; readonly pids: readonly number[] }
  | { readonly kind: "unseen"; readonly uid?: number }
  | { readonly kind: "unknown"; readonly reason: string };

/** Addresses that answer a client of 127.0.0.1, the most specific first. */
const REACHABLE = ["127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0", "::"];

/** Finds the owner of a port; several distinct pids are never one owner. */
export function ownerOf(table: ListenerTable, port: number): PortOwner {
  if (table.kind === "unknown") return table;
  const candidates = table.listeners.filter((row) =>
    row.port === port && REACHABLE.includes(row.address)
  );
  for (const address of REACHABLE) {
    const rows = candidates.filter((row) => row.address === address);
    if (rows.length > 0) return ownerOfRows(rows);
  }
  return { kind: "none" };
}

function ownerOfRows(rows: readonly Listener[]): PortOwner {
  const pids = [...new Set(rows.flatMap((row) => row.pids))];
  const uid = rows[0]?.uid;
  const known = uid === undefined ? {} : { uid };
  const [pid] = pids;
  if (pid === undefined) return { kind: "unseen", ...known };
  // Two sockets of which only one has a visible owner are not one owner.
  if (pids.length > 1 || rows.some((row) => row.pids.length === 0)) {
    return { kind: "several", pids };
  }
  return { kind: "one", pid, ...known };
}
