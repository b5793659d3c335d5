/**
 * What delivery needs to know of a sign-in. The auth part provides it.
 *
 * @module
 */

/** What a request needs to be in somebody's name. */
export interface Token {
  /** Token that the request carries. Secret. */
  readonly accessToken: string;
  /** Slug of the workspace that it is about, if one is chosen. */
  readonly workspace: string | undefined;
  /** Id of the person, or `env` for a token of the environment. */
  readonly account: string;
  /** Base URL of the one server that may see it. */
  readonly server: string;
}

/** Why there is no token. */
export interface TokenProblem {
  /** In a word; only `transient` may pass by itself. */
  readonly reason:
    | "auth_required"
    | "auth_unreadable"
    | "transient"
    | "workspace_missing";
  /** For people, without a secret. */
  readonly detail: string;
}

/** Gives tokens to whoever sends requests. */
export interface TokenSource {
  /** A token to use now; the server is asked only if it is about to end. */
  current(): Promise<Token | TokenProblem>;
  /** Another token than the one that the server has rejected. */
  refresh(rejected: string): Promise<Token | TokenProblem>;
}

/** Whether there is no token. */
export function isProblem(
  given: Token | TokenProblem,
): given is TokenProblem {
  return "reason" in given;
}

/** Whether two tokens are for the same person, server and workspace. */
export function isSameTarget(a: Token, b: Token): boolean {
  return a.server === b.server && a.account === b.account &&
    a.workspace === b.workspace;
}
