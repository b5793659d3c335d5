/**
 * A sign-in in words and as JSON, without its tokens.
 *
 * @module
 */

import { type Session, sessionState } from "../../auth/session.ts";
import { toSummary } from "../../auth/session_record.ts";
import type { SessionSummary } from "../../auth/session_schema.ts";
import { formatDuration } from "../duration.ts";
import { toOneLine } from "../one_line.ts";

/** Who a session belongs to: `Ada Lovelace <ada@example.com>`. */
export function formatPerson(
  { name, email, userId }: Pick<Session, "email" | "name" | "userId">,
): string {
  const shown = name !== "" && email !== ""
    ? `${name} <${email}>`
    : name || email || userId;
  return toOneLine(shown);
}

/** The session as documents show it. */
export function sessionJson(
  session: Session,
): Omit<SessionSummary, "schema_version"> {
  const { schema_version: _, ...shown } = toSummary(session);
  return shown;
}

/** Lines about a session for `status`. */
export function sessionLines(
  session: Session,
  now: number,
): readonly string[] {
  const { workspaces, workspace } = session;
  const slugs = workspaces.map(({ slug, role }) =>
    role === "" ? slug : `${slug} (${role})`
  );
  return [
    `Server         ${session.server}`,
    `Person         ${formatPerson(session)}`,
    `Workspace      ${workspace ?? "(none chosen)"}`,
    `Workspaces     ${toOneLine(slugs.join(", ")) || "(none)"}`,
    `Signed in      by ${session.method}, ${
      formatDuration(now - session.issuedAt)
    } ago`,
    `Access token   ${remaining(session.accessExpiresAt, now)}`,
    `Refresh token  ${
      session.refreshToken === undefined
        ? "(none)"
        : remaining(session.refreshExpiresAt, now)
    }`,
  ];
}

function remaining(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined) return "its end is not known";
  const leftMs = expiresAt - now;
  return leftMs > 0
    ? `${formatDuration(leftMs)} left`
    : `ended ${formatDuration(-leftMs)} ago`;
}

/** Seconds until an instant, never negative; `null` when it is not known. */
export function secondsLeft(
  expiresAt: number | undefined,
  now: number,
): number | null {
  if (expiresAt === undefined) return null;
  return Math.max(0, Math.floor((expiresAt - now) / 1000));
}

/** Whether somebody with this session is signed in. */
export function isSignedIn(session: Session, now: number): boolean {
  const state = sessionState({ kind: "found", session }, now);
  return state === "active" || state === "refreshable";
}
