/**
 * Sessions and their tokens in SQLite; of a token only its hash is kept.
 *
 * @module
 */

import type { Database } from "../host/databases.ts";
import type { Random } from "../host/host.ts";
import { hashText } from "./hash_text.ts";

const TABLES = `
CREATE TABLE IF NOT EXISTS sessions (
  session_id TEXT PRIMARY KEY,
  user TEXT NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS access_tokens (
  hash TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS refresh_tokens (
  hash TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  replaced_at INTEGER
) STRICT;
`;

const FIND_ACCESS = `SELECT session_id, expires_at
FROM access_tokens JOIN sessions USING (session_id)
WHERE hash = ? AND user = ? AND expires_at > ? AND ended_at IS NULL`;

const FIND_REFRESH = `SELECT session_id, expires_at, replaced_at, ended_at
FROM refresh_tokens JOIN sessions USING (session_id)
WHERE hash = ? AND user = ?`;

const FIND_OWNER = `SELECT session_id FROM access_tokens WHERE hash = ?1
UNION ALL SELECT session_id FROM refresh_tokens WHERE hash = ?1`;

/** How long a replaced refresh token counts as a race of the same client. */
export const REPLAY_WINDOW_MS = 10_000;

/** A session that an access token has proved. */
export interface Session {
  /** Which one. */
  readonly sessionId: string;
  /** Hash of the access token. */
  readonly tokenHash: string;
  /** When the access token ends, in epoch milliseconds. */
  readonly expiresAt: number;
}

/** Fresh tokens of a session. Secret. */
export interface Grant {
  /** Which session. */
  readonly sessionId: string;
  /** Access token. */
  readonly accessToken: string;
  /** Refresh token. */
  readonly refreshToken: string;
}

/** Whose tokens, when, and for how long. */
export interface GrantTerms {
  /** Name of the user. */
  readonly user: string;
  /** Now, in epoch milliseconds. */
  readonly now: number;
  /** Life of the access token. */
  readonly accessSeconds: number;
  /** Life of the refresh token. */
  readonly refreshSeconds: number;
}

/** What became of a refresh. */
export type Refreshed =
  | { readonly kind: "granted"; readonly grant: Grant }
  | { readonly kind: "raced" | "unknown" | "ended" }
  | { readonly kind: "replayed"; readonly sessionId: string };

type RefreshRow = {
  readonly "session_id": string;
  readonly "expires_at": number;
  readonly "replaced_at": number | null;
  readonly "ended_at": number | null;
};

/** Makes the tables of the sessions. */
export function prepareSessionTables(db: Database): void {
  db.exec(TABLES);
}

/** Begins a session. */
export function beginSession(
  db: Database,
  random: Random,
  terms: GrantTerms,
): Grant {
  const sessionId = random.hex(16);
  return db.transaction(() => {
    db.run(
      "INSERT INTO sessions (session_id, user) VALUES (?, ?)",
      sessionId,
      terms.user,
    );
    return issueTokens(db, random, { ...terms, sessionId });
  });
}

function issueTokens(
  db: Database,
  random: Random,
  terms: GrantTerms & { readonly sessionId: string },
): Grant {
  const { sessionId, now } = terms;
  const accessToken = random.hex(32);
  const refreshToken = random.hex(32);
  db.run("DELETE FROM access_tokens WHERE expires_at <= ?", now);
  db.run(
    "INSERT INTO access_tokens (hash, session_id, expires_at) VALUES (?, ?, ?)",
    hashText(accessToken),
    sessionId,
    now + terms.accessSeconds * 1000,
  );
  db.run(
    "INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES (?, ?, ?)",
    hashText(refreshToken),
    sessionId,
    now + terms.refreshSeconds * 1000,
  );
  return { sessionId, accessToken, refreshToken };
}

/** Finds the session of an access token that is good. */
export function findSession(
  db: Database,
  token: string,
  terms: Pick<GrantTerms, "user" | "now">,
): Session | undefined {
  const tokenHash = hashText(token);
  const row = db.get<{ "session_id": string; "expires_at": number }>(
    FIND_ACCESS,
    tokenHash,
    terms.user,
    terms.now,
  );
  return row && {
    tokenHash,
    sessionId: row.session_id,
    expiresAt: row.expires_at,
  };
}

/** Lets one access token expire. */
export function expireToken(db: Database, tokenHash: string): void {
  db.run("DELETE FROM access_tokens WHERE hash = ?", tokenHash);
}

/** Replaces a refresh token; one that was used before ends its session. */
export function refreshSession(
  db: Database,
  random: Random,
  request: GrantTerms & { readonly refreshToken: string },
): Refreshed {
  const hash = hashText(request.refreshToken);
  const { user, now } = request;
  return db.transaction((): Refreshed => {
    const row = db.get<RefreshRow>(FIND_REFRESH, hash, user);
    if (row === undefined) return { kind: "unknown" };
    const sessionId = row.session_id;
    if (row.ended_at !== null || row.expires_at <= now) {
      return { kind: "ended" };
    }
    if (row.replaced_at !== null) {
      const isRace = now - row.replaced_at <= REPLAY_WINDOW_MS;
      if (isRace) return { kind: "raced" };
      markEnded(db, sessionId, now);
      return { kind: "replayed", sessionId };
    }
    db.run(
      "UPDATE refresh_tokens SET replaced_at = ? WHERE hash = ?",
      now,
      hash,
    );
    const grant = issueTokens(db, random, { ...request, sessionId });
    return { kind: "granted", grant };
  });
}

function markEnded(db: Database, sessionId: string, now: number): void {
  db.run(
    "UPDATE sessions SET ended_at = ? WHERE session_id = ?",
    now,
    sessionId,
  );
}

/** Ends the session of a token of either kind and says which it was. */
export function endSession(
  db: Database,
  token: string,
  now: number,
): string | undefined {
  const row = db.get<{ "session_id": string }>(FIND_OWNER, hashText(token));
  if (row === undefined) return undefined;
  markEnded(db, row.session_id, now);
  return row.session_id;
}
