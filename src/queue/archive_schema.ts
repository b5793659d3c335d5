/**
 * The manifest of an archive: its shape and its check.
 *
 * @module
 */

import * as z from "zod/mini";

/** One file of an archive. */
export interface ArchivePart {
  /** Its name, beside the manifest. */
  readonly file: string;
  /** Events in it, one a line. */
  readonly count: number;
  /** Bytes of it. */
  readonly bytes: number;
  /** Hash of them. */
  readonly sha256: string;
}

/** What an archive holds, and how to tell that it still does. */
export interface ArchiveManifest {
  /** `event_archive`. */
  readonly schema: "event_archive";
  /** Version of this shape. */
  readonly "schema_version": number;
  /** Project of its events. */
  readonly "project_uuid": string;
  /** Installation that captured them. */
  readonly "node_id": string;
  /** When it was made, ISO 8601 UTC. */
  readonly "created_at": string;
  /** Events in all parts. */
  readonly count: number;
  /** How many of them were in which state. */
  readonly states: Readonly<Record<string, number>>;
  /** Place of the first event. */
  readonly "seq_from": number;
  /** Place of the last event. */
  readonly "seq_to": number;
  /** Its files in order. */
  readonly parts: readonly ArchivePart[];
  /** Hash of each line and all before it. */
  readonly chain: string;
  /** Hash of this manifest without this key. */
  readonly "manifest_sha256": string;
}

const number = z.int().check(z.gte(0));
const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/));
// Nothing outside of the archive's own directory may be read for it.
const file = z.string().check(z.regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/));

/** Checks a manifest. */
export const archiveManifestSchema: z.ZodMiniType<ArchiveManifest> = z
  .looseObject({
    schema: z.literal("event_archive"),
    "schema_version": z.literal(1),
    "project_uuid": z.string(),
    "node_id": z.string(),
    "created_at": z.string(),
    count: number,
    states: z.record(z.string(), number),
    "seq_from": number,
    "seq_to": number,
    parts: z.array(
      z.looseObject({ file, count: number, bytes: number, sha256: hash }),
    ),
    chain: hash,
    "manifest_sha256": hash,
  });
