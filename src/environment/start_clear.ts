/**
 * Makes room for what is started: ends what it replaces, and reserves ports.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Attempt } from "./attempt.ts";
import {
  type EndableUnit,
  type EndOutcome,
  endUnits,
  keyOf,
  nameOf,
} from "./end_units.ts";
import type { ObservedUnit } from "./observe.ts";
import { releasePorts } from "./port_ledger.ts";
import { listProjects } from "./projects.ts";
import { readRuns, saveRun } from "./run_repository.ts";
import { MAIN_PROJECT } from "./selectable_units.ts";
import type { BlockedReport, PreparedStart } from "./start_prepare.ts";
import { wishesOf } from "./start_needs.ts";
import { type PortBook, reserveFor } from "./start_ports.ts";
import { recordEnds } from "./stop.ts";

/** Room for what is started. */
export interface ClearWay {
  /** Tells it from one that is blocked. */
  readonly kind: "clear";
  /** What was ended, by key. */
  readonly cleared: ReadonlyMap<string, EndOutcome>;
  /** Ports of what is started. */
  readonly ports: PortBook;
}

/**
 * Ends what is replaced and reserves ports. What cannot be ended forbids the
 * start: a second one might come up beside it.
 */
export async function clearWay(
  attempt: Attempt,
  prepared: PreparedStart,
): Promise<BlockedReport | ClearWay> {
  const { mode } = prepared.request;
  const units = prepared.toEnd.map((unit) => endable(unit, mode));
  const cleared = units.length === 0
    ? new Map<string, EndOutcome>()
    : await endUnits(attempt, units, "It is replaced by a new one.");
  const stuck = units.flatMap((unit) => {
    const outcome = cleared.get(keyOf(unit));
    return outcome?.kind === "kept" ? [`${nameOf(unit)}: ${outcome.why}`] : [];
  });
  if (stuck.length > 0) {
    const failure = `Cannot end what is to be replaced: ${stuck.join("; ")}`;
    return await giveUp(attempt, prepared, cleared, { failure });
  }
  try {
    const names = (await listProjects(attempt.host, attempt.place, mode))
      .map(({ name }) => name);
    const all = [...new Set([MAIN_PROJECT, ...names])];
    const { loaded: { origins } } = attempt.place;
    const wishes = wishesOf(prepared, prepared.provisions, origins);
    const ports = await reserveCleared(
      attempt,
      () => reserveFor(attempt, all, wishes),
    );
    return { kind: "clear", cleared, ports };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    const { message: failure, hint } = error;
    return await giveUp(attempt, prepared, cleared, { failure, hint });
  }
}

/**
 * Reserves ports. Where one is taken, an earlier run may have left who has it:
 * only then is that looked for, and ports are reserved anew if it was ended.
 */
async function reserveCleared(
  attempt: Attempt,
  reserve: () => Promise<PortBook>,
): Promise<PortBook> {
  const first = await reserveOr(reserve);
  const isMoved = first instanceof KnownError ||
    first.plans().some(({ retries }) => retries > 0);
  if (!isMoved || !await hasEndedLeftovers(attempt)) return orThrow(first);
  if (!(first instanceof KnownError)) await giveBack(attempt, first);
  return await reserve();
}

async function reserveOr(
  reserve: () => Promise<PortBook>,
): Promise<KnownError | PortBook> {
  try {
    return await reserve();
  } catch (error) {
    if (error instanceof KnownError && error.code === "no_free_port") {
      return error;
    }
    throw error;
  }
}

function orThrow(book: KnownError | PortBook): PortBook {
  if (book instanceof KnownError) throw book;
  return book;
}

async function hasEndedLeftovers(attempt: Attempt): Promise<boolean> {
  const { host, place: { paths } } = attempt;
  const { runs } = await readRuns(host, paths);
  const { endLeftovers } = await import("./end_leftovers.ts");
  const ended = await endLeftovers(attempt, runs.map(({ run }) => run));
  return !("unknown" in ended) && ended.swept.length > 0;
}

async function giveBack(
  { host, place: { paths, scope } }: Attempt,
  book: PortBook,
): Promise<void> {
  const given = book.plans().map(({ project, unit, assigned: port }) => ({
    scope,
    project,
    unit,
    port,
  }));
  await releasePorts(host, paths, given);
}

/** An observed unit, as ending wants it. */
function endable(
  unit: ObservedUnit,
  mode: EndableUnit["mode"],
): EndableUnit {
  return unit.kind === "service"
    ? { kind: "service", mode, record: unit.record }
    : { kind: "dependency", mode, record: unit.record };
}

async function giveUp(
  { host, place, lease }: Attempt,
  { before }: PreparedStart,
  cleared: ReadonlyMap<string, EndOutcome>,
  { failure, hint }: {
    readonly failure: string;
    readonly hint?: string | undefined;
  },
): Promise<BlockedReport> {
  let run = before?.run;
  if (run !== undefined && cleared.size > 0) {
    run = recordEnds(run, cleared);
    await saveRun(host, place.paths, lease, run);
  }
  return {
    kind: "blocked",
    report: {
      kind: "failed",
      run,
      failure,
      degraded: [],
      hint: hint ?? "See what runs: reeve health",
    },
  };
}
