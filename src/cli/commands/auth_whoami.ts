/**
 * `reeve auth whoami`.
 *
 * @module
 */

import { readEnvToken } from "../../auth/env_token.ts";
import type { Session, StoredSession } from "../../auth/session.ts";
import { readSession } from "../../auth/token_store.ts";
import { KnownError } from "../../errors.ts";
import { statePaths, stateRoot } from "../../state/paths.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { formatPerson, isSignedIn } from "./auth_session_text.ts";

const BASE = { "schema": "auth_whoami", "schema_version": 1 };

/** Says in one line who is signed in, from this machine alone. */
export async function run(
  { host }: CommandContext,
  _flags: JsonFlags,
): Promise<CommandResult> {
  const env = readEnvToken(host.env);
  if (env.kind === "token") {
    return {
      exit: EXIT.ok,
      json: { ...BASE, "source": "env", "person": null, "workspace": null },
      text: "whoever the token in REEVE_TOKEN belongs to",
    };
  }
  if (env.kind === "damaged") {
    throw new KnownError("not_signed_in", `Cannot sign in: ${env.reason}`, {
      hint: "Unset REEVE_TOKEN, or put one line of visible ASCII there.",
    });
  }
  const root = await host.files.realPath(stateRoot(host.env));
  const stored = await readSession(host, statePaths(root));
  const session = requireSession(stored, host.clock.now());
  const { userId, email, name, workspace, server } = session;
  const where = workspace === undefined ? "" : `, workspace ${workspace}`;
  return {
    exit: EXIT.ok,
    json: {
      ...BASE,
      "source": "session",
      "person": { "user_id": userId, email, name },
      "workspace": workspace ?? null,
      server,
    },
    text: `${formatPerson(session)}${where}`,
  };
}

function requireSession(stored: StoredSession, now: number): Session {
  if (stored.kind === "unreadable") {
    throw new KnownError(
      "not_signed_in",
      `Cannot tell who is signed in: ${stored.reason}`,
      { hint: stored.fix },
    );
  }
  if (stored.kind === "found" && isSignedIn(stored.session, now)) {
    return stored.session;
  }
  throw new KnownError("not_signed_in", "Nobody is signed in", {
    hint: "reeve auth login",
  });
}
