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

/** Removes a daemon's record if the file still is that daemon's. */
export async function removeOwner(
  host: Pick<Host, "files">,
  paths: StatePaths,
  record: Pick<OwnerRecord, "pid" | "port" | "token">,
): Promise<"removed" | "not_ours"> {
  const path = ownerPath(paths, record.port);
  if (!await isRecordOf(host, path, record)) return "not_ours";
  await host.files.remove(path);
  return "removed";
}

/** Two facts settle it: a daemon that ends need not load the whole check. */
async function isRecordOf(
  host: Pick<Host, "files">,
  path: string,
  record: Pick<OwnerRecord, "pid" | "token">,
): Promise<boolean> {
  try {
    const value: unknown = JSON.parse(await host.files.readText(path));
    return typeof value === "object" && value !== null &&
      "pid" in value && value.pid === record.pid &&
      "token" in value && value.token === record.token;
  } catch {
    // Gone, unreadable or damaged: in no case known to be ours.
    return false;
  }
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
