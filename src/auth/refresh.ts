/**
 * Getting the next pair of tokens: one process at a time, one question at a
 * time, and the stored session read again before each decision.
 *
 * @module
 */

import { HostError } from "../host/host.ts";
import type { StatePaths } from "../state/paths.ts";
import { ASK_LIMIT_MS } from "./ask_server.ts";
import { appendAudit } from "./audit.ts";
import {
  type GrantHost,
  type GrantReply,
  requestTokens,
  type Tokens,
} from "./grant.ts";
import { type RefreshLockHost, withRefreshLock } from "./refresh_lock.ts";
import { type Held, isRefusal, trySave } from "./refresh_save.ts";
import {
  chooseHeld,
  eventOf,
  nextStep,
  type RefreshEvent,
  type RefreshOutcome,
  viewStored,
} from "./refresh_step.ts";
import { canRefresh, type Session, type StoredSession } from "./session.ts";
import { clearSession, readSession, writeSummary } from "./token_store.ts";

/** What a refresh needs of the world. */
export type RefreshHost = GrantHost & RefreshLockHost;

/** What a refresh gave. */
export interface RefreshResult {
  /** What became of it. */
  readonly outcome: RefreshOutcome;
  /** The session to go on with, if there is one. */
  readonly session: Session | undefined;
  /** What a person may want to know; empty when all is well. */
  readonly detail: string;
}

/** Refreshes a session; one at a time in this process. */
export type Refresh = (held: Session) => Promise<RefreshResult>;

/** Pause before the second question, in milliseconds. */
const RETRY_PAUSE_MS = 250;
const LEAST_LIMIT_MS = 1000;

/** Makes the one way in which this process refreshes. */
export function createRefresh(host: RefreshHost, paths: StatePaths): Refresh {
  let running: Promise<RefreshResult> | undefined;
  return (held) => {
    running ??= refreshSession(host, paths, held)
      .finally(() => running = undefined);
    return running;
  };
}

/** Refreshes what we hold, or adopts what another process has stored. */
export async function refreshSession(
  host: RefreshHost,
  paths: StatePaths,
  held: Session,
): Promise<RefreshResult> {
  const now = host.clock.now();
  const stored = await readSession(host, paths);
  const chosen = chooseHeld(stored, held, now);
  const view = viewStored(stored, chosen);
  if (view === "newer" || view === "other_sign_in") {
    return end("adopted_newer", stored);
  }
  if (!canRefresh(chosen, now)) return end("expired", stored);
  try {
    return await refreshAlone(host, paths, chosen);
  } catch (error) {
    return unwritable(error);
  }
}

/** The stored token must not be spent when the next one could not be kept. */
function unwritable(error: unknown): RefreshResult {
  if (!isRefusal(error)) throw error;
  const detail = "The sign-in is not refreshed, as it could not be saved: " +
    error.message;
  return { outcome: "unwritable", session: undefined, detail };
}

async function refreshAlone(
  host: RefreshHost,
  paths: StatePaths,
  held: Session,
): Promise<RefreshResult> {
  const isStillNeeded = async () =>
    viewStored(await readSession(host, paths), held) === "not_newer";
  const locked = await withRefreshLock(
    host,
    paths.refreshLock,
    (lock) => refreshLocked(host, paths, { lock, held }),
    isStillNeeded,
  );
  if (locked.kind === "done") return locked.value;
  const stored = await readSession(host, paths);
  const event = locked.kind === "busy" ? "lock_busy" : "lock_held";
  const step = nextStep(event, viewStored(stored, held), 0);
  // Without the lock nothing may be changed.
  const isOver = step !== "ask" && step !== "clear" && step !== "save";
  const outcome = isOver ? step : "lock_timeout_error";
  return {
    ...end(outcome, stored),
    detail: locked.kind === "busy" ? locked.reason : "",
  };
}

async function refreshLocked(
  host: RefreshHost,
  paths: StatePaths,
  { lock, held: before }: Held,
): Promise<RefreshResult> {
  const first = await readSession(host, paths);
  const held = chooseHeld(first, before, host.clock.now());
  if (!canRefresh(held, host.clock.now())) return end("expired", first);
  const isStored = first.kind === "found" &&
    first.session.generation === held.generation;
  if (isStored) {
    try {
      await writeSummary(host, paths, held);
    } catch (error) {
      return unwritable(error);
    }
  }
  return await ask(host, paths, { lock, held });
}

async function ask(
  host: RefreshHost,
  paths: StatePaths,
  { lock, held }: Held,
): Promise<RefreshResult> {
  const start = host.clock.elapsed();
  let event: RefreshEvent = "lock_held";
  let reply: GrantReply | undefined;
  for (let attempts = 0;; attempts++) {
    const stored = await readSession(host, paths);
    const step = nextStep(event, viewStored(stored, held), attempts);
    if (step === "save" && reply?.kind === "tokens") {
      const session = merge(held, reply.tokens);
      const result = await trySave(host, paths, { lock, held: session });
      return await record(host, paths, result, held);
    }
    if (step === "clear") return await clear(host, paths, { lock, held });
    if (step !== "ask" && step !== "save") {
      const detail = reply !== undefined && "reason" in reply
        ? `${held.server}: ${reply.reason}`
        : "";
      return await record(host, paths, { ...end(step, stored), detail }, held);
    }
    if (attempts > 0) await host.clock.sleep(RETRY_PAUSE_MS);
    const spentMs = host.clock.elapsed() - start;
    reply = await requestTokens(host, held.server, {
      "grant_type": "refresh_token",
      "refresh_token": held.refreshToken ?? "",
    }, { timeoutMs: Math.max(LEAST_LIMIT_MS, ASK_LIMIT_MS - spentMs) });
    event = eventOf(reply);
  }
}

/** The session with its next tokens; one that does not rotate is kept. */
function merge(held: Session, tokens: Tokens): Session {
  const rotated = tokens.refreshToken === undefined ? held : tokens;
  return {
    ...held,
    accessToken: tokens.accessToken,
    accessExpiresAt: tokens.accessExpiresAt,
    refreshToken: rotated.refreshToken,
    refreshExpiresAt: rotated.refreshExpiresAt,
    sessionId: held.sessionId ?? tokens.sessionId,
  };
}

async function clear(
  host: RefreshHost,
  paths: StatePaths,
  { lock, held }: Held,
): Promise<RefreshResult> {
  let detail = `${held.server} has ended the session`;
  try {
    await clearSession(host, paths, lock);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    detail += `, but it could not be removed: ${error.message}`;
  }
  const outcome = "current_rejection_cleared";
  return await record(
    host,
    paths,
    { outcome, session: undefined, detail },
    held,
  );
}

function end(outcome: RefreshOutcome, stored: StoredSession): RefreshResult {
  const isUsable = outcome === "adopted_newer" ||
    outcome === "lock_timeout_adopted" ||
    outcome === "stale_rejection_preserved";
  return {
    outcome,
    session: isUsable && stored.kind === "found" ? stored.session : undefined,
    detail: stored.kind === "unreadable" ? stored.reason : "",
  };
}

/** Only what changes the session, or tried to, is worth a line. */
const AUDITED: readonly RefreshOutcome[] = [
  "current_rejection_cleared",
  "refreshed",
  "refreshed_unsaved",
  "stale_rejection_preserved",
];

async function record(
  host: RefreshHost,
  paths: StatePaths,
  result: RefreshResult,
  { method, server, userId }: Session,
): Promise<RefreshResult> {
  const { outcome } = result;
  if (AUDITED.includes(outcome)) {
    const action = "refresh";
    await appendAudit(host, paths, { action, method, outcome, server, userId });
  }
  return result;
}
