/**
 * Events of a repository's environments: each is on disk as soon as it has
 * happened, so that nothing is lost with the command that saw it.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import type { EnvironmentPaths } from "../state/environment_paths.ts";
import type { JsonObject } from "../state/json_value.ts";
import { isoTime } from "./document_codec.ts";

/** Version of a line. */
export const EVENT_VERSION = 1;
/** How much of the end of the file is read. */
export const EVENT_READ_BYTES = 64 * 1024 * 1024;

/** Something that happened. */
export interface RuntimeEvent {
  /** Its name, such as `service.start`. */
  readonly name: string;
  /** What it belongs to: the id of a run, where there is one. */
  readonly trace: string;
  /** More about it. Nothing secret. */
  readonly fields?: JsonObject;
}

/** Writes events behind the others; several at once cost as much as one. */
export async function appendEvents(
  host: Pick<Host, "clock" | "files">,
  paths: Pick<EnvironmentPaths, "events">,
  events: readonly RuntimeEvent[],
): Promise<void> {
  if (events.length === 0) return;
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
  await host.files.append(paths.events, `\n${lines.join("\n")}\n`);
}

/** What the file holds. */
export interface EventsRead {
  /** Its events as they were written, the oldest first. */
  readonly events: readonly JsonObject[];
  /** Lines that are torn or damaged. */
  readonly damagedLines: number;
}

/** Reads every event; a missing file has none. */
export async function readEvents(
  host: Pick<Host, "files">,
  paths: Pick<EnvironmentPaths, "events">,
): Promise<EventsRead> {
  const text = await readText(host, paths.events);
  const lines = text.split("\n").filter((line) => line !== "");
  const events = lines.map(parseLine).filter((event) => event !== undefined);
  return { events, damagedLines: lines.length - events.length };
}

async function readText(
  host: Pick<Host, "files">,
  path: string,
): Promise<string> {
  try {
    return await host.files.readText(path, EVENT_READ_BYTES);
  } catch (error) {
    if (error instanceof HostError && error.code === "not_found") return "";
    throw error;
  }
}

function parseLine(line: string): JsonObject | undefined {
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
