/**
 * Errors as a person or a program reads them: what happened, and what to do.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import { exitCodeFor } from "./exit_code.ts";
import { explainMissingPackage } from "./package_error.ts";

/** Prints an error in text or as the one JSON document; gives the exit code. */
export function printError(
  host: Host,
  isJson: boolean,
  error: unknown,
): number {
  const known = toKnownError(error);
  if (isJson) {
    const { code, message, hint = null } = known;
    host.terminal.out(formatJson({ error: { code, message, hint } }));
  } else {
    host.terminal.err(`error: ${known.message}\n`);
    if (known.hint !== undefined) host.terminal.err(`hint: ${known.hint}\n`);
  }
  return exitCodeFor(known.code);
}

function toKnownError(error: unknown): KnownError {
  if (error instanceof KnownError) return error;
  if (error instanceof HostError) return explainRefusal(error);
  const missing = explainMissingPackage(error);
  if (missing !== undefined) return missing;
  const message = error instanceof Error
    ? `${error.name}: ${error.message}`
    : String(error);
  // Deno colours what it says of a place whoever reads it.
  const place = error instanceof Error ? error.stack?.split("\n")[1] : "";
  return new KnownError("internal", plain(`${message}${place ?? ""}`), {
    hint: "This is a bug in Reeve: please report it with the line above.",
    cause: error,
  });
}

function plain(text: string): string {
  return text.replace(/\p{Cc}\[[0-9;]*m/gu, "");
}

function explainRefusal(error: HostError): KnownError {
  const { subject, code } = error;
  const word = code.replaceAll("_", " ");
  const hints: Partial<Record<HostError["code"], string>> = {
    "no_space": "Free some space, then try again; nothing was lost.",
    "not_a_directory": "A part of the path is a file: move it away.",
    "permission_denied": "Check who owns it: ls -ld " + subject,
    "read_only": "Make it writable, or set REEVE_HOME to a place that is.",
    "too_large": "Move the file away: it is far larger than ours ever are.",
    "too_many_files": "Raise the limit of open files: ulimit -n 4096",
  };
  return new KnownError(
    "unusable",
    `Cannot use ${subject}: ${word}`,
    { hint: hints[code] ?? "See: reeve auth doctor", cause: error },
  );
}

/** JSON with sorted keys, two spaces and a final newline. */
export function formatJson(value: unknown): string {
  const keys = new Set<string>();
  collectKeys(value, keys);
  // A list of keys also gives their order, without a copy of every object.
  return JSON.stringify(value, [...keys].sort(), 2) + "\n";
}

function collectKeys(value: unknown, keys: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) keys.add(key);
    collectKeys(inner, keys);
  }
}
