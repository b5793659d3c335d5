/**
 * The facts behind a verdict, each with the place where it was read and the
 * weight that the decision table gives it.
 *
 * @module
 */

import type { Candidate, ScopeView, Viewpoint } from "./candidate.ts";
import { hasSpawnShape, selfReportMatches, singletonOf } from "./classify.ts";

/**
 * What a fact is good for: `authority` gives the right to act, `gate` is
 * necessary but gives no right, `exclusion` forbids, `evidence` and `report`
 * decide nothing.
 */
export type EvidenceRole =
  | "authority"
  | "evidence"
  | "exclusion"
  | "gate"
  | "report";

/** One fact. */
export interface Evidence {
  /** What was looked at. */
  readonly fact: string;
  /** What was found. */
  readonly value: string | number | boolean | null;
  /** Where it was read. */
  readonly source: string;
  /** When it was read, ISO 8601 UTC. */
  readonly "read_at": string;
  /** Since when it has been so, ISO 8601 UTC, when that is known. */
  readonly "since": string | null;
  /** What it is good for. */
  readonly role: EvidenceRole;
  /** Whether it speaks for cleaning (`true`), against, or neither (`null`). */
  readonly supports: boolean | null;
}

/** Lists the facts of one candidate in the order of the table. */
export function collectEvidence(
  candidate: Candidate,
  from: Viewpoint,
): readonly Evidence[] {
  const { product } = candidate.spawn;
  const view = product === undefined ? {} : from.scopes[product];
  const facts = [
    ...processEvidence(candidate, from),
    ...scopeEvidence(candidate, view, from),
    ...healthEvidence(candidate),
    ...reportEvidence(candidate),
  ];
  const readAt = new Date(from.takenAt).toISOString();
  return facts.map((row) => ({
    ...row,
    "read_at": readAt,
    "since": sinceOf(row, candidate, view),
  }));
}

type Fact = Omit<Evidence, "read_at" | "since">;

/** What a process is holds since its start, what a file says since its write. */
function sinceOf(
  { source }: Fact,
  candidate: Candidate,
  view: ScopeView,
): string | null {
  const moment = source === STATE_FILE
    ? view.stateWrittenAt
    : source === ARGV || source === PROCESS_TABLE
    ? candidate.process?.startedAt
    : undefined;
  return moment === undefined ? null : new Date(moment).toISOString();
}

const ARGV = "argv of the listener's process";
const PROCESS_TABLE = "system process table";
const STATE_FILE = "state file";

function processEvidence(
  candidate: Candidate,
  from: Viewpoint,
): readonly Fact[] {
  const { port, pid, ownerProblem, process, spawn } = candidate;
  const inRange = port >= from.ports.first && port < from.ports.end;
  return [{
    fact: "port_in_range",
    value: port,
    source: "scan",
    role: "gate",
    supports: inRange,
  }, {
    fact: "listener_pid",
    value: pid ?? ownerProblem ?? null,
    source: "system listener table",
    role: "gate",
    supports: pid !== undefined,
  }, {
    fact: "start_stamp",
    value: process?.startStamp ?? null,
    source: PROCESS_TABLE,
    role: "gate",
    supports: process !== undefined,
  }, {
    fact: "spawn_shape",
    value: spawn.product === undefined
      ? spawn.shape
      : `${spawn.product}/${spawn.family} ${spawn.shape}`,
    source: ARGV,
    role: "gate",
    supports: hasSpawnShape(candidate),
  }];
}

function scopeEvidence(
  candidate: Candidate,
  view: ScopeView,
  from: Viewpoint,
): readonly Fact[] {
  const { spawn } = candidate;
  const singleton = singletonOf(candidate, from);
  return [{
    fact: "scope_marker",
    value: spawn.scope ?? null,
    source: ARGV,
    role: "authority",
    supports: spawn.scope !== undefined && spawn.scope === view.scope,
  }, {
    fact: "own_scope",
    value: view.scope ?? null,
    source: "environment",
    role: "authority",
    supports: null,
  }, {
    fact: "named_by_state_file",
    value: singleton,
    source: STATE_FILE,
    role: "exclusion",
    supports: singleton === "no",
  }];
}

function healthEvidence(candidate: Candidate): readonly Fact[] {
  const { health } = candidate;
  const report = health.ownerPid === undefined && health.ownerPort === undefined
    ? null
    : `pid ${health.ownerPid ?? "?"} port ${health.ownerPort ?? "?"}`;
  return [{
    fact: "health_answer",
    value: health.outcome,
    source: "GET /api/health",
    role: "gate",
    supports: health.responded,
  }, {
    fact: "daemon_family",
    value: health.isDashboardShaped ? "dashboard" : health.daemonFamily ?? null,
    source: "GET /api/health",
    role: "gate",
    supports: null,
  }, {
    fact: "self_report",
    value: report,
    source: "GET /api/health owner",
    role: "gate",
    supports: selfReportMatches(candidate),
  }];
}

function reportEvidence(candidate: Candidate): readonly Fact[] {
  const { health, process, ownerPresent, credentials } = candidate;
  const rows: [string, Evidence["value"], string, EvidenceRole][] = [
    ["package_version", health.packageVersion ?? null, "health", "evidence"],
    ["protocol_version", health.protocolVersion ?? null, "health", "evidence"],
    ["executable", process?.executable ?? null, PROCESS_TABLE, "evidence"],
    ["owner_record", ownerPresent, "owner record on disk", "report"],
    ["owner_block", credentials.ownerBlock, "health owner", "report"],
  ];
  return rows.map(([fact, value, source, role]) => ({
    fact,
    value,
    source,
    role,
    supports: null,
  }));
}
