/**
 * The lines of the journal of intents: how each step is written, and what is
 * still open when all of them are read.
 *
 * @module
 */

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

/** An intent of which it is known what became of it. */
export interface SettledIntent {
  /** The intent. */
  readonly intentId: string;
  /** What became of it. */
  readonly outcome: IntentOutcome;
}

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
}

/** What one line says besides its time and its schema. */
export type IntentLine = Readonly<
  Record<string, string | number | null | readonly string[]>
>;

/** The line of something that is about to be started. */
export function encodeIntent(intent: Intent): IntentLine {
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

/** The line of the process that an intent has led to. */
export function encodeSpawned(
  { intentId, identity }: SpawnedIntent,
): IntentLine {
  return {
    "step": "spawned",
    "intent_id": intentId,
    "pid": identity.pid,
    "start_stamp": identity.startStamp,
    "boot_id": identity.bootId ?? null,
    "pid_namespace": identity.pidNamespace ?? null,
  };
}

/** The lines that settle intents, one for each outcome. */
export function encodeSettled(
  settled: readonly SettledIntent[],
): readonly IntentLine[] {
  const byOutcome = Map.groupBy(settled, ({ outcome }) => outcome);
  return [...byOutcome].map(([outcome, intents]) => ({
    "step": "settled",
    "intent_ids": intents.map(({ intentId }) => intentId),
    outcome,
  }));
}

/** One line as it is written, at a time in epoch milliseconds. */
export function formatLine(line: IntentLine, at: number): string {
  return JSON.stringify({
    "schema": "intent",
    "schema_version": 1,
    at,
    ...line,
  }) + "\n";
}

/** Reads the text of a journal. */
export function parseIntents(text: string): IntentRead {
  const open = new Map<string, UnresolvedIntent>();
  let damagedLines = 0;
  const lines = text.split("\n");
  const ends = settledIn(lines);
  for (const [at, line] of lines.entries()) {
    // Most are settled, and to parse those would take longer than the rest.
    const isOver = at < (ends.get(idIn(line)) ?? 0) && line.endsWith("}");
    if (line === "" || isOver) continue;
    const fields = parseLine(line);
    if (fields === undefined || !takeLine(open, fields)) damagedLines++;
  }
  return { unresolved: [...open.values()], damagedLines };
}

/** Number of the line that settles each intent. */
function settledIn(lines: readonly string[]): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  for (const [at, line] of lines.entries()) {
    if (!line.includes('"step":"settled"')) continue;
    const fields = parseLine(line);
    const ids = fields === undefined ? undefined : settledIds(fields);
    for (const id of ids ?? []) ends.set(id, at);
  }
  return ends;
}

/** The intent that a line is of, told without parsing it. */
function idIn(line: string): string {
  const key = '"intent_id":"';
  const at = line.indexOf(key);
  if (at === -1) return "";
  const start = at + key.length;
  return line.slice(start, line.indexOf('"', start));
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
  if (line.get("step") === "settled") {
    // What it settles was left out.
    return settledIds(line) !== undefined;
  }
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
    default:
      return false;
  }
}

function settledIds(line: Fields): readonly string[] | undefined {
  const ids = line.get("intent_ids");
  if (!Array.isArray(ids)) return undefined;
  return ids.every((id) => typeof id === "string") ? ids : undefined;
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
