/**
 * The decisions of a refresh: what to do next, from what happened and what is
 * stored. Nothing that may pass ever costs a session.
 *
 * @module
 */

import type { GrantReply } from "./grant.ts";
import {
  isExpiring,
  isNewer,
  isSameSignIn,
  type Session,
  type StoredSession,
} from "./session.ts";

/** What became of a refresh. */
export type RefreshOutcome =
  /** Another process has refreshed: its session is used. */
  | "adopted_newer"
  /** The server refused what we hold, and nothing newer is stored. */
  | "current_rejection_cleared"
  /** There is nothing to refresh with. */
  | "expired"
  /** The lock stayed taken, but its holder has refreshed. */
  | "lock_timeout_adopted"
  /** The lock stayed taken. */
  | "lock_timeout_error"
  /** A new pair of tokens is stored. */
  | "refreshed"
  /** A new pair of tokens could not be stored; this process has it. */
  | "refreshed_unsaved"
  /** Somebody has signed out meanwhile. */
  | "signed_out"
  /** The server refused what we hold, but a newer session is stored. */
  | "stale_rejection_preserved"
  /** The server cannot be asked now. */
  | "transient"
  /** The stored session cannot be used. */
  | "unreadable"
  /** The next pair of tokens could not be stored, so nobody was asked. */
  | "unwritable";

/** What has just happened. */
export type RefreshEvent =
  | "benign_replay"
  | "grant_rejected"
  | "lock_busy"
  | "lock_held"
  | "no_answer"
  | "session_rejected"
  | "tokens";

/** What is stored, compared with what we hold. */
export type StoredView =
  | "missing"
  | "newer"
  | "not_newer"
  | "other_sign_in"
  | "unreadable";

/** What to do next; an outcome ends the refresh. */
export type RefreshStep = "ask" | "clear" | "save" | RefreshOutcome;

/** How often the server is asked in one refresh. */
export const MOST_ATTEMPTS = 2;

/** Compares what is stored with what we hold. */
export function viewStored(stored: StoredSession, held: Session): StoredView {
  if (stored.kind !== "found") return stored.kind;
  if (!isSameSignIn(stored.session, held)) return "other_sign_in";
  return isNewer(stored.session, held) ? "newer" : "not_newer";
}

/** Decides the next step; `attempts` counts the questions so far. */
export function nextStep(
  event: RefreshEvent,
  view: StoredView,
  attempts: number,
): RefreshStep {
  const isReplaced = view === "newer" || view === "other_sign_in";
  if (event === "tokens") return "save";
  if (event === "no_answer") return "transient";
  if (event === "lock_busy") {
    return isReplaced ? "lock_timeout_adopted" : "lock_timeout_error";
  }
  if (view === "missing") return "signed_out";
  if (view === "unreadable") return "unreadable";
  if (event === "session_rejected") {
    // The whole session has ended, whichever of its tokens is stored.
    return view === "other_sign_in" ? "stale_rejection_preserved" : "clear";
  }
  if (event === "grant_rejected") {
    return isReplaced ? "stale_rejection_preserved" : "clear";
  }
  if (isReplaced) return "adopted_newer";
  return attempts < MOST_ATTEMPTS ? "ask" : "transient";
}

/** What an answer of the server means for a refresh. */
export function eventOf(reply: GrantReply): RefreshEvent {
  if (reply.kind === "tokens") return "tokens";
  if (reply.kind !== "refused") return "no_answer";
  switch (reply.refusal) {
    case "invalid_grant":
      return "grant_rejected";
    case "session_invalid":
      return "session_rejected";
    case "refresh_replay_benign_retry":
      return "benign_replay";
    default:
      // A refusal for any other reason says nothing about the session.
      return "no_answer";
  }
}

/**
 * What to refresh: a newer session that has run out as well takes the place of
 * ours, as only its token is still good.
 */
export function chooseHeld(
  stored: StoredSession,
  held: Session,
  now: number,
): Session {
  if (stored.kind !== "found" || !isNewer(stored.session, held)) return held;
  return isExpiring(stored.session, now) ? stored.session : held;
}
