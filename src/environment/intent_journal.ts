/**
 * What was about to be started, written down before it is: a command that ends
 * without warning leaves nothing behind that the next one cannot find.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import type { EnvironmentPaths } from "../state/environment_paths.ts";
import type { Lease } from "./lifecycle_lease.ts";
import type { UnitIdentity } from "./model.ts";

/** Something that is about to be started. */
export interface Intent {
  /** Random words that no other intent has. */
  readonly intentId: string;
  /** Run. */
  readonly runId: string;
  /** Project. */
  readonly project: string;
  /** Service slug or dependency id. */
  readonly unit: string;
  /** Port that it is given, if any. */
  readonly port: number | undefined;
  /** Marker in its environment. */
  readonly marker: string;
  /** Hash of its argument vector. */
  readonly argvHash: string;
}

/** The process that an intent has led to. */
export interface SpawnedIntent {
  /** The intent. */
  readonly intentId: string;
  /** Its process; the marker is that of the intent. */
  readonly identity: Omit<UnitIdentity, "marker">;
}

/** What became of an intent: its unit is in a saved state, or there is none. */
export type IntentOutcome = "gone" | "not_started" | "saved";

/** An intent of which nobody knows what became of it. */
export interface UnresolvedIntent {
  /** The intent. */
  readonly intent: Intent;
  /** Epoch milliseconds at which it was written down. */
  readonly at: number;
  /** Its process, if the command lived long enough to write that down. */
  readonly identity: UnitIdentity | undefined;
}

/** What a journal holds. */
export interface IntentRead {
  /** Intents that are not settled, the oldest first. */
  readonly unresolved: readonly UnresolvedIntent[];
  /** Lines that are torn or damaged. */
  readonly damagedLines: number;
  /** Size in bytes. */
  readonly size: number;
}

/** A journal that is larger is shortened. */
export const COMPACT_BYTES = 64 * 1024;
const READ_LIMIT_BYTES = 64 * 1024 * 1024;

type JournalHost = Pick<Host, "clock" | "files">;
type Line = Readonly<Record<string, string | number | null>>;

/** Writes down what will be started, before it is. */
export function intend(
  host: JournalHost,
  paths: EnvironmentPaths,
  intents: readonly Intent[],
): Promise<void> {
  return append(host, paths, intents.map((intent) => encodeIntent(intent)));
}

/** Writes down which processes intents have led to, at once after the spawn. */
export function noteSpawned(
  host: JournalHost,
  paths: EnvironmentPaths,
  spawned: readonly SpawnedIntent[],
): Promise<void> {
  return append(host, paths, spawned.map(encodeSpawned));
}

/** Writes down that it is known what became of intents. */
export function settleIntents(
  host: JournalHost,
  paths: EnvironmentPaths,
  settled: readonly {
    readonly intentId: string;
    readonly outcome: IntentOutcome;
  }[],
): Promise<void> {
  return append(
    host,
    paths,
    settled.map(({ intentId, outcome }) => ({
      "step": "settled",
      "intent_id": intentId,
      "outcome": outcome,
    })),
  );
}

/** Reads the journal; a missing one is empty. */
export async function readIntents(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
): Promise<IntentRead> {
  return parseIntents(await readText(host, paths));
}

/**
 * Shortens a large journal to what is not settled. Only whoever holds the
 * lease may do it, as nobody else appends then.
 */
export async function compactIntents(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
  _lease: Lease,
): Promise<"compacted" | "small"> {
  const facts = await host.files.stat(paths.intents);
  if ((facts?.size ?? 0) <= COMPACT_BYTES) return "small";
  const { unresolved } = parseIntents(await readText(host, paths));
  const lines = unresolved.flatMap(({ intent, identity, at }) => [
    format(encodeIntent(intent), at),
    ...identity === undefined
      ? []
      : [format(encodeSpawned({ intentId: intent.intentId, identity }), at)],
  ]);
  await host.files.writeAtomic(paths.intents, lines.join(""));
  return "compacted";
}

async function append(
  host: JournalHost,
  paths: EnvironmentPaths,
  lines: readonly Line[],
): Promise<void> {
  if (lines.length === 0) return;
  const now = host.clock.now();
  // A torn line of a command that was killed must not swallow the next one.
  const text = "\n" + lines.map((line) => format(line, now)).join("");
  // What was started ends with the machine, so nothing has to outlive it.
  await host.files.append(paths.intents, text, { isFleeting: true });
}

function format(line: Line, at: number): string {
  return JSON.stringify({
    "schema": "intent",
    "schema_version": 1,
    at,
    ...line,
  }) + "\n";
}

async function readText(
  host: Pick<Host, "files">,
  { intents }: EnvironmentPaths,
): Promise<string> {
  try {
    return await host.files.readText(intents, READ_LIMIT_BYTES);
  } catch (error) {
    if (error instanceof HostError && error.code === "not_found") return "";
    throw error;
  }
}

function encodeIntent(intent: Intent): Line {
  return {
    "step": "intended",
    "intent_id": intent.intentId,
    "run": intent.runId,
    "project": intent.project,
    "unit": intent.unit,
    "port": intent.port ?? null,
    "marker": intent.marker,
    "argv_hash": intent.argvHash,
  };
}

function encodeSpawned({ intentId, identity }: SpawnedIntent): Line {
  return {
    "step": "spawned",
    "intent_id": intentId,
    "pid": identity.pid,
    "start_stamp": identity.startStamp,
    "boot_id": identity.bootId ?? null,
    "pid_namespace": identity.pidNamespace ?? null,
  };
}

/** A whole line that settles an intent. */
const SETTLED =
  /^\{"schema":"intent","schema_version":1,"at":\d+,"step":"settled","intent_id":"(\w+)","outcome":"\w+"\}$/gm;

/** Reads the text of a journal. */
export function parseIntents(text: string): IntentRead {
  const open = new Map<string, UnresolvedIntent>();
  let damagedLines = 0;
  // Most are settled; parsing what comes before that takes longer than the rest.
  const ends = new Map(
    [...text.matchAll(SETTLED)].map(({ 1: id = "", index }) => [id, index]),
  );
  let at = 0;
  for (const line of text.split("\n")) {
    const [, id = ""] = /"intent_id":"(\w+)"/.exec(line) ?? [];
    const isOver = at < (ends.get(id) ?? 0) && line.endsWith("}");
    at += line.length + 1;
    if (line === "" || isOver) continue;
    const fields = parseLine(line);
    if (fields === undefined || !takeLine(open, fields)) damagedLines++;
  }
  const size = new TextEncoder().encode(text).length;
  return { unresolved: [...open.values()], damagedLines, size };
}

type Fields = ReadonlyMap<string, unknown>;

function parseLine(line: string): Fields | undefined {
  // A refusal of JSON costs so much that a large file of another kind would
  // keep a person waiting for a minute.
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return undefined;
    const fields = new Map<string, unknown>(Object.entries(value));
    return fields.get("schema_version") === 1 ? fields : undefined;
  } catch {
    return undefined;
  }
}

/** Brings one line in; `false` when it cannot be understood. */
function takeLine(open: Map<string, UnresolvedIntent>, line: Fields): boolean {
  const intentId = textOf(line, "intent_id");
  if (intentId === undefined) return false;
  const before = open.get(intentId);
  switch (line.get("step")) {
    case "intended": {
      const intent = decodeIntent(intentId, line);
      const at = line.get("at");
      if (intent === undefined || typeof at !== "number") return false;
      open.set(intentId, { intent, at, identity: undefined });
      return true;
    }
    case "spawned": {
      const identity = decodeIdentity(line, before?.intent.marker ?? "");
      if (identity === undefined) return false;
      if (before !== undefined) open.set(intentId, { ...before, identity });
      return before !== undefined;
    }
    case "settled":
      open.delete(intentId);
      return true;
    default:
      return false;
  }
}

function decodeIntent(intentId: string, line: Fields): Intent | undefined {
  const [runId, project, unit, marker, argvHash] = [
    textOf(line, "run"),
    textOf(line, "project"),
    textOf(line, "unit"),
    textOf(line, "marker"),
    textOf(line, "argv_hash"),
  ];
  const port = line.get("port") ?? undefined;
  if (port !== undefined && typeof port !== "number") return undefined;
  if (runId === undefined || project === undefined || unit === undefined) {
    return undefined;
  }
  if (marker === undefined || argvHash === undefined) return undefined;
  return { intentId, runId, project, unit, port, marker, argvHash };
}

function decodeIdentity(
  line: Fields,
  marker: string,
): UnitIdentity | undefined {
  const pid = line.get("pid");
  const startStamp = textOf(line, "start_stamp");
  const isPid = typeof pid === "number" && Number.isInteger(pid) && pid > 1;
  if (!isPid || startStamp === undefined) return undefined;
  return {
    pid,
    startStamp,
    bootId: textOf(line, "boot_id"),
    pidNamespace: textOf(line, "pid_namespace"),
    marker,
  };
}

function textOf(line: Fields, key: string): string | undefined {
  const value = line.get(key);
  return typeof value === "string" ? value : undefined;
}
