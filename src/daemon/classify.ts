/**
 * The decision table: what may be done with one listener, and why.
 *
 * Pure. The rows stand in their order and the first match wins; a new reason
 * is a new row here, a word in {@linkcode SkipReason} and a line in
 * `reason_text.ts`.
 *
 * @module
 */

import type {
  Candidate,
  HealthFacts,
  ScopeView,
  Viewpoint,
} from "./candidate.ts";

/** What may be done: by itself, only when told to, or never. */
export type CleanupClass = "safe_auto" | "operator_required" | "never_touch";

/** Why a listener is not cleaned automatically. */
export type SkipReason =
  | "cross_root"
  | "dashboard_family"
  | "is_recorded_singleton"
  | "missing_pid"
  | "not_spec_kitty"
  | "out_of_range"
  | "pid_port_mismatch"
  | "pre_marker"
  | "starting"
  | "third_party"
  | "unresponsive";

/** Which fact identified the listener. */
export type IdentitySource =
  | "cmdline_marker"
  | "health_self_report"
  | "none";

/** The verdict on one listener. */
export interface Verdict {
  /** Row of the table that decided, as the runbook numbers them. */
  readonly row: string;
  /** What may be done. */
  readonly cleanupClass: CleanupClass;
  /** Why not by itself; `null` exactly when the class is `safe_auto`. */
  readonly skipReason: SkipReason | null;
  /** Which fact identified the listener. */
  readonly identitySource: IdentitySource;
}

function never(
  row: string,
  skipReason: SkipReason,
  identitySource: IdentitySource = "none",
): Verdict {
  return { row, cleanupClass: "never_touch", skipReason, identitySource };
}

function operator(
  row: string,
  skipReason: SkipReason,
  identitySource: IdentitySource = "none",
): Verdict {
  return { row, cleanupClass: "operator_required", skipReason, identitySource };
}

/** Judges one listener from the viewpoint of the foreground process. */
export function classify(candidate: Candidate, from: Viewpoint): Verdict {
  const { port, pid, spawn, health } = candidate;
  const view = scopeViewOf(candidate, from);
  const singleton = singletonOf(candidate, from);
  const answers = looksLikeDaemon(health);

  if (port < from.ports.first || port >= from.ports.end) {
    return never("1", "out_of_range");
  }
  if (otherFamilyOf(candidate, from) === "dashboard") {
    return never("1a", "dashboard_family");
  }
  if (otherFamilyOf(candidate, from) !== undefined) {
    return never("1a", "third_party");
  }
  if (spawn.shape === "unknown" && singleton === "same") {
    return never("3", "is_recorded_singleton");
  }
  if (spawn.shape === "unknown" && answers) return operator("4", "missing_pid");
  if (!hasSpawnShape(candidate) && answers) return never("2c", "third_party");
  if (!hasSpawnShape(candidate) && health.responded) {
    return never("2a", "third_party");
  }
  if (!hasSpawnShape(candidate)) return never("2b", "not_spec_kitty");
  if (singleton === "same") {
    const source = spawn.scope === undefined ? "none" : "cmdline_marker";
    return never("3", "is_recorded_singleton", source);
  }
  if (pid === undefined) return operator("4", "missing_pid");
  if (spawn.scope === undefined) return operator("5", "pre_marker");
  if (spawn.scope !== view.scope) {
    return operator("6", "cross_root", "cmdline_marker");
  }
  if (!health.responded || hasBadStatus(health)) {
    return operator("7", "unresponsive", "cmdline_marker");
  }
  if (singleton === "in_part") {
    return operator("8a", "pid_port_mismatch", "health_self_report");
  }
  if (!selfReportMatches(candidate) && !legacyOwnerExplains(candidate)) {
    return operator("8", "pid_port_mismatch", "health_self_report");
  }
  return {
    row: "9",
    cleanupClass: "safe_auto",
    skipReason: null,
    identitySource: "health_self_report",
  };
}

/** Whether a health answer is that of a daemon of one of our families. */
export function looksLikeDaemon(health: HealthFacts): boolean {
  return health.responded && health.protocolVersion !== undefined;
}

function hasBadStatus(health: HealthFacts): boolean {
  return health.status !== undefined && health.status !== "ok";
}

/**
 * Whether the argument vector proves a daemon. Two plain words are proof only
 * with the marker behind them, or when the live answer names the product.
 */
export function hasSpawnShape(candidate: Candidate): boolean {
  const { spawn, health } = candidate;
  if (spawn.shape === "marked") return true;
  if (spawn.shape !== "unmarked") return false;
  return spawn.isProofWithoutMarker || health.product === spawn.product;
}

/** Whether the daemon's own report names the pid and port that we see. */
export function selfReportMatches(candidate: Candidate): boolean {
  const { pid, port, health, spawn } = candidate;
  if (pid === undefined) return false;
  if (health.scope !== undefined && health.scope !== spawn.scope) return false;
  return health.ownerPid === pid && health.ownerPort === port;
}

/** Whether the state file names this listener, in full or only in part. */
export function matchSingleton(
  candidate: Candidate,
  view: ScopeView,
): "same" | "in_part" | "no" {
  const { singleton } = view;
  // A file that cannot be read may name this very daemon.
  if (view.stateProblem !== undefined) return "in_part";
  if (singleton === undefined) return "no";
  const { stateTokenIsHealthToken } = candidate.credentials;
  const samePort = singleton.port === candidate.port;
  const samePid = singleton.pid !== undefined &&
    singleton.pid === candidate.pid;
  if (samePort && samePid) return "same";
  if (samePort && singleton.pid === undefined) return "same";
  if (samePort && stateTokenIsHealthToken === true) return "same";
  return samePort || samePid || stateTokenIsHealthToken === true
    ? "in_part"
    : "no";
}

/**
 * Whether a state file names this listener: that of its product, or of any
 * product when nobody could read its argument vector.
 */
export function singletonOf(
  candidate: Candidate,
  from: Viewpoint,
): "same" | "in_part" | "no" {
  const { product, shape } = candidate.spawn;
  if (product !== undefined) {
    return matchSingleton(candidate, from.scopes[product]);
  }
  if (shape !== "unknown") return "no";
  const found = Object.values(from.scopes).map((view) =>
    matchSingleton(candidate, view)
  );
  return found.find((match) => match === "same") ??
    found.find((match) => match === "in_part") ?? "no";
}

function scopeViewOf(candidate: Candidate, from: Viewpoint): ScopeView {
  const { product } = candidate.spawn;
  return product === undefined ? {} : from.scopes[product];
}

function otherFamilyOf(
  { spawn, health }: Candidate,
  from: Viewpoint,
): string | undefined {
  const stated = [spawn.family, health.daemonFamily];
  if (health.isDashboardShaped) stated.push("dashboard");
  return stated.find((name) => name !== undefined && name !== from.family);
}

/**
 * Daemons of 3.2.0 to 3.2.3 report whatever the shared owner record holds,
 * often another daemon. Their report is accepted when everything else proves
 * the answering process and the mismatch is explained by that shared file.
 */
function legacyOwnerExplains(candidate: Candidate): boolean {
  const { spawn, health, credentials, port } = candidate;
  return health.daemonFamily === undefined && health.scope === undefined &&
    spawn.isProofWithoutMarker &&
    spawn.port === port &&
    credentials.argvTokenIsHealthToken === true &&
    (credentials.ownerBlock === "absent" ||
      credentials.ownerBlock === "is_on_disk");
}
