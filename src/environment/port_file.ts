/**
 * The file of the port ledger: read by anybody, changed under its lock.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Machine } from "../host/processes.ts";
import {
  type IdentityLook,
  lookAtIdentities,
} from "../process/identity_look.ts";
import { readSealed, type SealedForm } from "../state/sealed_document.ts";
import {
  environmentsDirectory,
  portLedgerPaths,
} from "../state/environment_paths.ts";
import { takeLock } from "../state/lock.ts";
import {
  decodeLedger,
  EMPTY_LEDGER,
  formatLedger,
  isAlive,
  LEDGER_VERSION,
  type PortLedger,
  type PortOwner,
} from "./port_entry.ts";
import type { LedgerDocument } from "./port_schema.ts";
import { requirePrivatePlace } from "./run_place.ts";

/** What the ledger needs of the world. */
export type LedgerHost = Pick<
  Host,
  "blocking" | "clock" | "env" | "files" | "network" | "processes" | "random"
>;

/** Where the ledger is. */
export interface LedgerRoot {
  /** State root. */
  readonly root: string;
}

/**
 * Changes the ledger under its lock; entries of who is gone leave it.
 *
 * @param options with `isFleeting` nobody waits for the disk: for what would
 * mean nothing any more after a loss of power.
 */
export async function changeLedger<T>(
  host: LedgerHost,
  paths: LedgerRoot,
  act: (
    ledger: PortLedger,
    me: PortOwner,
  ) => Promise<readonly [PortLedger, T]>,
  { isFleeting } = { isFleeting: false },
): Promise<T> {
  const { ledger: path, lock: lockPath } = portLedgerPaths(paths);
  const directory = environmentsDirectory(paths);
  await requirePrivatePlace(host, { root: paths.root, directory }, [path]);
  using _ = await takeLock(host, lockPath);
  const read = await readLedger(host, paths);
  if (read.problem !== undefined) setAside(host, path);
  const { here, table, me } = await lookAtOwners(host, read.ledger);
  const entries = read.ledger.entries.filter(({ owner }) =>
    isAlive(owner, here, table.get(owner.pid))
  );
  const [next, result] = await act({ ...read.ledger, entries }, me());
  const text = formatLedger(next);
  if (text !== formatLedger(read.ledger)) {
    await host.files.writeAtomic(path, text, { isDerived: isFleeting });
  }
  return result;
}

const FORM: SealedForm<LedgerDocument, PortLedger> = {
  version: LEDGER_VERSION,
  decode: decodeLedger,
  loadSchema: async () => (await import("./port_schema.ts")).ledgerSchema,
};

/** Reads the ledger; one that cannot be used counts as empty. */
export async function readLedger(
  host: LedgerHost,
  paths: LedgerRoot,
): Promise<
  { readonly ledger: PortLedger; readonly problem: string | undefined }
> {
  const { ledger: path } = portLedgerPaths(paths);
  const read = await readSealed(host, path, FORM);
  switch (read.kind) {
    case "found":
      return { ledger: read.value, problem: undefined };
    case "missing":
      return { ledger: EMPTY_LEDGER, problem: undefined };
    case "too_new":
      throw new KnownError(
        "newer_file",
        `Cannot use ${path}: it has version ${read.version}`,
        { hint: "It is from a newer reeve: upgrade this one." },
      );
    case "damaged":
    case "unreadable":
      return { ledger: EMPTY_LEDGER, problem: `${path}: ${read.reason}` };
  }
}

/** Ports that are in use are found by trying them; only slots may change. */
function setAside(host: LedgerHost, path: string): void {
  const name = `${path}.damaged-${host.random.hex(4)}`;
  host.blocking.rename(path, name);
}

/** Who there is now. */
export interface OwnerLook {
  /** This machine. */
  readonly here: Machine;
  /** The processes of a ledger, and our own. */
  readonly table: ReadonlyMap<number, IdentityLook>;
  /** This command as an owner. */
  readonly me: () => PortOwner;
}

/** Looks at the processes of a ledger. */
export async function lookAtOwners(
  host: LedgerHost,
  ledger: PortLedger,
): Promise<OwnerLook> {
  const { pid } = host.env;
  const pids = new Set([pid, ...ledger.entries.map(({ owner }) => owner.pid)]);
  const [here, table] = await Promise.all([
    host.processes.machine(),
    lookAtIdentities(host, [...pids]),
  ]);
  const me = (): PortOwner => {
    const seen = table.get(pid);
    if (seen?.kind === "found") {
      const { startStamp } = seen.facts;
      return { kind: "command", pid, startStamp, ...here };
    }
    throw new KnownError(
      "unusable",
      `Cannot reserve ports: our own process ${pid} cannot be looked at`,
      { hint: "Processes must be visible, as with /proc on Linux." },
    );
  };
  return { here, table, me };
}
