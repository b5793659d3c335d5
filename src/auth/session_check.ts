/**
 * Asking the server about the session that is in use here, after a refresh if
 * one is due.
 *
 * @module
 */

import type { StatePaths } from "../state/paths.ts";
import { askSession } from "./profile.ts";
import type { RefreshHost, RefreshResult } from "./refresh.ts";
import {
  createTokenSource,
  isProblem,
  type Problem,
  type Token,
} from "./token_source.ts";

/** What asking the server gave. */
export interface SessionCheck {
  /** Whether the server knows the session as active. */
  readonly isActive: boolean;
  /** Its name at the server. */
  readonly sessionId: string | undefined;
  /** Why it is not active, or could not be asked about. */
  readonly problem: string | undefined;
  /** Whether the server itself says that there is no such session. */
  readonly isRejected: boolean;
  /** How far our clock is ahead of the server's, if it tells the time. */
  readonly clockAheadMs: number | undefined;
  /** Why a refreshed session could not be stored, or would not be. */
  readonly unsaved: string | undefined;
}

/** What to ask about. */
export interface CheckOptions {
  /** Server that events go to. */
  readonly server: string | undefined;
  /** Ends the question early, but never a refresh. */
  readonly signal: AbortSignal;
}

/** Asks the server; a rejected token is refreshed and tried once more. */
export async function checkSession(
  host: RefreshHost,
  paths: StatePaths,
  { server, signal }: CheckOptions,
): Promise<SessionCheck> {
  let last: RefreshResult | undefined;
  const source = createTokenSource(host, paths, {
    server,
    needsWorkspace: false,
    onRefresh: (result) => last = result,
  });
  let token = await source.current();
  let check = await checkToken(host, token, signal);
  if (check.isRejected && !isProblem(token)) {
    token = await source.refresh(token.accessToken);
    if (!isProblem(token)) check = await checkToken(host, token, signal);
    else if (token.reason === "transient") {
      check = { ...check, isRejected: false, problem: token.detail };
    }
  }
  const isUnsaved = last?.outcome === "refreshed_unsaved" ||
    last?.outcome === "unwritable";
  return { ...check, unsaved: isUnsaved ? last?.detail : undefined };
}

const NOTHING: SessionCheck = {
  isActive: false,
  sessionId: undefined,
  problem: undefined,
  isRejected: false,
  clockAheadMs: undefined,
  unsaved: undefined,
};

async function checkToken(
  host: RefreshHost,
  token: Problem | Token,
  signal: AbortSignal,
): Promise<SessionCheck> {
  if (isProblem(token)) return { ...NOTHING, problem: token.detail };
  const { answer, clockAheadMs } = await askSession(host, token, { signal });
  const known = { ...NOTHING, clockAheadMs };
  switch (answer.kind) {
    case "session": {
      const { isActive, sessionId } = answer;
      const problem = isActive ? undefined : "the server calls it not active";
      return { ...known, isActive, sessionId, problem, isRejected: !isActive };
    }
    case "rejected": {
      const problem = `${token.server} does not know the session`;
      return { ...known, problem, isRejected: true };
    }
    case "failed": {
      const problem = `${token.server} could not be asked: ${answer.reason}`;
      return { ...known, problem };
    }
    case "aborted":
      return { ...known, problem: "interrupted" };
  }
}
