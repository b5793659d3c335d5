/**
 * A snapshot of all facts of a scan, without secrets: a bug report that can be
 * judged again by any version of the decision table.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { readDocument, requireDocument } from "../state/document.ts";
import type { Candidate, Viewpoint } from "./candidate.ts";
import type { Scan } from "./scan.ts";

/** The snapshot file. */
export interface Snapshot {
  /** Name of this document. */
  readonly "schema": "daemon_snapshot";
  /** Version of this document. */
  readonly "schema_version": 1;
  /** ISO 8601 UTC. */
  readonly "recorded_at": string;
  /** Version that recorded it. */
  readonly "package_version": string;
  /** From where the candidates are judged. */
  readonly "viewpoint": Viewpoint;
  /** Every listener in the range. */
  readonly "candidates": readonly Candidate[];
}

/** What a snapshot leaves out, beyond the secrets that no fact holds. */
export interface SnapshotRedaction {
  /** Home directory, shown as `~`. */
  readonly home: string | undefined;
  /** Host name, shown as `<host>`. */
  readonly host: string;
}

/** Makes the snapshot of a scan. Equal texts stay equal. */
export function toSnapshot(
  found: Scan,
  version: string,
  redaction: SnapshotRedaction,
): Snapshot {
  return {
    "schema": "daemon_snapshot",
    "schema_version": 1,
    "recorded_at": new Date(found.viewpoint.takenAt).toISOString(),
    "package_version": version,
    "viewpoint": redact(found.viewpoint, redaction),
    "candidates": found.candidates.map((row) => redact(row, redaction)),
  };
}

/** Keys whose values are words of ours, whatever the machine is called. */
const WORDS: ReadonlySet<string> = new Set([
  "family",
  "ownerBlock",
  "product",
  "shape",
]);

/** Redacts every text in plain data, which keeps its shape. */
function redact<T>(value: T, { home, host }: SnapshotRedaction): T {
  const hide = (text: string) => {
    const homeless = home === undefined || home.length < 2
      ? text
      : text.replaceAll(home, "~");
    return host.length < 3 ? homeless : homeless.replaceAll(host, "<host>");
  };
  return JSON.parse(
    JSON.stringify(
      value,
      (key, inner: unknown) =>
        typeof inner === "string" && !WORDS.has(key) ? hide(inner) : inner,
    ),
  );
}

async function loadSchema() {
  return (await import("./snapshot_schema.ts")).snapshotSchema;
}

/**
 * Reads a snapshot file.
 *
 * @throws {KnownError} `not_found`, `unreadable`, `damaged_file`, `newer_file`.
 */
export async function readSnapshot(
  host: Pick<Host, "files">,
  path: string,
): Promise<Snapshot> {
  const read = await readDocument(host, path, loadSchema);
  return requireDocument(
    read,
    path,
    "Record one with: reeve auth doctor --record FILE",
  );
}
