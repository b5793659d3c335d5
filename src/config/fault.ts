/**
 * What is wrong with settings. A fault is never the same as a default: who
 * asks may something be done must look at the faults first.
 *
 * @module
 */

import { type ErrorCode, KnownError } from "../errors.ts";
import type { KeyName } from "./keys.ts";

/** What is wrong, in a word. */
export type FaultKind =
  | "bad_value"
  | "too_new"
  | "unparseable"
  | "unreadable"
  | "wrong_shape";

/** Something wrong with the settings. No byte of a value is in it. */
export interface Fault {
  /** What is wrong, in a word. */
  readonly kind: FaultKind;
  /** Where: `/x/config.json line 7`, `REEVE_SYNC_WS`. */
  readonly where: string;
  /** The file, if it is in one. */
  readonly file?: string | undefined;
  /** Its line, counted from one, where it is known. */
  readonly line?: number | undefined;
  /** The key, if it is about one alone. */
  readonly key?: KeyName | undefined;
  /** What failed, the place, and the facts. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}

/** A place in a file, in words. */
export function placeOf(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file} line ${line}`;
}

/** Describes something wrong with a file. */
export function faultOfFile(
  kind: FaultKind,
  file: string,
  reason: string,
  line?: number,
): Fault {
  const where = placeOf(file, line);
  return {
    kind,
    where,
    file,
    line,
    message: `Cannot use ${where}: ${reason}`,
    hint: HINTS[kind],
  };
}

const HINTS: Readonly<Record<FaultKind, string>> = {
  "bad_value": "Correct the line, or take it out to use the default.",
  "too_new": "It is from a newer reeve: upgrade this one, or move it away.",
  "unparseable": "Correct the file, or move it away to use the defaults.",
  "unreadable": "Make it a file that you can read, or move it away.",
  "wrong_shape": "Correct the file, or move it away to use the defaults.",
};

const CODES: Readonly<Record<FaultKind, ErrorCode>> = {
  "bad_value": "usage",
  "too_new": "newer_file",
  "unparseable": "damaged_file",
  "unreadable": "unreadable",
  "wrong_shape": "damaged_file",
};

/** The error of a command that cannot go on with a fault. */
export function faultError(
  { kind, message, hint }: Pick<Fault, "hint" | "kind" | "message">,
): KnownError {
  return new KnownError(CODES[kind], message, { hint });
}
