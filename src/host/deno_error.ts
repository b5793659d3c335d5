/**
 * Turns what Deno throws into the refusals of {@linkcode HostError}.
 *
 * @module
 */

import { HostError, type HostErrorCode } from "./host.ts";

const BY_ERRNO: Readonly<Record<string, HostErrorCode>> = {
  EACCES: "permission_denied",
  EADDRINUSE: "address_in_use",
  EDQUOT: "no_space",
  EEXIST: "already_exists",
  EISDIR: "is_a_directory",
  EMFILE: "too_many_files",
  ENFILE: "too_many_files",
  ENOENT: "not_found",
  ENOSPC: "no_space",
  ENOTDIR: "not_a_directory",
  EPERM: "permission_denied",
  EROFS: "read_only",
};

/** The refusal behind an error that an operation on `subject` threw. */
export function toHostError(subject: string, error: unknown): HostError {
  if (error instanceof HostError) return error;
  return new HostError(codeOf(error), subject, error);
}

function codeOf(error: unknown): HostErrorCode {
  if (error instanceof Error && "code" in error) {
    const known = BY_ERRNO[String(error.code)];
    if (known !== undefined) return known;
  }
  if (error instanceof Deno.errors.NotFound) return "not_found";
  if (error instanceof Deno.errors.PermissionDenied) return "permission_denied";
  if (error instanceof Deno.errors.NotCapable) return "permission_denied";
  if (error instanceof Deno.errors.AlreadyExists) return "already_exists";
  if (error instanceof Deno.errors.AddrInUse) return "address_in_use";
  if (error instanceof Deno.errors.IsADirectory) return "is_a_directory";
  if (error instanceof Deno.errors.NotADirectory) return "not_a_directory";
  return "io";
}
