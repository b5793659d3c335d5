/**
 * The sign-in as data: what it is and what it is still good for.
 *
 * @module
 */

/** A workspace that the person belongs to. */
export interface Workspace {
  /** Its id. */
  readonly id: string;
  /** Its name in headers and flags. */
  readonly slug: string;
  /** Its name for people. */
  readonly name: string;
  /** What the person may do in it. */
  readonly role: string;
  /** Whether it is the person's own. */
  readonly isPrivate: boolean;
  /** Whether the server takes it when none is named. */
  readonly isDefault: boolean;
}

/** How somebody signed in. */
export type SignInMethod = "browser" | "device" | "token";

/** One sign-in. Instants are epoch milliseconds; the tokens are secret. */
export interface Session {
  /** Token that requests carry. */
  readonly accessToken: string;
  /** Its end; `undefined` when the server never said. */
  readonly accessExpiresAt: number | undefined;
  /** Token that gets the next pair; a bare token has none. */
  readonly refreshToken: string | undefined;
  /** Its end; `undefined` when the server never said. */
  readonly refreshExpiresAt: number | undefined;
  /** Name of the session at the server, if it has one. */
  readonly sessionId: string | undefined;
  /** Id of the person. */
  readonly userId: string;
  /** E-mail of the person. */
  readonly email: string;
  /** Name of the person. */
  readonly name: string;
  /** Workspaces that the person belongs to. */
  readonly workspaces: readonly Workspace[];
  /** Slug of the one that events go to, once it is chosen. */
  readonly workspace: string | undefined;
  /** Base URL of the server that it belongs to. */
  readonly server: string;
  /** How the person signed in. */
  readonly method: SignInMethod;
  /** When the person signed in. */
  readonly issuedAt: number;
  /** One more with each write. */
  readonly generation: number;
}

/** Why a stored session cannot be used. */
export type SessionProblem = "damaged" | "loose_mode" | "no_access" | "too_new";

/** What reading the stored session gave. */
export type StoredSession =
  | { readonly kind: "found"; readonly session: Session }
  | { readonly kind: "missing" }
  | {
    readonly kind: "unreadable";
    /** Why, in a word. */
    readonly problem: SessionProblem;
    /** Why, without a byte of the file. */
    readonly reason: string;
    /** What to do about it. */
    readonly fix: string;
  };

/** What a stored session is good for, without asking the server. */
export type SessionState =
  | "active"
  | "expired"
  | "none"
  | "refreshable"
  | "unreadable";

/** How long before its end an access token counts as over, in milliseconds. */
export const EXPIRY_MARGIN_MS = 5000;

/** Says what a stored session is good for now. */
export function sessionState(stored: StoredSession, now: number): SessionState {
  if (stored.kind === "missing") return "none";
  if (stored.kind === "unreadable") return "unreadable";
  const { accessExpiresAt } = stored.session;
  if (accessExpiresAt === undefined || now < accessExpiresAt) return "active";
  return canRefresh(stored.session, now) ? "refreshable" : "expired";
}

/** Whether the access token ends within the margin. */
export function isExpiring(
  session: Session,
  now: number,
  marginMs: number = EXPIRY_MARGIN_MS,
): boolean {
  const { accessExpiresAt } = session;
  return accessExpiresAt !== undefined && now >= accessExpiresAt - marginMs;
}

/** Whether there is a refresh token that is not known to have ended. */
export function canRefresh(session: Session, now: number): boolean {
  if (session.refreshToken === undefined) return false;
  const { refreshExpiresAt } = session;
  return refreshExpiresAt === undefined || now < refreshExpiresAt;
}

/** Whether two sessions stem from one act of signing in. */
export function isSameSignIn(a: Session, b: Session): boolean {
  return a.sessionId === b.sessionId && a.issuedAt === b.issuedAt;
}

/**
 * Whether what is stored replaces what we hold: a later generation of it, or
 * another sign-in, which somebody made after we had read ours.
 */
export function isNewer(stored: Session, held: Session): boolean {
  if (!isSameSignIn(stored, held)) return true;
  return stored.generation > held.generation;
}
