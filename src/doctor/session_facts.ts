/**
 * What the doctor knows of the sign-in. No token is ever in it.
 *
 * @module
 */

import { readEnvToken } from "../auth/env_token.ts";
import {
  type SessionProblem,
  type SessionState,
  sessionState,
  type StoredSession,
} from "../auth/session.ts";
import { toSummary } from "../auth/session_record.ts";
import type { SessionSummary } from "../auth/session_schema.ts";
import { readSession } from "../auth/token_store.ts";
import type { Host } from "../host/host.ts";
import type { StatePaths } from "../state/paths.ts";

/** The sign-in as this machine knows it. */
export interface SessionFacts {
  /** What the stored session is good for. */
  readonly state: SessionState;
  /** What may be shown of it; absent when it cannot be used. */
  readonly summary?: SessionSummary;
  /** Why it cannot be used; absent when it can. */
  readonly problem?: {
    /** Why, in a word. */
    readonly kind: SessionProblem;
    /** Why, in words. */
    readonly reason: string;
    /** What to do. */
    readonly fix: string;
  };
  /** Whether the environment holds a token, which wins. */
  readonly hasEnvToken: boolean;
}

/** Reads the sign-in; `undefined` when nothing is stored or set. */
export async function readSessionFacts(
  host: Pick<Host, "clock" | "env" | "files">,
  paths: StatePaths,
): Promise<SessionFacts | undefined> {
  const stored = await readSession(host, paths);
  const hasEnvToken = readEnvToken(host.env).kind !== "none";
  if (stored.kind === "missing" && !hasEnvToken) return undefined;
  const state = sessionState(stored, host.clock.now());
  return { state, hasEnvToken, ...describe(stored) };
}

function describe(
  stored: StoredSession,
): Pick<SessionFacts, "problem" | "summary"> {
  switch (stored.kind) {
    case "missing":
      return {};
    case "found":
      return { summary: toSummary(stored.session) };
    case "unreadable": {
      const { problem: kind, reason, fix } = stored;
      return { problem: { kind, reason, fix } };
    }
  }
}
