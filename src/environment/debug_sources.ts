/**
 * Reads what goes into a bundle. What is missing or damaged is told and keeps
 * nothing else back; of everything only a bounded part is read.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import { ARTIFACTS, latestPath, runPaths } from "../state/environment_paths.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../state/json_value.ts";
import { readEvents } from "./event_file.ts";
import type { EnvironmentPlace } from "./place.ts";
import { readRecorded } from "./recorder_file.ts";
import { readTail } from "./service_log.ts";

/** What {@linkcode readSources} needs of the world. */
export type SourcesHost = Pick<Host, "blocking" | "clock" | "files">;

/** A document of the state, as it was read. */
export interface SourceDocument {
  /** Name of its file. */
  readonly name: string;
  /** What it says, or its text where that is no JSON. */
  readonly content: JsonValue;
  /** Whether it is JSON. */
  readonly isWhole: boolean;
}

/** The end of a log. */
export interface SourceLog {
  /** Name of its file, without `.log`. */
  readonly name: string;
  /** Its last lines as they were written. */
  readonly lines: readonly string[];
}

/** What was read. */
export interface BundleSources {
  /** Documents of the run and the list of runs. */
  readonly documents: readonly SourceDocument[];
  /** Events, the oldest first. */
  readonly events: readonly JsonObject[];
  /** What the recorder has, the oldest first. */
  readonly recorded: readonly JsonObject[];
  /** Ends of logs. */
  readonly logs: readonly SourceLog[];
  /** Lines of events that could not be read. */
  readonly damagedLines: number;
  /** What is missing or damaged, as sentences. */
  readonly notes: readonly string[];
}

const DOCUMENT_BYTES = 4 * 1024 * 1024;
const EVENTS = 5000;
const LOG_LINES = 200;
const LOG_BYTES = 256 * 1024;
const LOG_FILES = 100;

/** Reads everything about a repository, or about one of its runs. */
export async function readSources(
  host: SourcesHost,
  place: EnvironmentPlace,
  runId: string | undefined,
): Promise<BundleSources> {
  const notes: string[] = [];
  const documents = await readDocuments(host, place, runId, notes);
  const shown = runId ?? runOf(documents);
  const { events, damagedLines } = guarded(
    notes,
    "the events",
    () => readEvents(host, place.paths),
    { events: [], damagedLines: 0 },
  );
  const wanted = events.filter(({ trace_id: trace }) =>
    runId === undefined || trace === runId || String(trace).startsWith("trace-")
  );
  if (wanted.length === 0) notes.push("No event is recorded.");
  return {
    documents,
    events: wanted.slice(-EVENTS),
    recorded: guarded(
      notes,
      "the recorder",
      () => readRecorded(host, place.paths),
      [],
    ),
    logs: shown === undefined ? [] : readLogs(host, place, shown, notes),
    damagedLines,
    notes,
  };
}

/** Id of the run that documents are about. */
export function runOf(
  documents: readonly SourceDocument[],
): string | undefined {
  const state = documents.find(({ name }) => name === "run_state");
  const content = state?.content;
  const id = isJsonObject(content) ? content["run_id"] : undefined;
  return typeof id === "string" && /^run-[\w-]+$/.test(id) ? id : undefined;
}

async function readDocuments(
  { files }: SourcesHost,
  { paths }: EnvironmentPlace,
  runId: string | undefined,
  notes: string[],
): Promise<readonly SourceDocument[]> {
  const directory = runId === undefined
    ? undefined
    : runPaths(paths, runId).directory;
  const wanted = [
    ...ARTIFACTS.map((name) => ({
      name,
      path: directory === undefined
        ? latestPath(paths, name)
        : joinPath(directory, `${name}.json`),
    })),
    { name: "index", path: paths.index },
    { name: "index_backup", path: paths.indexBackup },
  ];
  const missing: string[] = [];
  const read = await Promise.all(wanted.map(async ({ name, path }) => {
    try {
      return [parse(name, await files.readText(path, DOCUMENT_BYTES), notes)];
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      if (error.code === "not_found") missing.push(name);
      else notes.push(`Cannot read ${name}.json: ${words(error)}.`);
      return [];
    }
  }));
  if (missing.length > 0) notes.push(`Not there: ${missing.join(", ")}.`);
  return read.flat();
}

function words({ code }: HostError): string {
  return code.replaceAll("_", " ");
}

function parse(name: string, text: string, notes: string[]): SourceDocument {
  try {
    return { name, content: JSON.parse(text), isWhole: true };
  } catch {
    notes.push(`${name}.json is damaged; it is packed as text.`);
    return { name, content: text, isWhole: false };
  }
}

/** Only what is below the directory of the run, whatever records say. */
function readLogs(
  host: SourcesHost,
  { paths }: EnvironmentPlace,
  runId: string,
  notes: string[],
): readonly SourceLog[] {
  const { logs } = runPaths(paths, runId);
  const names = guarded(notes, "the logs", () => host.blocking.list(logs), [])
    .filter((name) => name.endsWith(".log"));
  if (names.length === 0) notes.push(`No log of ${runId} is there.`);
  return names.slice(0, LOG_FILES).map((name) => ({
    name: name.replace(/\.log$/, ""),
    lines: guarded(
      notes,
      name,
      () => readTail(host, joinPath(logs, name), LOG_LINES, LOG_BYTES).lines,
      [],
    ),
  }));
}

function guarded<T>(
  notes: string[],
  what: string,
  read: () => T,
  otherwise: T,
): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    notes.push(`Cannot read ${what}: ${words(error)}.`);
    return otherwise;
  }
}
