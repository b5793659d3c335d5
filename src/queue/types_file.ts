/**
 * Event types out of a file, for programs that are not written in TypeScript.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { readDocument, requireDocument } from "../state/document.ts";
import type { EventType } from "./registry.ts";

/**
 * Reads the types of a file.
 *
 * @throws {KnownError} `not_found`, `unreadable`, `damaged_file`, `newer_file`.
 */
export async function readEventTypes(
  host: Pick<Host, "files">,
  path: string,
): Promise<readonly EventType[]> {
  const load = async () => (await import("./types_schema.ts")).eventTypesSchema;
  const read = await readDocument(host, path, load);
  const hint = "See the event types in docs/guide/sync.md.";
  return requireDocument(read, path, hint).types.map((entry) => ({
    type: entry.type,
    version: entry.version ?? 1,
    aggregateType: entry.aggregate_type,
    class: entry.class ?? "fact",
    fields: entry.fields,
    allowsOthers: entry.allows_others ?? false,
    forbiddenKeys: entry.forbidden_keys ?? [],
    strip: entry.strip ?? [],
    freeText: entry.free_text ?? [],
    orderRole: entry.order_role ?? "none",
    ...(entry.coalesce_by === undefined
      ? {}
      : { coalesceBy: entry.coalesce_by }),
    ...(entry.max_bytes === undefined ? {} : { maxBytes: entry.max_bytes }),
  }));
}
