/**
 * The append-only journal of every signal and shutdown request: one JSON line
 * before the step and one after it, so that a crash in between shows too.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import type { Target } from "./target.ts";

/** Steps that are written down. */
export type JournalStep = "http_shutdown" | "terminate" | "kill";

/** One line of the journal. */
export interface JournalEntry {
  /** Shape of the line. */
  readonly "schema_version": number;
  /** Joins the line before a step with the one after it. */
  readonly "id": string;
  /** ISO 8601 UTC. */
  readonly "at": string;
  /** `requested` before the step, `done` after it. */
  readonly "phase": "requested" | "done";
  /** Which step. */
  readonly "step": JournalStep;
  /** The command that asked, with its process id. */
  readonly "asked_by": { readonly "command": string; readonly "pid": number };
  /** The process it was aimed at. */
  readonly "target": {
    readonly "pid": number;
    readonly "port": number;
    readonly "start_stamp": string;
    readonly "product": string;
    readonly "daemon_family": string;
    readonly "singleton_scope_id": string | null;
  };
  /** Why it was allowed, in one sentence. */
  readonly "reason": string;
  /** What became of it; `null` before the step. */
  readonly "outcome": string | null;
  /** How long the step took; `null` before it. */
  readonly "duration_ms": number | null;
}

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
  let problem: string | undefined;
  const append = openAppender(async (text) => {
    try {
      await host.files.append(path, text);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      // Nobody could clean a full disk if its fullness forbade cleaning.
      problem = error.message;
    }
  });
  const write = (entry: JournalEntry) => append(JSON.stringify(entry) + "\n");
  return {
    get problem() {
      return problem;
    },
    async step(target, step, reason, run) {
      const id = host.random.hex(8);
      const start = host.clock.elapsed();
      const line = (outcome: string | null): JournalEntry => ({
        "schema_version": 1,
        id,
        "at": new Date(host.clock.now()).toISOString(),
        "phase": outcome === null ? "requested" : "done",
        step,
        "asked_by": { command, "pid": host.env.pid },
        "target": describe(target),
        reason,
        outcome,
        "duration_ms": outcome === null
          ? null
          : Math.round((host.clock.elapsed() - start) * 10) / 10,
      });
      await write(line(null));
      const outcome = await run();
      await write(line(outcome));
      return outcome;
    },
  };
}

/**
 * Joins lines that come while others are being written: a disk flushes many
 * lines as fast as one, and a sweep writes for all its daemons at once.
 */
function openAppender(
  write: (text: string) => Promise<void>,
): (line: string) => Promise<void> {
  let waiting = "";
  let next: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();
  return (line) => {
    waiting += line;
    next ??= current.then(() => {
      const text = waiting;
      waiting = "";
      next = undefined;
      current = write(text);
      return current;
    });
    return next;
  };
}

function describe(target: Target): JournalEntry["target"] {
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
