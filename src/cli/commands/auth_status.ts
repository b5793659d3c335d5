/**
 * `reeve auth status`.
 *
 * @module
 */

import { type EnvToken, readEnvToken } from "../../auth/env_token.ts";
import {
  type SessionState,
  sessionState,
  type StoredSession,
} from "../../auth/session.ts";
import { readSession } from "../../auth/token_store.ts";
import { type StatePaths, statePaths, stateRoot } from "../../state/paths.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { lookUpServer } from "./auth_server.ts";
import { secondsLeft, sessionJson, sessionLines } from "./auth_session_text.ts";

/** Flags of `reeve auth status`. */
export interface StatusFlags extends JsonFlags {
  /** End with 4 when nobody is signed in. */
  readonly check: boolean;
}

/** What there is to show. */
interface Status {
  readonly state: SessionState | "env";
  readonly isSignedIn: boolean;
  readonly env: EnvToken;
  readonly stored: StoredSession;
  readonly server: string | undefined;
  readonly now: number;
}

/** Shows who is signed in, from this machine alone; changes nothing. */
export async function run(
  { host }: CommandContext,
  flags: StatusFlags,
): Promise<CommandResult> {
  const root = await host.files.realPath(stateRoot(host.env));
  const paths = statePaths(root);
  const stored = await readSession(host, paths);
  const env = readEnvToken(host.env);
  const now = host.clock.now();
  const state: Status["state"] = env.kind === "none"
    ? sessionState(stored, now)
    : "env";
  const isSignedIn = env.kind === "token" || state === "active" ||
    state === "refreshable";
  const { server, notes } = lookUpServer(host, root);
  const status = { state, isSignedIn, env, stored, server, now };
  return {
    exit: flags.check && !isSignedIn ? EXIT.signIn : EXIT.ok,
    json: toJson(status, paths),
    text: toText(status, paths),
    notes: [...notes, ...splitNotes(status)],
  };
}

function splitNotes({ stored, server, env }: Status): readonly string[] {
  if (stored.kind !== "found") return [];
  if (env.kind !== "none") {
    return ["REEVE_TOKEN wins over the stored sign-in."];
  }
  return server === undefined || server === stored.session.server
    ? []
    : [`Events go to ${server}, where nobody is signed in.`];
}

function toJson(
  { state, isSignedIn, env, stored, server, now }: Status,
  paths: StatePaths,
) {
  const session = stored.kind === "found" ? stored.session : undefined;
  return {
    "schema": "auth_status",
    "schema_version": 1,
    state,
    "signed_in": isSignedIn,
    "source": env.kind === "none"
      ? session === undefined ? null : "session"
      : "env",
    "configured_server": server ?? null,
    "session": session === undefined ? null : {
      ...sessionJson(session),
      "access_expires_in_s": secondsLeft(session.accessExpiresAt, now),
      "refresh_expires_in_s": secondsLeft(session.refreshExpiresAt, now),
    },
    "storage": {
      "kind": "file",
      "path": paths.session,
      "protection": "file_permissions",
    },
    "problem": problemOf(env, stored),
  };
}

function problemOf(env: EnvToken, stored: StoredSession): string | null {
  if (env.kind === "damaged") return env.reason;
  return stored.kind === "unreadable" ? stored.reason : null;
}

const HEADS: Readonly<Record<Status["state"], string>> = {
  active: "Signed in.",
  env: "Signed in by REEVE_TOKEN.",
  expired: "Not signed in any more: the session has ended.",
  none: "Not signed in.",
  refreshable: "Signed in; the access token is due for a refresh.",
  unreadable: "Not signed in: the stored session cannot be used.",
};

function toText(status: Status, paths: StatePaths): string {
  const { env, stored, server, now, state, isSignedIn } = status;
  const head = env.kind === "damaged"
    ? `Not signed in: ${env.reason}.`
    : HEADS[state];
  const lines = stored.kind === "found"
    ? sessionLines(stored.session, now)
    : stored.kind === "unreadable"
    ? [`Problem        ${stored.reason}`, `To do          ${stored.fix}`]
    : server === undefined
    ? []
    : [`Server         ${server}`];
  const storage = stored.kind === "missing" ? [] : [
    `Storage        ${paths.session}, protected by its permissions only`,
  ];
  const next = isSignedIn || stored.kind === "unreadable"
    ? []
    : ["Sign in with: reeve auth login"];
  return [
    head,
    ...[...lines, ...storage].map((line) => `  ${line}`),
    ...next,
  ].join("\n");
}
