/**
 * What follows when tokens have come: whose they are, which workspace, and
 * storing the session.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { StatePaths } from "../state/paths.ts";
import { appendAudit } from "./audit.ts";
import { type GrantHost, revokeTokens, type Tokens } from "./grant.ts";
import { askProfile, askSession, type Profile } from "./profile.ts";
import { type RefreshLockHost, withRefreshLock } from "./refresh_lock.ts";
import type { Session, SignInMethod } from "./session.ts";
import { readSession, writeSession } from "./token_store.ts";
import { chooseWorkspace, type WorkspaceChoice } from "./workspace.ts";

/** What completing a sign-in needs of the world. */
export type SignInHost = GrantHost & RefreshLockHost;

/** Tokens that have come, and for what. */
export interface SignIn {
  /** The tokens. */
  readonly tokens: Tokens;
  /** Base URL of the server that gave them. */
  readonly server: string;
  /** How the person signed in. */
  readonly method: SignInMethod;
  /** Workspace that the person has named. */
  readonly workspace: string | undefined;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** What completing a sign-in gave. */
export type SignInResult =
  | {
    readonly kind: "signed_in";
    readonly session: Session;
    /** Which workspace, or why none. */
    readonly choice: WorkspaceChoice;
  }
  | { readonly kind: "rejected" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "interrupted" };

/** An answer that only tidies up is not waited for long, in milliseconds. */
const TIDY_LIMIT_MS = 2000;

/**
 * Asks whose the tokens are and stores the session.
 *
 * @throws {KnownError} `lock_busy` when another process holds the lock.
 * @throws {HostError} when the machine does not let it be stored.
 */
export async function completeSignIn(
  host: SignInHost,
  paths: StatePaths,
  signIn: SignIn,
): Promise<SignInResult> {
  const { tokens, server, signal } = signIn;
  const token = { accessToken: tokens.accessToken, server };
  const asked = await askProfile(host, token, { signal });
  if (asked.kind !== "profile") {
    await giveBack(host, signIn);
    return asked.kind === "aborted" ? { kind: "interrupted" } : asked;
  }
  const { profile } = asked;
  const choice = chooseWorkspace(profile.workspaces, signIn.workspace);
  const slug = choice.kind === "chosen" ? choice.slug : undefined;
  const fresh = await toSession(host, signIn, profile);
  try {
    const session = await store(host, paths, { ...fresh, workspace: slug });
    return { kind: "signed_in", session, choice };
  } catch (error) {
    await giveBack(host, signIn);
    throw error;
  }
}

async function toSession(
  host: SignInHost,
  { tokens, server, method, signal }: SignIn,
  profile: Profile,
): Promise<Session> {
  const session = {
    ...tokens,
    ...profile,
    workspace: undefined,
    server,
    method,
    issuedAt: host.clock.now(),
    generation: 0,
  };
  if (method !== "token") return session;
  // A bare token says nothing of its own life; the server may.
  const { answer } = await askSession(host, session, { signal });
  if (answer.kind !== "session") return session;
  const { sessionId, accessExpiresAt } = answer;
  return { ...session, sessionId, accessExpiresAt };
}

async function store(
  host: SignInHost,
  paths: StatePaths,
  session: Session,
): Promise<Session> {
  const locked = await withRefreshLock(
    host,
    paths.refreshLock,
    async (lock) => {
      const stored = await readSession(host, paths);
      const generation = stored.kind === "found"
        ? stored.session.generation
        : 0;
      const next = { ...session, generation };
      return await writeSession(host, paths, { lock, session: next });
    },
  );
  if (locked.kind === "done") return locked.value;
  throw busyError(locked.kind === "busy" ? locked.reason : "");
}

/** The error of a command that could not take the lock of the sign-in. */
export function busyError(reason: string): KnownError {
  return new KnownError("lock_busy", reason, {
    hint: "Wait for the other command to end, then try again.",
  });
}

/** Tokens that nobody will use are given back, if that is quick. */
async function giveBack(
  host: SignInHost,
  { tokens, server, method }: SignIn,
): Promise<void> {
  // A token that the person brought along may be in use elsewhere.
  if (method === "token") return;
  const options = { timeoutMs: TIDY_LIMIT_MS };
  await revokeTokens(host, { ...tokens, server }, options);
}

/** What choosing another workspace gave. */
export type SwitchResult =
  | { readonly kind: "switched"; readonly session: Session }
  | { readonly kind: "unknown"; readonly choices: readonly string[] }
  | { readonly kind: "signed_out" };

/**
 * Chooses another workspace for the stored session; the server is not asked.
 *
 * @throws {KnownError} `lock_busy` when another process holds the lock.
 */
export async function switchWorkspace(
  host: RefreshLockHost,
  paths: StatePaths,
  wanted: string,
): Promise<SwitchResult> {
  const locked = await withRefreshLock<SwitchResult>(
    host,
    paths.refreshLock,
    async (lock) => {
      const stored = await readSession(host, paths);
      if (stored.kind !== "found") return { kind: "signed_out" };
      const choice = chooseWorkspace(stored.session.workspaces, wanted);
      if (choice.kind !== "chosen") {
        const choices = "choices" in choice ? choice.choices : [];
        return { kind: "unknown", choices };
      }
      const next = { ...stored.session, workspace: choice.slug };
      const session = await writeSession(host, paths, { lock, session: next });
      return { kind: "switched", session };
    },
  );
  if (locked.kind === "done") return locked.value;
  throw busyError(locked.kind === "busy" ? locked.reason : "");
}

/** Writes down how an attempt to sign in ended. */
export async function auditSignIn(
  host: RefreshLockHost,
  paths: StatePaths,
  { server, method }: Pick<SignIn, "method" | "server">,
  ended: { readonly outcome: string; readonly userId?: string },
): Promise<void> {
  const { outcome, userId } = ended;
  const action = "login";
  await appendAudit(host, paths, { action, method, outcome, server, userId });
}
