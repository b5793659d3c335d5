/**
 * Signing out: here in any case, at the server if it can be told.
 *
 * @module
 */

import type { StatePaths } from "../state/paths.ts";
import { appendAudit } from "./audit.ts";
import { type Revocation, revokeTokens } from "./grant.ts";
import type { StoredSession } from "./session.ts";
import { busyError, type SignInHost } from "./sign_in.ts";
import { withRefreshLock } from "./refresh_lock.ts";
import { clearSession, readSession } from "./token_store.ts";

/** What signing out gave. */
export interface SignOutResult {
  /** What was stored before. */
  readonly before: StoredSession;
  /** Whether the server knows; `nothing` when there was nothing to tell. */
  readonly revocation: "nothing" | "skipped" | Revocation;
}

/**
 * Removes the stored session, then tells the server.
 *
 * @throws {KnownError} `lock_busy` when another process holds the lock.
 * @throws {HostError} when the machine does not let it be removed.
 */
export async function signOut(
  host: SignInHost,
  paths: StatePaths,
  options: { readonly tellsServer: boolean },
): Promise<SignOutResult> {
  const isThere = await host.files.stat(paths.session) !== undefined ||
    await host.files.stat(paths.sessionSummary) !== undefined;
  if (!isThere) return { before: { kind: "missing" }, revocation: "nothing" };
  const locked = await withRefreshLock(
    host,
    paths.refreshLock,
    async (lock) => {
      const stored = await readSession(host, paths);
      await clearSession(host, paths, lock);
      return stored;
    },
  );
  if (locked.kind !== "done") {
    throw busyError(locked.kind === "busy" ? locked.reason : "");
  }
  const before = locked.value;
  // Only now: whatever the server says, nobody is signed in here any more.
  const revocation = await tell(host, before, options);
  await audit(host, paths, { before, revocation });
  return { before, revocation };
}

async function tell(
  host: SignInHost,
  before: StoredSession,
  { tellsServer }: { readonly tellsServer: boolean },
): Promise<SignOutResult["revocation"]> {
  if (before.kind === "missing") return "nothing";
  if (!tellsServer) return "skipped";
  if (before.kind === "unreadable") return "unconfirmed";
  return await revokeTokens(host, before.session);
}

async function audit(
  host: SignInHost,
  paths: StatePaths,
  { before, revocation }: SignOutResult,
): Promise<void> {
  const session = before.kind === "found" ? before.session : undefined;
  await appendAudit(host, paths, {
    action: "logout",
    method: session?.method,
    outcome: `removed_${revocation}`,
    server: session?.server,
    userId: session?.userId,
  });
}
