/**
 * Where the live channel stands, what can happen to it, and what it can do.
 *
 * @module
 */

/** Where the channel stands, in a word. */
export type LiveStateName =
  | "Connected"
  | "Connecting"
  | "Offline"
  | "OfflineBatchMode"
  | "Reconnecting";

/** Why a channel tries nothing by itself; only `stopped` is for ever. */
export type HaltReason = "parked" | "signed_out" | "stopped";

/** What went wrong last. */
export interface LiveError {
  /** In a word. */
  readonly code: string;
  /** For people, without a secret and without words of the server. */
  readonly detail: string;
}

/** Where the channel stands. */
export interface LiveState {
  /** In a word. */
  readonly name: LiveStateName;
  /** Since when, in epoch milliseconds. */
  readonly sinceAt: number;
  /** Number of the last try, from 1; a stable connection begins anew. */
  readonly attempt: number;
  /** What went wrong last, if anything did. */
  readonly lastError: LiveError | undefined;
  /** When it tries again, in epoch milliseconds, while it waits for that. */
  readonly nextTryAt: number | undefined;
  /** Why it is `Offline`, unless it was never opened. */
  readonly halted: HaltReason | undefined;
  /** Whether the sign-in was refreshed since the last stable connection. */
  readonly hasRefreshed: boolean;
  /** Whether the way or the session may have changed during this try. */
  readonly isInDoubt: boolean;
}

/** What can happen to a channel. */
export type LiveEvent =
  /** Somebody opens it, the network is back or the session has changed. */
  | { readonly kind: "wake" }
  /** The wait is over. */
  | { readonly kind: "due" }
  /** A timer was far too late: the machine has slept. */
  | { readonly kind: "slept" }
  /** The server has shown what it has. */
  | { readonly kind: "snapshot" }
  /** The session is another one than that of the connection. */
  | { readonly kind: "moved" }
  /** The server or the way to it failed. */
  | {
    readonly kind: "failed";
    readonly error: LiveError;
    readonly retryAfterMs?: number;
  }
  /** The server has closed the connection with a code. */
  | { readonly kind: "closed"; readonly code: number; readonly detail: string }
  /** The server does not accept the sign-in. */
  | { readonly kind: "unauthorized"; readonly error: LiveError }
  /** The server does not want us, whoever we are. */
  | { readonly kind: "denied"; readonly error: LiveError }
  /** There is no sign-in. */
  | { readonly kind: "signed_out"; readonly error: LiveError }
  /** There is no sign-in now, but soon there may be. */
  | { readonly kind: "no_token"; readonly error: LiveError }
  /** The server complains about something that changes nothing. */
  | { readonly kind: "noted"; readonly error: LiveError }
  /** Somebody stops it. */
  | { readonly kind: "stop" };

/** What is to be done. */
export type LiveAct =
  /** Leave things as they are. */
  | { readonly kind: "none" }
  /** Connect anew, with a refreshed sign-in if so. */
  | { readonly kind: "connect"; readonly refresh: boolean }
  /** Be without connection for so long. */
  | { readonly kind: "wait"; readonly ms: number }
  /** See whether the connection still works and is still of this session. */
  | { readonly kind: "check" }
  /** Be without connection until something happens. */
  | { readonly kind: "halt" };

/** Time and chance. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Random, from 0 to 1. */
  readonly fraction: number;
}

/** A state, and what is to be done on entering it. */
export interface LiveStep {
  /** The state. */
  readonly state: LiveState;
  /** What is to be done. */
  readonly act: LiveAct;
}

/** A channel that nobody has opened. */
export function initialLive(nowMs: number): LiveState {
  return {
    name: "Offline",
    sinceAt: nowMs,
    attempt: 0,
    lastError: undefined,
    nextTryAt: undefined,
    halted: undefined,
    hasRefreshed: false,
    isInDoubt: false,
  };
}
