/**
 * What the port ledger says, and whether it still holds. Pure.
 *
 * @module
 */

import type { Machine } from "../host/processes.ts";
import { compareIdentity, comparePlace } from "../process/identity.ts";
import type { IdentityLook } from "../process/identity_look.ts";
import { sealText } from "../state/sealed_document.ts";
import { formatDocument, isoTime } from "./document_codec.ts";
import type { UnitIdentity } from "./model.ts";
import type { LedgerDocument } from "./port_schema.ts";
import type { Slot } from "./slot_table.ts";

/** Version of the ledger. */
export const LEDGER_VERSION = 1;

/** Process for which a port is kept. */
export interface PortOwner extends Machine {
  /** A command that is about to start the unit, or the unit itself. */
  readonly kind: "command" | "unit";
  /** Process id. */
  readonly pid: number;
  /** Start stamp that the platform gave it. */
  readonly startStamp: string;
}

/** A unit of a project of a repository. */
export interface PortKey {
  /** Repository. */
  readonly scope: string;
  /** Project. */
  readonly project: string;
  /** Service slug or `dependency.resource`. */
  readonly unit: string;
}

/** Name of a dependency's resource where ports are meant. */
export function resourceUnit(id: string, resource: string): string {
  return `${id}.${resource}`;
}

/** One port that is kept for a unit. */
export interface PortEntry extends PortKey {
  /** Port. */
  readonly port: number;
  /** For whom. */
  readonly owner: PortOwner;
  /** Epoch milliseconds of the reservation. */
  readonly since: number;
}

/** The ports and slots of all repositories of a person. */
export interface PortLedger {
  /** Slots. */
  readonly slots: readonly Slot[];
  /** Ports. */
  readonly entries: readonly PortEntry[];
}

/** A ledger without anything. */
export const EMPTY_LEDGER: PortLedger = { slots: [], entries: [] };

/** Whether two name the same unit. */
export function isSameUnit(a: PortKey, b: PortKey): boolean {
  return a.scope === b.scope && a.project === b.project && a.unit === b.unit;
}

/** Whether a port is kept for this very process. */
export function isOwnedBy(
  { owner }: PortEntry,
  who: Pick<UnitIdentity, "pid" | "startStamp" | "bootId">,
): boolean {
  return owner.pid === who.pid && owner.startStamp === who.startStamp &&
    owner.bootId === who.bootId;
}

/** Whether the process of an entry is there; what cannot be known counts as so. */
export function isAlive(
  owner: PortOwner,
  here: Machine,
  seen: IdentityLook | undefined,
): boolean {
  switch (comparePlace(owner, here)) {
    case "earlier_boot":
      return false;
    case "other_host":
    case "other_namespace":
      return true;
    case "here":
      break;
    case "unknown":
      if (owner.host !== here.host) return true;
  }
  const verdict = compareIdentity(owner, seen);
  return verdict === "same" || verdict === "unknown";
}

/** The text of a ledger, in order of ports. */
export function formatLedger(ledger: PortLedger): string {
  return sealText(formatDocument({
    "schema": "port_ledger",
    "schema_version": LEDGER_VERSION,
    "slots": ledger.slots.map((slot) => ({ ...slot })),
    "entries": ledger.entries.toSorted((a, b) => a.port - b.port)
      .map(({ port, scope, project, unit, owner, since }) => ({
        port,
        scope,
        project,
        unit,
        "since": isoTime(since),
        "owner": {
          "kind": owner.kind,
          "pid": owner.pid,
          "start_stamp": owner.startStamp,
          "host": owner.host,
          "boot_id": owner.bootId ?? null,
          "pid_namespace": owner.pidNamespace ?? null,
        },
      })),
  }));
}

/** The ledger of a checked document. */
export function decodeLedger(document: LedgerDocument): PortLedger {
  return {
    slots: document.slots.map(({ scope, project, slot }) => ({
      scope,
      project,
      slot,
    })),
    entries: document.entries.map(({ owner, ...entry }) => ({
      port: entry.port,
      scope: entry.scope,
      project: entry.project,
      unit: entry.unit,
      since: Date.parse(entry.since),
      owner: {
        kind: owner.kind,
        pid: owner.pid,
        startStamp: owner.start_stamp,
        host: owner.host,
        bootId: owner.boot_id ?? undefined,
        pidNamespace: owner.pid_namespace ?? undefined,
      },
    })),
  };
}
