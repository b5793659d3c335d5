/**
 * Why a file of jobs cannot be used, in words for people and for programs.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { HostError, type HostErrorCode } from "../../host/host.ts";
import { type NotReadyCode, QueueNotReadyError } from "../readiness.ts";

/** Why a file of jobs cannot be used. */
export interface StoreProblem {
  /** Why, for programs. */
  readonly code: NotReadyCode;
  /** What was asked when it failed. */
  readonly check: string;
  /** The answer in a sentence. */
  readonly detail: string;
  /** What to do. */
  readonly hint: string;
}

/** Less free room than this keeps new jobs out, in bytes. */
export const MIN_FREE_BYTES: number = 16 * 1024 * 1024;
/** Less free room than this is worth a warning, in bytes. */
export const WARN_FREE_BYTES: number = 512 * 1024 * 1024;

const MIB = 1024 * 1024;

interface Refusal {
  readonly code: NotReadyCode;
  readonly known: "damaged_file" | "lock_busy" | "unusable";
  readonly what: string;
  readonly hint: string;
}

const READ_ONLY: Refusal = {
  code: "QUEUE_STORE_READONLY",
  known: "unusable",
  what: "it cannot be written",
  hint: "Make the file and its directory writable for you, or set REEVE_HOME " +
    "to a directory that is.",
};

const UNUSABLE: Refusal = {
  code: "QUEUE_STORE_UNUSABLE",
  known: "unusable",
  what: "the disk or the file system refuses it",
  hint: "Look at the disk and the path; the jobs in the file are untouched.",
};

const REFUSALS: Partial<Record<HostErrorCode, Refusal>> = {
  busy: {
    code: "QUEUE_STORE_LOCKED",
    known: "lock_busy",
    what: "another process holds it",
    hint: "Try again; if it stays so, end the process that holds the file.",
  },
  damaged: {
    code: "QUEUE_STORE_CORRUPT",
    known: "damaged_file",
    what: "it is damaged, or no file of jobs",
    hint: "Move the file away and keep it: a new one is made at the next " +
      "start, and a copy from a backup can be put in its place.",
  },
  ["no_space"]: {
    code: "QUEUE_DISK_LOW",
    known: "unusable",
    what: "the disk is full",
    hint: "Free some room on the disk; nothing that was taken is lost.",
  },
  ["permission_denied"]: READ_ONLY,
  ["read_only"]: READ_ONLY,
};

function refusalOf({ code }: HostError): Refusal {
  return REFUSALS[code] ?? UNUSABLE;
}

/** The problem behind a refusal by the machine. */
export function problemOf(
  error: HostError,
  path: string,
  check: string,
): StoreProblem {
  const { code, what, hint } = refusalOf(error);
  return { code, check, detail: `Cannot use ${path}: ${what}`, hint };
}

/** A file of a later Reeve. */
export function newerProblem(path: string, version: number): StoreProblem {
  return {
    code: "QUEUE_STORE_NEWER",
    check: "schema",
    detail: `Cannot use ${path}: a newer Reeve has made it (schema ${version})`,
    hint: "Use that version of Reeve; nothing was changed.",
  };
}

/** A file that holds something else, or another tenant's jobs. */
export function foreignProblem(path: string, what: string): StoreProblem {
  return {
    code: "QUEUE_STORE_CORRUPT",
    check: "schema",
    detail: `Cannot use ${path}: ${what}`,
    hint: "Move the file away and keep it: a new one is made at the next " +
      "start. Nothing in it was changed.",
  };
}

/** A directory on another machine. */
export function remoteProblem(directory: string): StoreProblem {
  return {
    code: "QUEUE_STORE_REMOTE",
    check: "local file system",
    detail: `Cannot use ${directory}: it is on a network file system`,
    hint:
      "Set REEVE_HOME to a directory on a local disk, or use Redis, which " +
      "several machines can share.",
  };
}

/** A disk with too little room. */
export function lowProblem(directory: string, free: number): StoreProblem {
  return {
    code: "QUEUE_DISK_LOW",
    check: "disk",
    detail: `Only ${Math.floor(free / MIB)} MiB are free at ${directory}`,
    hint: "Free some room on the disk; no job is taken until there is some.",
  };
}

/** Jobs that have gone elsewhere. */
export function movedProblem(path: string, place: string): StoreProblem {
  return {
    code: "QUEUE_MOVED",
    check: "moved",
    detail: `The jobs of ${path} have moved to ${place}`,
    hint: `Use ${place}, or open this queue again by moving the jobs back.`,
  };
}

/** A problem as the error that starting and using throw. */
export function notReady(
  problem: StoreProblem,
  path: string,
  cause?: unknown,
): QueueNotReadyError {
  const { code: reason, check, detail, hint } = problem;
  return new QueueNotReadyError(
    detail,
    { reason, backend: "sqlite", endpoint: path, check },
    { hint, cause },
  );
}

/** What the machine refused while the queue was used, for whoever used it. */
export function explain(error: unknown, path: string): unknown {
  if (!(error instanceof HostError)) return error;
  const { known, what, hint } = refusalOf(error);
  return new KnownError(known, `Cannot use the job queue ${path}: ${what}`, {
    hint,
    cause: error,
  });
}
