/**
 * Whether a process is still the one that was recorded.
 *
 * @module
 */

import type { Machine } from "../host/processes.ts";
import type { IdentityLook } from "./identity_look.ts";

/** A process that can be told from a later one with the same pid. */
export interface ProcessIdentity {
  /** Process id. */
  readonly pid: number;
  /** Start stamp that the platform gave it. */
  readonly startStamp: string;
}

/** What became of a recorded process. */
export type IdentityVerdict = "same" | "reused" | "gone" | "unknown";

/** Compares a recorded identity with what the platform shows now. */
export function compareIdentity(
  recorded: ProcessIdentity,
  now: IdentityLook | undefined,
): IdentityVerdict {
  if (now === undefined || now.kind === "unknown") return "unknown";
  if (now.kind === "gone") return "gone";
  if (now.facts.startStamp !== recorded.startStamp) return "reused";
  // A zombie cannot serve requests or hold a port, so it counts as gone.
  return now.facts.state === "zombie" ? "gone" : "same";
}

/** Where a record was written, seen from here. */
export type Place =
  | "here"
  | "earlier_boot"
  | "other_host"
  | "other_namespace"
  | "unknown";

/**
 * Compares the machine of a record with this one. A boot id is unique, so an
 * equal one proves the same machine even after its host name has changed.
 */
export function comparePlace(
  recorded: Partial<Machine>,
  here: Machine,
): Place {
  if (recorded.bootId === undefined || here.bootId === undefined) {
    return "unknown";
  }
  if (recorded.bootId !== here.bootId) {
    return recorded.host === here.host ? "earlier_boot" : "other_host";
  }
  return recorded.pidNamespace === here.pidNamespace
    ? "here"
    : "other_namespace";
}
