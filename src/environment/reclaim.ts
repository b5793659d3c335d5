/**
 * Ends what is left over from units: facts, verdicts, a plan, and only then
 * signals. Every process of the plan ends in exactly one list.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import { endProcess } from "./end_process.ts";
import {
  classifyOrphan,
  explainOrphan,
  type OrphanClass,
  type OrphanReason,
  type OrphanVerdict,
} from "./orphan_class.ts";
import {
  collectOrphans,
  type OrphanCandidate,
  type OrphanHost,
  type OrphanScope,
} from "./orphan_facts.ts";
import type { SignalJournal } from "./signal_journal.ts";

/** One process that was ended, as JSON shows it. */
export interface ReclaimedEntry {
  /** Process id. */
  readonly "pid": number;
  /** Ports of ours that it listened on. */
  readonly "ports": readonly number[];
  /** The unit that it was left over from, when that is known. */
  readonly "unit": string | null;
  /** The step that ended it; `null` when it ended by itself. */
  readonly "cleanup_path": "kill" | "terminate" | null;
  /** Class and reason. */
  readonly "reason": string;
}

/** One process that was left alone, as JSON shows it. */
export interface KeptEntry {
  /** Process id. */
  readonly "pid": number;
  /** Ports of ours that it listens on. */
  readonly "ports": readonly number[];
  /** The unit that it has to do with, when that is known. */
  readonly "unit": string | null;
  /** What may be done with it. */
  readonly "cleanup_class": OrphanClass;
  /** Why it is left. */
  readonly "skip_reason": OrphanReason;
  /** The same in a sentence. */
  readonly "detail": string;
}

/** One process that could not be ended, as JSON shows it. */
export interface StuckEntry {
  /** Process id. */
  readonly "pid": number;
  /** Ports of ours that it listens on. */
  readonly "ports": readonly number[];
  /** Why. */
  readonly "failure_reason": "denied" | "survived" | "unverified";
  /** The same in a sentence. */
  readonly "detail": string;
}

/** What reclaiming did. */
export interface ReclaimResult {
  /** Ended. */
  readonly "swept": readonly ReclaimedEntry[];
  /** Left alone. */
  readonly "skipped": readonly KeptEntry[];
  /** Could not be ended. */
  readonly "failed": readonly StuckEntry[];
}

/** One process to end. */
export interface PlannedEnd {
  /** The process and its facts. */
  readonly candidate: OrphanCandidate;
  /** The verdict that allows it. */
  readonly verdict: OrphanVerdict;
}

/** What reclaiming will do. */
export interface ReclaimPlan {
  /** To end. */
  readonly ends: readonly PlannedEnd[];
  /** To leave, and why. */
  readonly skipped: readonly KeptEntry[];
}

/** Context and limits of {@linkcode reclaim}. */
export interface ReclaimOptions {
  /** Writes down each signal. */
  readonly journal: SignalJournal;
  /** How long a process may take after SIGTERM. @default 2000 */
  readonly graceMs?: number;
  /** How long it may take after SIGKILL. @default 1000 */
  readonly killWaitMs?: number;
  /** Hears how many processes are to be ended, before each round. */
  readonly onStart?: (amount: number) => void;
  /** Hears that one of them is settled. */
  readonly onDone?: () => void;
}

/** Whether a person agreed to end a doubtful process. */
export type Consent = (candidate: OrphanCandidate) => boolean;

/**
 * Sorts candidates into those to end and those to leave. Whoever is never to
 * be touched is in neither, whatever a person agreed to.
 */
export function planReclaim(
  candidates: readonly OrphanCandidate[],
  agreesTo: Consent,
): ReclaimPlan {
  const ends: PlannedEnd[] = [];
  const skipped: KeptEntry[] = [];
  for (const candidate of candidates) {
    const verdict = classifyOrphan(candidate.facts);
    const { orphanClass } = verdict;
    if (orphanClass === "never_touch") continue;
    if (orphanClass === "safe_auto" || agreesTo(candidate)) {
      ends.push({ candidate, verdict });
    } else skipped.push(keptEntry(candidate, verdict));
  }
  return { ends, skipped };
}

function keptEntry(
  candidate: OrphanCandidate,
  verdict: OrphanVerdict,
): KeptEntry {
  return {
    "pid": candidate.row.pid,
    "ports": candidate.ports,
    "unit": candidate.unit?.name ?? null,
    "cleanup_class": verdict.orphanClass,
    "skip_reason": verdict.reason,
    "detail": explainOrphan(verdict),
  };
}

/** Carries out a plan: all processes at once, one failure stops no other. */
export async function reclaim(
  host: OrphanHost,
  plan: ReclaimPlan,
  options: ReclaimOptions,
): Promise<ReclaimResult> {
  const swept: ReclaimedEntry[] = [];
  const failed: StuckEntry[] = [];
  options.onStart?.(plan.ends.length);
  await Promise.all(plan.ends.map(async (planned) => {
    const outcome = await endPlanned(host, planned, options);
    options.onDone?.();
    if ("failure_reason" in outcome) failed.push(outcome);
    else swept.push(outcome);
  }));
  return {
    "swept": swept.toSorted(byPid),
    "skipped": plan.skipped.toSorted(byPid),
    "failed": failed.toSorted(byPid),
  };
}

function byPid(a: { pid: number }, b: { pid: number }): number {
  return a.pid - b.pid;
}

async function endPlanned(
  host: OrphanHost,
  { candidate, verdict }: PlannedEnd,
  options: ReclaimOptions,
): Promise<ReclaimedEntry | StuckEntry> {
  const { row, marker, unit, ports } = candidate;
  const { graceMs = 2000, journal, killWaitMs } = options;
  const limits = { journal, ...killWaitMs === undefined ? {} : { killWaitMs } };
  const fail = (reason: StuckEntry["failure_reason"], detail: string) => ({
    "pid": row.pid,
    ports,
    "failure_reason": reason,
    detail,
  });
  try {
    const named = { name: unit?.name ?? "unknown unit", marker: marker ?? "" };
    const outcome = await endProcess(host, {
      row,
      unit: named,
      ...marker === undefined ? {} : { marker },
    }, { ...limits, graceMs, reason: explainOrphan(verdict) });
    if ("why" in outcome) {
      return fail(outcome.kind, `Process ${row.pid} ${outcome.why}.`);
    }
    return {
      "pid": row.pid,
      ports,
      "unit": unit?.name ?? null,
      "cleanup_path": PATHS[outcome.kind],
      "reason": `${verdict.orphanClass} ${verdict.reason}`,
    };
  } catch (error) {
    // A surprise about one process must not lose the results of the others.
    return fail("unverified", messageOf(error));
  }
}

const PATHS = { gone: null, killed: "kill", terminated: "terminate" } as const;

/** Rounds of {@linkcode reclaimAll}; more means a process that multiplies. */
const MAX_ROUNDS = 3;

/**
 * Looks, plans and ends until nothing that may be ended is left: what a
 * process started while it ended is found in the next round.
 *
 * @returns the reason when processes cannot be known; then nothing was done.
 */
export async function reclaimAll(
  host: OrphanHost,
  scope: OrphanScope,
  agreesTo: Consent,
  options: ReclaimOptions,
): Promise<ReclaimResult | { readonly unknown: string }> {
  const swept: ReclaimedEntry[] = [];
  for (let round = 1;; round++) {
    const look = await collectOrphans(host, scope);
    if (look.kind === "unknown") return { unknown: look.reason };
    const plan = planReclaim(look.candidates, agreesTo);
    const result = await reclaim(host, plan, options);
    swept.push(...result.swept);
    const isOver = plan.ends.length === 0 || result.failed.length > 0 ||
      round === MAX_ROUNDS;
    if (isOver) return { ...result, "swept": swept.toSorted(byPid) };
  }
}
