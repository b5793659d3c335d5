/**
 * What all steps of one change of an environment share, and how each process
 * that it starts is written down.
 *
 * @module
 */

import { type RunPaths, runPaths } from "../state/environment_paths.ts";
import { statePaths } from "../state/paths.ts";
import { batchWrites } from "./batch_writes.ts";
import { type EventLog, openEvents } from "./events.ts";
import { intend, noteSpawned, settleIntents } from "./intent_journal.ts";
import type { Intent, IntentOutcome, SpawnedIntent } from "./intent_lines.ts";
import type { LaunchJournal } from "./launch.ts";
import type { LifecycleHost, Reporter } from "./lifecycle.ts";
import type { Lease } from "./lifecycle_lease.ts";
import type { EnvironmentPlace } from "./place.ts";
import { openSignalJournal, type SignalJournal } from "./signal_journal.ts";

/** One change of an environment, from its lease to its end. */
export interface Change {
  /** The world. */
  readonly host: LifecycleHost;
  /** The repository. */
  readonly place: EnvironmentPlace;
  /** The right to change it. */
  readonly lease: Lease;
  /** Hears how it gets on. */
  readonly reporter: Reporter;
  /** Writes down what happens. */
  readonly events: EventLog;
  /** Writes down each signal. */
  readonly signals: SignalJournal;
}

/** Begins a change. */
export function beginChange(
  host: LifecycleHost,
  place: EnvironmentPlace,
  lease: Lease,
  { command, reporter }: {
    readonly command: string;
    readonly reporter: Reporter;
  },
): Change {
  const { journal } = statePaths(place.paths.root);
  return {
    host,
    place,
    lease,
    reporter,
    events: openEvents(host, place.paths, command),
    signals: openSignalJournal(host, journal, command),
  };
}

/** A change that starts something for one run. */
export interface Attempt extends Change {
  /** The run. */
  readonly runId: string;
  /** Its files. */
  readonly run: RunPaths;
  /** Everything that it has been about to start. */
  readonly intents: IntentBook;
}

/** Goes from a change to the start of units of a run. */
export function beginAttempt(change: Change, runId: string): Attempt {
  change.events.trace(runId);
  const run = runPaths(change.place.paths, runId);
  return { ...change, runId, run, intents: openIntents(change) };
}

/** The intents of one attempt. */
export interface IntentBook {
  /** How the start of one unit is written down. */
  journalOf(intent: Intent): LaunchJournal;
  /** Leaves one to the next command: nobody can tell what became of it. */
  leave(intentId: string): void;
  /** Writes down what became of all the others, by marker. */
  settle(outcomeOf: (marker: string) => IntentOutcome | undefined): Promise<
    void
  >;
}

function openIntents(
  { host, place: { paths } }: Pick<Change, "host" | "place">,
): IntentBook {
  const open = new Map<string, Intent>();
  const writeIntent = batchWrites<Intent>((intents) =>
    intend(host, paths, intents)
  );
  const writeSpawned = batchWrites<SpawnedIntent>((spawned) =>
    noteSpawned(host, paths, spawned)
  );
  return {
    journalOf: (intent) => ({
      intended() {
        open.set(intent.intentId, intent);
        return writeIntent(intent);
      },
      spawned: (_plan, identity) =>
        writeSpawned({ intentId: intent.intentId, identity }),
      async refused() {
        open.delete(intent.intentId);
        await settleIntents(host, paths, [
          { intentId: intent.intentId, outcome: "not_started" },
        ]);
      },
    }),
    leave: (intentId) => void open.delete(intentId),
    async settle(outcomeOf) {
      const settled = [...open.values()].flatMap(({ intentId, marker }) => {
        const outcome = outcomeOf(marker);
        return outcome === undefined ? [] : [{ intentId, outcome }];
      });
      for (const { intentId } of settled) open.delete(intentId);
      await settleIntents(host, paths, settled);
    },
  };
}
