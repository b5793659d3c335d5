/**
 * Lines of an archive and the chain of hashes that holds them together.
 *
 * @module
 */

import type { ArchiveManifest } from "./archive_schema.ts";
import { canonicalJson } from "./canonical_json.ts";
import type { JsonObject } from "../state/json_value.ts";
import { hashText } from "./envelope.ts";
import type { FullEventRow } from "./list_events.ts";

/** One event as an archive keeps it. */
export function formatArchiveLine(row: FullEventRow): string {
  const { is_live: _live, ...kept } = row;
  return canonicalJson(kept);
}

/** Where the chain of an archive begins. */
export function firstLink(
  manifest: Pick<ArchiveManifest, "project_uuid" | "created_at">,
): string {
  return hashText(`${manifest.project_uuid} ${manifest.created_at}`);
}

/** The chain with one more line. */
export function nextLink(link: string, line: string): string {
  return hashText(`${link} ${line}`);
}

/** Hash of a manifest without the key that holds it. */
export function hashManifest(
  manifest: Omit<ArchiveManifest, "manifest_sha256">,
): string {
  const plain: JsonObject = JSON.parse(JSON.stringify(manifest));
  return hashText(canonicalJson({ ...plain, "manifest_sha256": undefined }));
}

/** What must be known of a line to trust it. */
export interface ArchiveLine {
  readonly seq: number;
  readonly state: string;
  readonly "event_id": string;
  readonly sha256: string;
}

/** Reads a line, or tells what is wrong with it; pure. */
export function readArchiveLine(line: string): ArchiveLine | string {
  let value: Partial<Record<string, unknown>> | null;
  try {
    value = JSON.parse(line);
  } catch {
    return "it is not JSON";
  }
  const { seq, state, event_id: eventId, sha256, body } = value ?? {};
  if (
    typeof seq !== "number" || typeof state !== "string" ||
    typeof eventId !== "string" || typeof sha256 !== "string"
  ) return "a key is missing";
  if (typeof body === "string" && hashText(body) !== sha256) {
    return "its body has another hash";
  }
  return { seq, state, "event_id": eventId, sha256 };
}
