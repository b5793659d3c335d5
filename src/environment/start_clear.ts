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
import { listProjects } from "./projects.ts";
import { saveRun } from "./run_repository.ts";
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
    const ports = await reserveFor(
      attempt,
      all,
      wishesOf(
        prepared,
        prepared.provisions,
        attempt.place.loaded.origins,
      ),
    );
    return { kind: "clear", cleared, ports };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    const { message: failure, hint } = error;
    return await giveUp(attempt, prepared, cleared, { failure, hint });
  }
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
