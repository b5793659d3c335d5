/**
 * What the live channel does when something happens: one table of early
 * returns. Time and chance are arguments.
 *
 * @module
 */

import { RETRY_AFTER_CAP_MS } from "./circuit.ts";
import type {
  HaltReason,
  LiveError,
  LiveEvent,
  LiveState,
  LiveStateName,
  LiveStep,
  Moment,
} from "./live_state.ts";

/** Tries before the channel becomes patient. */
export const FAST_ATTEMPTS = 10;
/** Time between two tries of a patient channel, in milliseconds. */
export const PROBE_MS = 300_000;
/** How long a connection has to last to count as stable, in milliseconds. */
export const STABLE_MS = 60_000;

const BASE_MS = 500;
const CAP_MS = 30_000;
// After a restart not everybody may come back at the same moment.
const LATER_FROM_MS = 5000;
const LATER_SPAN_MS = 25_000;

const ANEW = {
  moved: { code: "moved", detail: "the session has changed" },
  slept: { code: "slept", detail: "the machine has slept" },
} as const;

/** Wait after so many failed tries: full jitter over a doubling span. */
export function retryWaitMs(attempt: number, fraction: number): number {
  if (attempt >= FAST_ATTEMPTS) return PROBE_MS;
  const span = BASE_MS * 2 ** Math.max(0, attempt - 1);
  return Math.round(fraction * Math.min(CAP_MS, span));
}

/** The next state, and what is to be done. */
export function stepLive(
  state: LiveState,
  event: LiveEvent,
  moment: Moment,
): LiveStep {
  const isHalted = state.halted !== undefined;
  if (state.halted === "stopped") return stay(state);
  if (isHalted && event.kind !== "wake" && event.kind !== "stop") {
    return stay(state);
  }
  switch (event.kind) {
    case "wake":
      return wake(state, moment);
    case "due":
      return state.nextTryAt === undefined
        ? stay(state)
        : connect(state, state.attempt + 1, moment);
    case "slept":
    case "moved":
      return connect(state, 1, moment, ANEW[event.kind]);
    case "snapshot":
      return connected(state, moment);
    case "closed":
      return closed(state, event, moment);
    case "failed":
      return retry(state, event.error, moment, waitOf(event, moment));
    case "no_token":
      return retry({ ...state, hasRefreshed: false }, event.error, moment);
    case "unauthorized":
      return unauthorized(state, event.error, moment);
    case "denied":
      return halt(state, "parked", moment, event.error);
    case "signed_out":
      return halt(state, "signed_out", moment, event.error);
    case "noted":
      return stay({ ...state, lastError: event.error });
    case "stop":
      return halt(state, "stopped", moment);
  }
}

function stay(state: LiveState): LiveStep {
  return { state, act: { kind: "none" } };
}

/** Staying in a state does not change since when it lasts. */
function become(
  state: LiveState,
  name: LiveStateName,
  { nowMs }: Moment,
): LiveState {
  const sinceAt = name === state.name ? state.sinceAt : nowMs;
  return { ...state, name, sinceAt, nextTryAt: undefined, halted: undefined };
}

function wake(state: LiveState, moment: Moment): LiveStep {
  const fresh = { ...state, hasRefreshed: false };
  if (state.name === "Connected") {
    return { state: fresh, act: { kind: "check" } };
  }
  if (state.name === "Offline" || state.nextTryAt !== undefined) {
    return connect(fresh, 1, moment);
  }
  // Whoever wakes it again and again must not keep it from ever connecting.
  return stay({ ...fresh, attempt: 1, isInDoubt: true });
}

function connect(
  state: LiveState,
  attempt: number,
  moment: Moment,
  error: LiveError | undefined = state.lastError,
): LiveStep {
  const isFirst = state.name === "Offline" || state.name === "Connecting";
  const isPatient = state.name === "OfflineBatchMode" && attempt > 1;
  const name = isFirst
    ? "Connecting"
    : isPatient
    ? "OfflineBatchMode"
    : "Reconnecting";
  const next = become(state, name, moment);
  return {
    state: { ...next, attempt, lastError: error, isInDoubt: false },
    act: { kind: "connect", refresh: false },
  };
}

function connected(state: LiveState, moment: Moment): LiveStep {
  const next = become(state, "Connected", moment);
  return {
    state: { ...next, isInDoubt: false },
    act: { kind: state.isInDoubt ? "check" : "none" },
  };
}

/** Only a connection that has lasted makes the past forgotten. */
function rested(state: LiveState, { nowMs }: Moment): LiveState {
  const isStable = state.name === "Connected" &&
    nowMs - state.sinceAt >= STABLE_MS;
  return isStable ? { ...state, attempt: 0, hasRefreshed: false } : state;
}

function retry(
  state: LiveState,
  error: LiveError,
  moment: Moment,
  atLeastMs = 0,
): LiveStep {
  const { attempt, hasRefreshed } = rested(state, moment);
  const wait = retryWaitMs(attempt, moment.fraction);
  const ms = Math.max(wait, Math.min(atLeastMs, RETRY_AFTER_CAP_MS));
  const isFast = attempt < FAST_ATTEMPTS;
  const name = isFast ? "Reconnecting" : "OfflineBatchMode";
  const next = become(state, name, moment);
  const nextTryAt = moment.nowMs + ms;
  return {
    state: { ...next, attempt, hasRefreshed, lastError: error, nextTryAt },
    act: { kind: "wait", ms },
  };
}

function laterMs({ fraction }: Moment): number {
  return Math.round(LATER_FROM_MS + LATER_SPAN_MS * fraction);
}

function waitOf(
  { error, retryAfterMs }: Extract<LiveEvent, { readonly kind: "failed" }>,
  moment: Moment,
): number {
  return retryAfterMs ?? (error.code === "throttled" ? laterMs(moment) : 0);
}

function closed(
  state: LiveState,
  { code, detail }: Extract<LiveEvent, { readonly kind: "closed" }>,
  moment: Moment,
): LiveStep {
  const error = { code: `closed_${code}`, detail };
  switch (code) {
    case 4401:
      return unauthorized(state, error, moment);
    case 1008:
    case 4403:
      return halt(state, "parked", moment, error);
    case 1012:
    case 1013:
      return retry(state, error, moment, laterMs(moment));
    default:
      return retry(state, error, moment);
  }
}

/** One refresh a stable connection, or it would go on for ever. */
function unauthorized(
  state: LiveState,
  error: LiveError,
  moment: Moment,
): LiveStep {
  const from = rested(state, moment);
  if (from.hasRefreshed) return halt(state, "signed_out", moment, error);
  const next = { ...from, hasRefreshed: true };
  const step = connect(next, from.attempt + 1, moment, error);
  return { ...step, act: { kind: "connect", refresh: true } };
}

function halt(
  state: LiveState,
  halted: HaltReason,
  moment: Moment,
  error: LiveError | undefined = state.lastError,
): LiveStep {
  const next = become(state, "Offline", moment);
  return {
    state: { ...next, halted, lastError: error, isInDoubt: false },
    act: { kind: "halt" },
  };
}
