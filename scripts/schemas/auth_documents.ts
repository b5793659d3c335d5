/**
 * The documents of `reeve auth login`, `logout`, `status` and `whoami`.
 *
 * @module
 */

import * as z from "zod/mini";
import type { SessionState, SignInMethod } from "../../src/auth/session.ts";
import type { SignOutResult } from "../../src/auth/sign_out.ts";
import {
  count,
  document,
  fields,
  flag,
  head,
  instant,
  list,
  maybe,
  maybeInstant,
  maybeText,
  said,
  type Shape,
  text,
  word,
} from "./fields.ts";

const workspace = fields("A workspace.", {
  "id": text("Its id."),
  "slug": text("Its name in headers and flags."),
  "name": text("Its name for people."),
  "role": text("What the person may do in it, as the server words it."),
  "is_private": flag("Whether it is the person's own."),
  "is_default": flag("Whether the server takes it when none is named."),
});

const METHODS: Readonly<Record<SignInMethod, true>> = {
  browser: true,
  device: true,
  token: true,
};

/** Keys of a sign-in; its tokens are in no document. */
export const SESSION: Shape = {
  "generation": count("One more with each write of the session."),
  "method": word("How the person signed in.", METHODS),
  "server": text("Base URL of the server."),
  "session_id": maybeText("Name of the session at the server, if it has one."),
  "user_id": text("Id of the person."),
  "email": text("E-mail of the person; may be empty."),
  "name": text("Name of the person; may be empty."),
  "workspaces": list("Workspaces that the person belongs to.", workspace),
  "workspace": maybeText("Slug of the chosen one; null before a choice."),
  "issued_at": instant("When the person signed in."),
  "access_expires_at": maybeInstant("End of the access token, if known."),
  "refresh_expires_at": maybeInstant("End of the refresh token, if known."),
  "can_refresh": flag("Whether there is a refresh token."),
};

/** Seconds that a token is good for. */
export function secondsLeft(says: string): z.ZodMiniType<number | null> {
  return said(
    `${says}, in whole seconds; null when that is not known.`,
    z.nullable(z.int().check(z.gte(0))),
  );
}

const STATES: Readonly<Record<SessionState | "env", true>> = {
  active: true,
  env: true,
  expired: true,
  none: true,
  refreshable: true,
  unreadable: true,
};

/** State of the sign-in in a word. */
export const signInState: z.ZodMiniType = word(
  "The sign-in: `env` is a token in REEVE_TOKEN, `refreshable` is good but " +
    "for its access token.",
  STATES,
);

const source = word("Where the sign-in comes from.", {
  env: true,
  session: true,
});

const REVOCATIONS: Readonly<Record<SignOutResult["revocation"], true>> = {
  confirmed: true,
  nothing: true,
  skipped: true,
  unconfirmed: true,
};

/** `reeve auth login`. */
export const authLogin: z.ZodMiniType = document("auth_login", {
  "outcome": word("What came of it.", {
    "already_signed_in": true,
    "signed_in": true,
    "workspace_changed": true,
  }),
  "session": fields("The sign-in, without its tokens.", SESSION),
});

/** `reeve auth logout`. */
export const authLogout: z.ZodMiniType = document("auth_logout", {
  "was_signed_in": flag("Whether anything was stored before."),
  "server": maybeText("Base URL of the server of the sign-in, if it is known."),
  "revocation": word("Whether the server knows.", REVOCATIONS),
});

/** `reeve auth status`. */
export const authStatus: z.ZodMiniType = document("auth_status", {
  "state": signInState,
  "signed_in": flag("Whether requests can be made in somebody's name."),
  "source": maybe("Null without a sign-in.", source),
  "configured_server": maybeText("Base URL that events go to, if one is set."),
  "session": maybe(
    "What is stored here.",
    fields("The sign-in, without its tokens.", {
      ...SESSION,
      "access_expires_in_s": secondsLeft("How long the access token is good"),
      "refresh_expires_in_s": secondsLeft("How long the refresh token is good"),
    }),
  ),
  "storage": fields("Where the sign-in is stored.", {
    "kind": said("The kind of place.", z.literal("file")),
    "path": text("Its path."),
    "protection": said(
      "What keeps others from it.",
      z.literal("file_permissions"),
    ),
  }),
  "problem": maybeText("Why it cannot be used, if that is so."),
});

const person = fields("Who.", {
  "user_id": text("Id of the person."),
  "email": text("E-mail of the person; may be empty."),
  "name": text("Name of the person; may be empty."),
});

/** `reeve auth whoami`. */
export const authWhoami: z.ZodMiniType = z.union([
  z.strictObject({
    ...head("auth_whoami"),
    "source": said("A token in REEVE_TOKEN.", z.literal("env")),
    "person": said("Nobody has asked whose token it is.", z.null()),
    "workspace": said("Nobody has asked.", z.null()),
  }),
  z.strictObject({
    ...head("auth_whoami"),
    "source": said("A stored sign-in.", z.literal("session")),
    person,
    "workspace": maybeText("Slug of the chosen workspace; null before it."),
    "server": text("Base URL of the server."),
  }),
]);
