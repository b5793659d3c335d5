/**
 * `reeve auth logout`.
 *
 * @module
 */

import { TOKEN_VARIABLE } from "../../auth/env_token.ts";
import { signOut, type SignOutResult } from "../../auth/sign_out.ts";
import { statePaths, stateRoot } from "../../state/paths.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";

/** Flags of `reeve auth logout`. */
export interface LogoutFlags extends JsonFlags {
  /** Do not tell the server. */
  readonly force: boolean;
}

/** Signs out here in any case, and at the server if it can be told. */
export async function run(
  { host }: CommandContext,
  flags: LogoutFlags,
): Promise<CommandResult> {
  const root = await host.files.realPath(stateRoot(host.env));
  const paths = statePaths(root);
  const result = await signOut(host, paths, { tellsServer: !flags.force });
  const { before, revocation } = result;
  const session = before.kind === "found" ? before.session : undefined;
  return {
    exit: EXIT.ok,
    json: {
      "schema": "auth_logout",
      "schema_version": 1,
      "was_signed_in": before.kind !== "missing",
      "server": session?.server ?? null,
      revocation,
    },
    text: before.kind === "missing"
      ? "Nobody is signed in."
      : session === undefined
      ? "Signed out."
      : `Signed out of ${session.server}.`,
    notes: notesOf(result, host.env.get(TOKEN_VARIABLE) !== undefined),
  };
}

function notesOf(
  { before, revocation }: SignOutResult,
  hasEnvToken: boolean,
): readonly string[] {
  const left = hasEnvToken
    ? [`${TOKEN_VARIABLE} is still set, so requests can still be made.`]
    : [];
  if (before.kind === "unreadable") {
    return [
      `What was stored could not be used and is removed: ${before.reason}. ` +
      "The server was not told.",
      ...left,
    ];
  }
  if (revocation === "unconfirmed") {
    return [
      "The server has not confirmed that the session is over; " +
      "it ends there by itself.",
      ...left,
    ];
  }
  return left;
}
