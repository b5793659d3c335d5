/**
 * Ends units with everything that belongs to them, all at once: SIGTERM to
 * each proved process, SIGKILL after the grace, each proved again right before
 * it. Whether a unit has ended is decided by its processes, never by a port.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { ProcessRow } from "../host/processes.ts";
import { endProcess } from "./end_process.ts";
import { type Evidence, explainNoMembers } from "./evidence.ts";
import { collectProcesses } from "./facts.ts";
import type { UnitIdentity } from "./model.ts";
import { lineageOf } from "./process_index.ts";
import { type TreeFacts, treeOf } from "./process_tree.ts";
import type { SignalJournal } from "./signal_journal.ts";

/** A unit to end. */
export interface UnitToStop {
  /** For people: `Main backend`. */
  readonly name: string;
  /** Who it is. */
  readonly identity: UnitIdentity;
  /** How long it may take after SIGTERM, in milliseconds. */
  readonly graceMs: number;
}

/** What became of a unit. */
export interface StopResult {
  /** The unit. */
  readonly unit: UnitToStop;
  /**
   * `stopped`: nothing of it runs, and we ended it. `already_gone`: nothing of
   * it ran. `survived`: it outlived SIGKILL. `denied`: the machine refused a
   * signal. `unverified`: nobody can tell, so nothing more was sent.
   */
  readonly kind:
    | "already_gone"
    | "denied"
    | "stopped"
    | "survived"
    | "unverified";
  /** Processes that ended, in the order of their ids. */
  readonly ended: readonly number[];
  /** Whether one of them had to be killed. */
  readonly wasKilled: boolean;
  /** Why, the weightiest first. */
  readonly evidence: readonly Evidence[];
}

/** Limits and hooks of {@linkcode stopUnits}. */
export interface StopUnitsOptions {
  /** Writes down each signal. */
  readonly journal: SignalJournal;
  /** Why the units may be ended, in one sentence. */
  readonly reason: string;
  /** How long a process may take after SIGKILL. @default 1000 */
  readonly killWaitMs?: number;
  /** Called as soon as one unit is done. */
  readonly onDone?: (result: StopResult) => void;
}

/** What {@linkcode stopUnits} needs of the world. */
export type StopUnitsHost = Pick<Host, "clock" | "env" | "processes">;

/** Ends units, all at the same time. */
export async function stopUnits(
  host: StopUnitsHost,
  units: readonly UnitToStop[],
  options: StopUnitsOptions,
): Promise<readonly StopResult[]> {
  const look = shareLooks(host, units);
  return await Promise.all(units.map(async (unit) => {
    const result = await stopUnit(host, unit, look, options)
      .catch((error) => surprised(unit, error));
    options.onDone?.(result);
    return result;
  }));
}

/** A surprise about one unit must not lose the results of the others. */
function surprised(unit: UnitToStop, error: unknown): StopResult {
  const evidence = [{ fact: "unknown", text: messageOf(error) }] as const;
  return { unit, kind: "unverified", ended: [], wasKilled: false, evidence };
}

type Look = () => Promise<TreeFacts>;

/**
 * How many turns of the event loop a look waits for more units to end: most end
 * together, and a pass over all processes takes much longer than that.
 */
const GATHER_TURNS = 5;

/**
 * Joins looks that are wanted at the same time: one pass over all processes
 * costs as much for fifty units as for one. A look that is under way is not
 * joined, since it may have missed what has just happened.
 */
function shareLooks(
  host: StopUnitsHost,
  units: readonly UnitToStop[],
): Look {
  const identities = units.map(({ identity }) => identity);
  let next: Promise<TreeFacts> | undefined;
  let current: Promise<unknown> = Promise.resolve();
  let turns = 1;
  const gather = async () => {
    for (let turn = 0; turn < turns; turn++) await host.clock.sleep(0);
  };
  return () => {
    next ??= current.then(gather).then(() => {
      next = undefined;
      turns = units.length > 1 ? GATHER_TURNS : 1;
      const look = collectProcesses(host, identities);
      current = look.catch(() => undefined);
      return look;
    });
    return next;
  };
}

/** What ending the processes of one round gave. */
interface Round {
  readonly ended: readonly number[];
  readonly wasKilled: boolean;
  readonly failed: readonly Failure[];
}

interface Failure {
  readonly kind: "denied" | "survived" | "unverified";
  readonly evidence: Evidence;
}

async function stopUnit(
  host: StopUnitsHost,
  unit: UnitToStop,
  look: Look,
  options: StopUnitsOptions,
): Promise<StopResult> {
  const start = host.clock.elapsed();
  const { killWaitMs = 1000 } = options;
  const ended = new Set<number>();
  let wasKilled = false;
  const say = (kind: StopResult["kind"], evidence: readonly Evidence[]) => ({
    unit,
    kind,
    ended: [...ended].sort((a, b) => a - b),
    wasKilled,
    evidence,
  });
  while (true) {
    const target = targetsOf(unit, await look());
    if (target.kind === "unverified") return say("unverified", target.evidence);
    if (target.rows.length === 0) {
      return say(ended.size > 0 ? "stopped" : "already_gone", target.evidence);
    }
    const spentMs = host.clock.elapsed() - start;
    if (spentMs > unit.graceMs + killWaitMs) {
      // It makes processes faster than they can be ended.
      return say("survived", target.rows.map(survivor));
    }
    // What a process started while it ended has the rest of the grace.
    const graceMs = Math.max(0, unit.graceMs - spentMs);
    const round = await endAll(host, unit, target.rows, {
      ...options,
      graceMs,
    });
    for (const pid of round.ended) ended.add(pid);
    wasKilled ||= round.wasKilled;
    const [failure] = round.failed;
    if (failure !== undefined) {
      return say(failure.kind, round.failed.map(({ evidence }) => evidence));
    }
  }
}

type Targets =
  | {
    readonly kind: "known";
    readonly rows: readonly ProcessRow[];
    readonly evidence: readonly Evidence[];
  }
  | { readonly kind: "unverified"; readonly evidence: readonly Evidence[] };

function targetsOf({ identity }: UnitToStop, facts: TreeFacts): Targets {
  const tree = treeOf(identity, facts);
  const unverified = (fact: Evidence["fact"], text: string): Targets => ({
    kind: "unverified",
    evidence: [{ fact, text }],
  });
  if (tree.kind === "unknown") return unverified("unknown", tree.reason);
  if (facts.processes.kind === "unknown") {
    return unverified("unknown", facts.processes.reason);
  }
  // Ending ourselves, or the shell that we were called from, ends nothing.
  const lineage = lineageOf(facts.processes.index, facts.ownPid);
  const rows = tree.members.map(({ row }) => row);
  const above = rows.find((row) => lineage.has(row.pid));
  if (above !== undefined) {
    return unverified(
      "alive",
      `this command was started from its process ${above.pid}: run it elsewhere`,
    );
  }
  const [suspect] = tree.suspects;
  if (rows.length === 0 && suspect !== undefined) {
    return unverified(
      "unproved_member",
      `process ${suspect.pid} is in its session, but nothing proves that it is its own`,
    );
  }
  return { kind: "known", rows, evidence: [explainNoMembers(tree.leader)] };
}

function survivor({ pid }: ProcessRow): Evidence {
  return { fact: "alive", text: `process ${pid} still runs` };
}

async function endAll(
  host: StopUnitsHost,
  unit: UnitToStop,
  rows: readonly ProcessRow[],
  options: StopUnitsOptions & { readonly graceMs: number },
): Promise<Round> {
  const ended: number[] = [];
  const failed: Failure[] = [];
  let wasKilled = false;
  const named = { name: unit.name, marker: unit.identity.marker };
  await Promise.all(rows.map(async (row) => {
    const outcome = await endProcess(host, { row, unit: named }, options);
    if (outcome.kind === "gone") return;
    if ("why" in outcome) {
      const text = `process ${row.pid} ${outcome.why}`;
      failed.push({ kind: outcome.kind, evidence: { fact: "alive", text } });
      return;
    }
    ended.push(row.pid);
    wasKilled ||= outcome.kind === "killed";
  }));
  return { ended, wasKilled, failed };
}
