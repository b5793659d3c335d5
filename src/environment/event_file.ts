/**
 * Events of a repository's environments: each is on disk as soon as it has
 * happened, so that nothing is lost with the command that saw it. A file that
 * has become too large is put aside, in the place of the one before it.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { EnvironmentPaths } from "../state/environment_paths.ts";
import type { JsonObject } from "../state/json_value.ts";
import { isoTime } from "./document_codec.ts";

/** Version of a line. */
export const EVENT_VERSION = 1;
/** Size from which the file is put aside, in bytes. */
export const EVENT_FILE_BYTES = 8 * 1024 * 1024;

/** Something that happened. */
export interface RuntimeEvent {
  /** Its name, such as `service.start`. */
  readonly name: string;
  /** What it belongs to: the id of a run, where there is one. */
  readonly trace: string;
  /** More about it. Nothing secret. */
  readonly fields?: JsonObject;
}

/** The file that was put aside last. */
export function olderEventsPath(
  { events }: Pick<EnvironmentPaths, "events">,
): string {
  return `${events}.1`;
}

/**
 * Writes events behind the others; several at once cost as much as one. Only
 * whoever changes the environment does so, one at a time.
 *
 * @param maxBytes size from which the file is put aside before.
 */
export async function appendEvents(
  host: Pick<Host, "blocking" | "clock" | "files">,
  paths: Pick<EnvironmentPaths, "events">,
  events: readonly RuntimeEvent[],
  maxBytes: number = EVENT_FILE_BYTES,
): Promise<void> {
  if (events.length === 0) return;
  const size = host.blocking.stat(paths.events)?.size ?? 0;
  if (size >= maxBytes) {
    host.blocking.rename(paths.events, olderEventsPath(paths));
  }
  const timestamp = isoTime(host.clock.now());
  const lines = events.map(({ name, trace, fields }) =>
    JSON.stringify({
      ...fields,
      "schema": "runtime_event",
      "schema_version": EVENT_VERSION,
      "event": name,
      timestamp,
      "trace_id": trace,
    })
  );
  // A torn line of a command that was killed must not swallow the next one.
  await host.files.append(paths.events, `\n${lines.join("\n")}\n`, {
    isFleeting: true,
  });
}

/** What the file holds. */
export interface EventsRead {
  /** Its events as they were written, the oldest first. */
  readonly events: readonly JsonObject[];
  /** Lines that are torn or damaged. */
  readonly damagedLines: number;
}

/**
 * Reads every event, those of the older file first; a missing file has none.
 * Of a file that is larger than it may be, only the end is read.
 */
export function readEvents(
  { blocking }: Pick<Host, "blocking">,
  paths: Pick<EnvironmentPaths, "events">,
): EventsRead {
  const lines = [olderEventsPath(paths), paths.events].flatMap((path) =>
    readEnd(blocking, path).split("\n").filter((line) => line !== "")
  );
  const events = lines.map(parseLine).filter((event) => event !== undefined);
  return { events, damagedLines: lines.length - events.length };
}

const READ_BYTES = 2 * EVENT_FILE_BYTES;

function readEnd(blocking: Host["blocking"], path: string): string {
  const size = blocking.stat(path)?.size ?? 0;
  if (size === 0) return "";
  const from = Math.max(0, size - READ_BYTES);
  const text = new TextDecoder().decode(
    blocking.readSlice(path, from, size - from),
  );
  // What stands before the first end of a line is the rest of one.
  return from === 0 ? text : text.slice(text.indexOf("\n") + 1);
}

function parseLine(line: string): JsonObject | undefined {
  // A refusal of JSON costs so much that a large file of another kind would
  // keep a person waiting for a minute.
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null &&
    "schema_version" in value && value.schema_version === EVENT_VERSION &&
    "event" in value && typeof value.event === "string";
}
