/**
 * The routes that say who is signed in.
 *
 * @module
 */

import type { Desk, Exchange } from "./desk.ts";

/** Says who the user is and which workspaces are theirs. */
export function answerMe({ settings }: Desk, c: Exchange): Response {
  const { user, workspaces } = settings;
  return c.json({
    "user_id": `user-${user}`,
    email: `${user}@example.test`,
    name: user,
    workspaces: workspaces.map((slug, at) => ({
      id: `workspace-${slug}`,
      slug,
      name: slug,
      role: "owner",
      "is_private": slug.endsWith("-private"),
      "is_default": at === 0,
    })),
  });
}

/** Says that the session is good, and how long its token still is. */
export function answerSessionStatus({ host }: Desk, c: Exchange): Response {
  const { sessionId, expiresAt } = c.get("session");
  const leftMs = expiresAt - host.clock.now();
  return c.json({
    status: "active",
    "session_id": sessionId,
    "expires_in": Math.max(0, Math.floor(leftMs / 1000)),
  });
}
