/**
 * What it means for a start or a stop that the machine refuses something, such
 * as a full disk: what happened, and what a person can do.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { HostError, type HostErrorCode } from "../host/host.ts";

const HINTS: Partial<Record<HostErrorCode, string>> = {
  "no_space": "Free some space, then try again.",
  "not_a_directory": "A part of the path is a file: move it away.",
  "read_only": "Make it writable, or set REEVE_HOME to a place that is.",
  "too_many_files": "Raise the limit of open files, such as with " +
    "ulimit -n 4096, then try again.",
};

/** A refusal as an error that tells what to do. */
export function explainHostError(error: HostError): KnownError {
  const { code, subject } = error;
  const hint = code === "permission_denied"
    ? `Check who owns it: ls -ld ${subject}`
    : HINTS[code] ?? "See: reeve doctor";
  return new KnownError(
    "unusable",
    `Cannot use ${subject}: ${code.replaceAll("_", " ")}`,
    { hint, cause: error },
  );
}

/** Whatever was thrown, a refusal of the machine explained. */
export function explained(error: unknown): unknown {
  return error instanceof HostError ? explainHostError(error) : error;
}

/** Does something, and explains what the machine refuses it. */
export async function explaining<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw explained(error);
  }
}
