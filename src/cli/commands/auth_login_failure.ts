/**
 * Why `reeve auth login` did not sign anybody in.
 *
 * @module
 */

import type { LoginResult } from "../../auth/login.ts";
import type { SignInMethod } from "../../auth/session.ts";
import type { SignInResult } from "../../auth/sign_in.ts";
import { type ErrorCode, KnownError } from "../../errors.ts";
import type { CommandResult } from "../command.ts";
import { exitCodeForSignal } from "../exit_code.ts";

/** How a sign-in can fail. */
export type LoginFailure = Exclude<
  LoginResult | SignInResult,
  { readonly kind: "signed_in" | "tokens" }
>;

/** What was tried. */
export interface Tried {
  /** Base URL of the server. */
  readonly server: string;
  /** The way. */
  readonly method: SignInMethod;
  /** Why it was interrupted, if it was. */
  readonly signal: AbortSignal;
}

/**
 * The result of a sign-in that was interrupted.
 *
 * @throws {KnownError} for every other failure: `not_ready` when the server
 * cannot be asked, else `unusable`.
 */
export function explainFailure(
  failure: LoginFailure,
  { server, method, signal }: Tried,
): CommandResult {
  if (failure.kind === "interrupted") return interrupted(signal);
  const [code, reason, hint] = describe(failure, method);
  throw new KnownError(code, `Cannot sign in to ${server}: ${reason}`, {
    hint,
  });
}

const AGAIN = "Try again: reeve auth login";

function describe(
  failure: Exclude<LoginFailure, { readonly kind: "interrupted" }>,
  method: SignInMethod,
): readonly [ErrorCode, string, string] {
  switch (failure.kind) {
    case "denied":
      return ["unusable", "the sign-in was denied", AGAIN];
    case "late":
      return ["unusable", "nobody said yes in time", AGAIN];
    case "rejected": {
      const hint = method === "token" ? "Make a new token there." : AGAIN;
      return ["unusable", "it does not accept the token", hint];
    }
    case "refused":
      return [
        "unusable",
        failure.reason,
        "Check that this is the right server: reeve auth login --server URL",
      ];
    case "failed":
    case "unreachable":
      return [
        "not_ready",
        failure.reason,
        "Check the address and the network, then try again.",
      ];
  }
}

function interrupted({ reason }: AbortSignal): CommandResult {
  const message = `Interrupted by ${reason}`;
  return {
    exit: exitCodeForSignal(reason),
    json: { "error": { "code": "cancelled", message, "hint": null } },
    notes: [`${message}; this has signed nobody in.`],
  };
}
