/**
 * Owner records: one 0600 file for each daemon, where its token is kept.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Machine } from "../host/processes.ts";
import { joinPath } from "../host/path.ts";
import {
  compareIdentity,
  comparePlace,
  type Place,
} from "../process/identity.ts";
import { type DocumentRead, readDocument } from "../state/document.ts";
import { ownerPath, type StatePaths } from "../state/paths.ts";
import { defined } from "./defined.ts";
import type { OwnerRecord } from "./schema.ts";

async function loadSchema() {
  return (await import("./schema.ts")).ownerRecordSchema;
}

/** Reads the record of the daemon on a port. */
export function readOwner(
  host: Pick<Host, "files">,
  paths: StatePaths,
  port: number,
): Promise<DocumentRead<OwnerRecord>> {
  return readDocument(host, ownerPath(paths, port), loadSchema);
}

/** One file in the directory of owner records. */
export interface OwnerFile {
  /** Its path. */
  readonly path: string;
  /** What reading it gave. */
  readonly read: DocumentRead<OwnerRecord>;
}

/** Reads the owner records of a state root, but those of some ports. */
export async function readOwners(
  host: Pick<Host, "files">,
  paths: StatePaths,
  without: ReadonlySet<number> = new Set(),
): Promise<readonly OwnerFile[]> {
  const names = await host.files.list(paths.owners).catch(() => []);
  const wanted = names.filter((name) => {
    const port = /^owner-(\d+)\.json$/.exec(name)?.[1];
    return port !== undefined && !without.has(Number(port));
  });
  return await Promise.all(
    wanted.map(async (name) => {
      const path = joinPath(paths.owners, name);
      return { path, read: await readDocument(host, path, loadSchema) };
    }),
  );
}

/** Writes the record of a daemon before it accepts its first connection. */
export function writeOwner(
  host: Pick<Host, "files">,
  paths: StatePaths,
  record: OwnerRecord,
): Promise<void> {
  return host.files.writeAtomic(
    ownerPath(paths, record.port),
    JSON.stringify(record, null, 2) + "\n",
  );
}

/** Whose record it is does not depend on the place. */
const NOWHERE: Machine = {
  host: "",
  bootId: undefined,
  pidNamespace: undefined,
};

/** Removes a daemon's record if the file still is that daemon's. */
export async function removeOwner(
  host: Pick<Host, "files">,
  paths: StatePaths,
  record: Pick<OwnerRecord, "pid" | "port" | "token">,
): Promise<"removed" | "not_ours"> {
  const path = ownerPath(paths, record.port);
  const found = await readCredential(host, path, NOWHERE);
  const isOurs = found?.pid === record.pid && found.token === record.token;
  if (!isOurs) return "not_ours";
  await host.files.remove(path);
  return "removed";
}

/** The few facts of a record that say whose credential it holds. */
export interface OwnerCredential {
  /** Process id. */
  readonly pid: number;
  /** Control token. Secret. */
  readonly token: string;
  /** Start stamp of the process. */
  readonly startStamp: string;
  /** Where the record was written, seen from here. */
  readonly place: Place;
}

/**
 * Reads only the credential of a record. A sweep and a daemon that ends do
 * this under time, and the whole check would cost them its loading.
 */
export async function readCredential(
  host: Pick<Host, "files">,
  path: string,
  here: Machine,
): Promise<OwnerCredential | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(await host.files.readText(path));
  } catch {
    // Gone, unreadable or damaged: in no case anybody's credential.
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const facts = new Map<string, unknown>(Object.entries(value));
  const text = (key: string) => {
    const found = facts.get(key);
    return typeof found === "string" ? found : undefined;
  };
  const [pid, token, startStamp] = [
    facts.get("pid"),
    text("token"),
    text("start_stamp"),
  ];
  if (facts.get("schema_version") !== 1 || typeof pid !== "number") {
    return undefined;
  }
  if (!token || startStamp === undefined) return undefined;
  const machine = {
    host: text("host"),
    bootId: text("boot_id"),
    pidNamespace: text("pid_namespace"),
  };
  return {
    pid,
    token,
    startStamp,
    place: comparePlace(defined(machine), here),
  };
}

/** Where a record was written, seen from this machine. */
export function placeOf(record: OwnerRecord, here: Machine): Place {
  return comparePlace(
    defined({
      host: record.host,
      bootId: record.boot_id ?? undefined,
      pidNamespace: record.pid_namespace ?? undefined,
    }),
    here,
  );
}

/** Removes the records of processes that are proved to be gone. */
export async function pruneOwners(
  host: Pick<Host, "files" | "processes">,
  paths: StatePaths,
  machine: Machine,
): Promise<void> {
  const files = await readOwners(host, paths);
  const records = files.flatMap(({ read }) =>
    read.kind === "found" ? [read.value] : []
  );
  if (records.length === 0) return;
  const seen = await host.processes.inspect(records.map(({ pid }) => pid));
  for (const record of records) {
    const place = placeOf(record, machine);
    const verdict = compareIdentity(
      { pid: record.pid, startStamp: record.start_stamp },
      seen.get(record.pid),
    );
    const isGone = place === "earlier_boot" ||
      place === "here" && (verdict === "gone" || verdict === "reused");
    if (isGone) await removeOwner(host, paths, record);
  }
}
