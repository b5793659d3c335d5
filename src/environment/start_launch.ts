/**
 * Starts a process of an attempt so that later commands know of it: one that
 * cannot be written down is ended again at once.
 *
 * @module
 */

import { HostError } from "../host/host.ts";
import type { Attempt } from "./attempt.ts";
import { explained } from "./host_refusal.ts";
import {
  type LaunchedUnit,
  type LaunchJournal,
  type LaunchPlan,
  launchUnit,
} from "./launch.ts";
import { stopUnits } from "./stop_unit.ts";
import { formatMarker } from "./unit_marker.ts";

/** Whose process is started. */
export interface LaunchedFor {
  /** Project. */
  readonly project: string;
  /** Service slug or dependency id. */
  readonly unit: string;
  /** Port that it is given, if that is known before. */
  readonly port: number | undefined;
  /** Hash of its argument vector; the words may hold secrets. */
  readonly argvHash: string;
}

const TOKEN_BYTES = 16;

/**
 * Starts a process.
 *
 * @throws {KnownError} as {@linkcode launchUnit}; `unusable` when the disk does
 * not take what must be written down about it. Then nothing of it runs, or the
 * next command finds it.
 */
export async function launchFor(
  attempt: Attempt,
  { project, unit, port, argvHash }: LaunchedFor,
  plan: Omit<LaunchPlan, "marker">,
): Promise<LaunchedUnit> {
  const { host, place, runId, intents, events } = attempt;
  const marker = formatMarker({
    scope: place.scope,
    run: runId,
    unit,
    token: host.random.hex(TOKEN_BYTES),
  });
  const intentId = host.random.hex(TOKEN_BYTES);
  const journal = intents.journalOf({
    intentId,
    runId,
    project,
    unit,
    port,
    marker,
    argvHash,
  });
  try {
    const launched = await launchUnit(
      host,
      { ...plan, marker },
      endingUnwritten(attempt, journal),
    );
    const { pid } = launched.identity;
    events.note("service.launch", {
      project,
      unit,
      pid,
      argv_hash: argvHash,
      port: port ?? null,
    });
    return launched;
  } catch (error) {
    // There may be a process that nobody could look at.
    intents.leave(intentId);
    throw explained(error);
  }
}

/** A journal that ends what it cannot write down. */
function endingUnwritten(
  { host, signals }: Attempt,
  journal: LaunchJournal,
): LaunchJournal {
  return {
    ...journal,
    async spawned(plan, identity) {
      try {
        await journal.spawned(plan, identity);
      } catch (error) {
        if (error instanceof HostError) {
          await stopUnits(host, [{ name: plan.name, identity, graceMs: 0 }], {
            journal: signals,
            reason: "It cannot be written down.",
          });
        }
        throw error;
      }
    },
  };
}
