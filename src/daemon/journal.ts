/**
 * The append-only journal of every signal and shutdown request: one JSON line
 * before the step and one after it, so that a crash in between shows too.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { openStepJournal, type StepEntry } from "../process/step_journal.ts";
import type { Target } from "./target.ts";

/** Steps that are written down. */
export type JournalStep = "http_shutdown" | "terminate" | "kill";

/** What a line says of the process that a step was aimed at. */
export interface JournalTarget {
  /** Process id. */
  readonly "pid": number;
  /** Port. */
  readonly "port": number;
  /** Start stamp that the platform gave it. */
  readonly "start_stamp": string;
  /** `reeve` or `spec-kitty`. */
  readonly "product": string;
  /** Name of its family. */
  readonly "daemon_family": string;
  /** Its scope, when it has one. */
  readonly "singleton_scope_id": string | null;
}

/** One line of the journal. */
export type JournalEntry = StepEntry<JournalTarget, JournalStep>;

/** Writes down the steps of one command. */
export interface Journal {
  /** Runs a step between its two lines and passes its outcome on. */
  step(
    target: Target,
    step: JournalStep,
    reason: string,
    run: () => Promise<string>,
  ): Promise<string>;
  /** Why lines could not be written, if that happened. */
  readonly problem: string | undefined;
}

/** Opens the journal of a state root for one command. */
export function openJournal(
  host: Pick<Host, "clock" | "files" | "random" | "env">,
  path: string,
  command: string,
): Journal {
  const journal = openStepJournal<JournalTarget, JournalStep>(
    host,
    path,
    command,
  );
  return {
    get problem() {
      return journal.problem;
    },
    step: (target, step, reason, run) =>
      journal.run({ target: describe(target), step, reason }, run),
  };
}

function describe(target: Target): JournalTarget {
  return {
    "pid": target.pid,
    "port": target.port,
    "start_stamp": target.startStamp,
    "product": target.family.product,
    "daemon_family": target.family.name,
    "singleton_scope_id": target.scope ?? null,
  };
}

/** Lines of a journal, oldest first, and how many could not be read. */
export interface JournalRead {
  /** Readable lines. */
  readonly entries: readonly JournalEntry[];
  /** Lines that are damaged, for example by a crash while writing. */
  readonly damagedLines: number;
}

/** Reads a journal; a missing one is empty. */
export async function readJournal(
  host: Pick<Host, "files">,
  path: string,
): Promise<JournalRead> {
  const text = await readText(host, path);
  const lines = text.split("\n").filter((line) => line !== "");
  const entries = lines.map(parseLine);
  return {
    entries: entries.filter((entry) => entry !== undefined),
    damagedLines: entries.filter((entry) => entry === undefined).length,
  };
}

const JOURNAL_LIMIT_BYTES = 256 * 1024 * 1024;

async function readText(
  host: Pick<Host, "files">,
  path: string,
): Promise<string> {
  try {
    return await host.files.readText(path, JOURNAL_LIMIT_BYTES);
  } catch (error) {
    if (error instanceof HostError && error.code === "not_found") return "";
    throw error;
  }
}

function parseLine(line: string): JournalEntry | undefined {
  // A refusal of JSON costs so much that a large file of another kind would
  // keep a person waiting for a minute.
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Checks what is shown of a line; only we write them. */
function isEntry(value: unknown): value is JournalEntry {
  return typeof value === "object" && value !== null &&
    "schema_version" in value && value.schema_version === 1 &&
    hasText(value, "id") && hasText(value, "at") && hasText(value, "step") &&
    hasText(value, "phase") && hasText(value, "reason") &&
    "target" in value && hasNumber(value.target, "pid") &&
    hasNumber(value.target, "port") &&
    "asked_by" in value && hasText(value.asked_by, "command");
}

function hasText(value: unknown, key: string): boolean {
  return typeOf(value, key) === "string";
}

function hasNumber(value: unknown, key: string): boolean {
  return typeOf(value, key) === "number";
}

function typeOf(value: unknown, key: string): string {
  if (typeof value !== "object" || value === null) return "nothing";
  return typeof Object.entries(value).find(([name]) => name === key)?.[1];
}
