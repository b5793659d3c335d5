/**
 * Where delivery gets its token from: the environment, or the stored session,
 * refreshed when it has to be.
 *
 * @module
 */

import type { StatePaths } from "../state/paths.ts";
import { isSameOrigin } from "./ask_server.ts";
import { type EnvToken, readEnvToken } from "./env_token.ts";
import {
  createRefresh,
  type Refresh,
  type RefreshHost,
  type RefreshResult,
} from "./refresh.ts";
import { storeUnsaved } from "./refresh_save.ts";
import {
  canRefresh,
  isExpiring,
  type Session,
  sessionState,
  type StoredSession,
} from "./session.ts";
import { readSession } from "./token_store.ts";
import { chooseWorkspace } from "./workspace.ts";

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
export interface Problem {
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
  current(): Promise<Token | Problem>;
  /** Another token than the one that the server has rejected. */
  refresh(rejected: string): Promise<Token | Problem>;
}

/** What a token must fit, and who wants to know. */
export interface TokenSourceOptions {
  /** Server that events go to; a session of another one is not used. */
  readonly server?: string | undefined;
  /** Workspace, by slug or id. @default the one chosen at sign-in */
  readonly workspace?: string | undefined;
  /** Whether a session without a workspace is of no use. @default true */
  readonly needsWorkspace?: boolean;
  /** Told what each refresh gave. */
  readonly onRefresh?: (result: RefreshResult) => void;
}

/** Whether there is no token. */
export function isProblem(given: Token | Problem): given is Problem {
  return "reason" in given;
}

/** What one token source keeps between two questions. */
interface Source {
  readonly host: RefreshHost;
  readonly paths: StatePaths;
  readonly options: TokenSourceOptions;
  readonly refreshOnce: Refresh;
  /** A session that the disk refused; no other process knows it. */
  unsaved: Session | undefined;
}

/** Makes the token source of this process. */
export function createTokenSource(
  host: RefreshHost,
  paths: StatePaths,
  options: TokenSourceOptions = {},
): TokenSource {
  const refreshOnce = createRefresh(host, paths);
  const source = { host, paths, options, refreshOnce, unsaved: undefined };
  return {
    current: () => currentToken(source),
    refresh: (rejected) => otherToken(source, rejected),
  };
}

async function currentToken(source: Source): Promise<Token | Problem> {
  const { host, options } = source;
  const given = readEnvToken(host.env);
  if (given.kind !== "none") return fromEnv(given, options);
  const stored = await readHeld(source);
  if (stored.kind !== "found") return noSession(stored);
  const now = host.clock.now();
  const token = toToken(stored.session, options);
  if (isProblem(token) || !isExpiring(stored.session, now)) return token;
  const isOver = sessionState(stored, now) !== "active";
  if (!canRefresh(stored.session, now)) {
    return isOver ? signInAgain(stored.session) : token;
  }
  const next = await refresh(source, stored.session);
  const isLate = isProblem(next) && next.reason === "transient";
  return isLate && !isOver ? token : next;
}

async function otherToken(
  source: Source,
  rejected: string,
): Promise<Token | Problem> {
  const { host, options } = source;
  const given = readEnvToken(host.env);
  if (given.kind !== "none") return rejectedEnv(given, options, rejected);
  const stored = await readHeld(source);
  if (stored.kind !== "found") return noSession(stored);
  const token = toToken(stored.session, options);
  if (isProblem(token)) return token;
  const isOther = token.accessToken !== rejected &&
    !isExpiring(stored.session, host.clock.now());
  return isOther ? token : await refresh(source, stored.session);
}

/** What is stored, or the newer session that only this process has. */
async function readHeld(source: Source): Promise<StoredSession> {
  const { host, paths, unsaved } = source;
  if (unsaved === undefined) return await readSession(host, paths);
  // Until it is stored, every other process would spend a token that is over.
  const session = await storeUnsaved(host, paths, unsaved);
  if (session !== undefined) return { kind: "found", session };
  source.unsaved = undefined;
  return await readSession(host, paths);
}

async function refresh(
  source: Source,
  held: Session,
): Promise<Token | Problem> {
  const result = await source.refreshOnce(held);
  const { outcome, session } = result;
  source.options.onRefresh?.(result);
  if (outcome === "refreshed_unsaved") source.unsaved = session;
  return session === undefined
    ? toProblem(result, held)
    : toToken(session, source.options);
}

function toToken(
  session: Session,
  options: TokenSourceOptions,
): Token | Problem {
  const { accessToken, server, userId } = session;
  if (options.server !== undefined && !isSameServer(options.server, server)) {
    return {
      reason: "auth_required",
      detail: `signed in to ${server}, but events go to ${options.server}`,
    };
  }
  const workspace = workspaceOf(session, options.workspace);
  if (workspace === undefined && (options.needsWorkspace ?? NEEDS_WORKSPACE)) {
    return { reason: "workspace_missing", detail: advise(session, options) };
  }
  return { accessToken, workspace, account: userId, server };
}

const NEEDS_WORKSPACE = true;

function workspaceOf(
  { workspace, workspaces }: Session,
  wanted: string | undefined,
): string | undefined {
  if (wanted === undefined) return workspace;
  const choice = chooseWorkspace(workspaces, wanted);
  return choice.kind === "chosen" ? choice.slug : undefined;
}

function advise(
  { workspaces }: Session,
  { workspace }: TokenSourceOptions,
): string {
  const choices = workspaces.map(({ slug }) => slug).join(", ");
  const yours = choices === "" ? "you are in none" : `yours are ${choices}`;
  return workspace === undefined
    ? `no workspace is chosen, ${yours}: reeve auth login --workspace SLUG`
    : `there is no workspace ${workspace}, ${yours}`;
}

/** Two servers may share a host; then their paths tell them apart. */
function isSameServer(a: string, b: string): boolean {
  return isSameOrigin(a, b) && pathOf(a) === pathOf(b);
}

function pathOf(url: string): string {
  return URL.parse(url)?.pathname.replace(/\/+$/, "") ?? "";
}

function fromEnv(
  given: EnvToken,
  options: TokenSourceOptions,
): Token | Problem {
  if (given.kind !== "token") {
    const detail = given.kind === "damaged" ? given.reason : "no token";
    return { reason: "auth_unreadable", detail };
  }
  const { server, workspace } = options;
  if (server === undefined) {
    return {
      reason: "auth_required",
      detail: "REEVE_TOKEN is set, but no server is configured",
    };
  }
  const { accessToken } = given;
  return { accessToken, workspace, account: "env", server };
}

/** Whoever starts us may have put another one there since. */
function rejectedEnv(
  given: EnvToken,
  options: TokenSourceOptions,
  rejected: string,
): Token | Problem {
  const token = fromEnv(given, options);
  if (isProblem(token) || token.accessToken !== rejected) return token;
  return {
    reason: "auth_required",
    detail: `${token.server} rejects the token in REEVE_TOKEN`,
  };
}

function noSession(
  stored: Exclude<StoredSession, { readonly kind: "found" }>,
): Problem {
  return stored.kind === "missing"
    ? { reason: "auth_required", detail: "not signed in: reeve auth login" }
    : { reason: "auth_unreadable", detail: `${stored.reason}; ${stored.fix}` };
}

function signInAgain({ server }: Session): Problem {
  return {
    reason: "auth_required",
    detail: `the sign-in to ${server} has expired: reeve auth login`,
  };
}

function toProblem({ outcome, detail }: RefreshResult, held: Session): Problem {
  switch (outcome) {
    case "unreadable":
      return { reason: "auth_unreadable", detail };
    case "signed_out":
      return { reason: "auth_required", detail: "signed out meanwhile" };
    case "current_rejection_cleared":
      return { reason: "auth_required", detail: `${detail}: reeve auth login` };
    case "expired":
      return signInAgain(held);
    default:
      return { reason: "transient", detail };
  }
}
