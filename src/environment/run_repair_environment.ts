/**
 * Mends everything that is written down about a repository's environment.
 * Processes are only looked at: none gets a signal.
 *
 * @module
 */

import type { EnvironmentPaths } from "../state/environment_paths.ts";
import { beginChange, type Change } from "./attempt.ts";
import type { LifecycleHost } from "./lifecycle.ts";
import { takeLease } from "./lifecycle_lease.ts";
import type { RunState } from "./model.ts";
import type { EnvironmentPlace } from "./place.ts";
import {
  type HandOver,
  handOverPorts,
  releasePorts,
  viewPorts,
} from "./port_ledger.ts";
import type { StateNote } from "./run_fixes.ts";
import { activeEntries } from "./run_index.ts";
import {
  judgeCopies,
  readIndexCopies,
  requireIndex,
} from "./run_index_file.ts";
import { requirePrivatePlace } from "./run_place.ts";
import { repairRuns } from "./run_repair.ts";
import {
  readRuns,
  type RepositoryHost,
  retireRun,
  type Runs,
  saveRun,
} from "./run_repository.ts";
import { type RunSurvey, surveyRuns } from "./run_survey.ts";
import { settleGone, sortIntents } from "./settle_intents.ts";
import { resourceUnit } from "./port_entry.ts";

/** What a repair is about. */
export type RepairPart = "index" | "intents" | "ports" | "runs";

/** One thing that was mended, left or could not be mended. */
export interface RepairItem {
  /** What it is about. */
  readonly part: RepairPart;
  /** What became of it; `planned` in a dry run. */
  readonly outcome: "done" | "failed" | "left" | "planned";
  /** What happened or would, in a sentence without its full stop. */
  readonly message: string;
}

/** How far a repair may go. */
export interface RepairRequest {
  /** Only say what would be done. */
  readonly isDryRun: boolean;
  /** Asks a person before a run is given up; without it nobody is asked. */
  readonly ask?: (question: string) => Promise<boolean>;
}

/** No unit is started or stopped here. */
const SILENT = { onPhase() {}, onUnit() {} };

/**
 * Mends records, each part as far as it can be mended.
 *
 * @throws {KnownError} `lock_busy` while another command changes the
 * environment; `newer_file`; `unusable` for a place that is not private.
 */
export async function repairEnvironment(
  host: LifecycleHost,
  place: EnvironmentPlace,
  request: RepairRequest,
): Promise<readonly RepairItem[]> {
  const { paths } = place;
  await requirePrivatePlace(host, paths, [paths.runs]);
  if (request.isDryRun) return await planRepair(host, paths);
  using lease = await takeLease(host, paths, "reeve doctor --repair");
  const change = beginChange(host, place, lease, {
    command: "doctor",
    reporter: SILENT,
  });
  const rebuilt = await repairRuns(host, paths, lease);
  const items: RepairItem[] = rebuilt.kind === "sound" ? [] : [
    {
      part: "index",
      outcome: "done",
      message: rebuilt.runIds.length === 0
        ? "Built the list of runs again: it is empty"
        : `Built the list of runs again with ${rebuilt.runIds.join(", ")}`,
    },
    ...rebuilt.notes.map((note) => itemOf("index", note)),
  ];
  const seen = await readRuns(host, paths);
  items.push(
    ...seen.notes.filter(({ kind }) => kind === "repaired" || kind === "failed")
      .map((note) => itemOf("runs", note)),
    ...await mendOutdated(change, seen),
    ...await giveUpLost(change, seen, request),
  );
  const runs = (await readRuns(host, paths)).runs.map(({ run }) => run);
  items.push(
    ...await mendIntents(change, runs),
    ...await mendPorts(change, runs),
  );
  await change.events.flush();
  return items;
}

/** A note as an item: what it tells has happened already. */
function itemOf(
  part: RepairPart,
  { kind, message }: StateNote,
): RepairItem {
  const outcome = kind === "failed" ? "failed" : "done";
  return { part, outcome, message };
}

/** A run whose last revision is damaged goes on from the one before. */
async function mendOutdated(
  { host, place: { paths }, lease }: Change,
  { runs }: Runs,
): Promise<readonly RepairItem[]> {
  const items: RepairItem[] = [];
  for (const { run, isOutdated } of runs) {
    if (!isOutdated) continue;
    await saveRun(host, paths, lease, run);
    items.push({ part: "runs", outcome: "done", message: outdatedText(run) });
  }
  return items;
}

function outdatedText({ runId }: RunState): string {
  return `Took ${runId} back to the state before its last one, which is damaged`;
}

/** A run of which nothing can be read is over; its files stay. */
async function giveUpLost(
  { host, place: { paths }, lease }: Change,
  seen: Runs,
  { ask }: RepairRequest,
): Promise<readonly RepairItem[]> {
  const items: RepairItem[] = [];
  for (const runId of await lostRuns(host, paths, seen)) {
    const question = `Nothing of ${runId} can be read. Declare it over?`;
    const isAgreed = ask === undefined || await ask(question);
    if (isAgreed) await retireRun(host, paths, lease, runId);
    items.push({
      part: "runs",
      outcome: isAgreed ? "done" : "left",
      message: isAgreed
        ? `Declared ${runId} over: nothing of it could be read`
        : `${runId} stays listed, and nothing of it can be read`,
    });
  }
  return items;
}

async function lostRuns(
  host: Pick<RepositoryHost, "files">,
  paths: EnvironmentPaths,
  { runs }: Pick<RunSurvey, "runs">,
): Promise<readonly string[]> {
  const { index } = requireIndex(paths, await readIndexCopies(host, paths));
  const known = new Set(runs.map(({ run }) => run.runId));
  return activeEntries(index).map(({ runId }) => runId)
    .filter((runId) => !known.has(runId));
}

async function mendIntents(
  change: Change,
  runs: readonly RunState[],
): Promise<readonly RepairItem[]> {
  const { settled, left } = await settleGone(change, runs);
  return [
    ...settled.map((name): RepairItem => ({
      part: "intents",
      outcome: "done",
      message: `Closed the begun start of ${name}`,
    })),
    ...left.map(leftIntent),
  ];
}

function leftIntent(name: string): RepairItem {
  return {
    part: "intents",
    outcome: "left",
    message: `A command began to start ${name} and never finished; it runs`,
  };
}

async function mendPorts(
  { host, place }: Pick<Change, "host" | "place">,
  runs: readonly RunState[],
): Promise<readonly RepairItem[]> {
  const { paths, scope } = place;
  const { problem } = await viewPorts(host, paths);
  const texts = await findDeadPorts(host, paths);
  // Whoever changes the ledger drops what is dead and puts a broken one aside;
  // what runs is written into a new one, dead units leave it with the next.
  if (problem !== undefined) {
    const units = runs.flatMap((run) => portsOf(scope, run));
    await handOverPorts(host, paths, units);
  }
  if (texts.length > 0) await releasePorts(host, paths, []);
  return texts.map((message) => ({ part: "ports", outcome: "done", message }));
}

/** The ports of the units of a run. */
function portsOf(
  scope: string,
  { services, dependencies }: RunState,
): readonly HandOver[] {
  return [
    ...services.flatMap(({ project, slug: unit, identity, ...record }) => {
      const port = record.actualPort ?? record.requestedPort;
      return identity === undefined || port === undefined
        ? []
        : [{ scope, project, unit, port, identity }];
    }),
    ...dependencies.flatMap(({ project, id, identity, ports }) =>
      identity === undefined
        ? []
        : Object.entries(ports).map(([resource, port]) => {
          const unit = resourceUnit(id, resource);
          return { scope, project, unit, port, identity };
        })
    ),
  ];
}

async function findDeadPorts(
  host: LifecycleHost,
  paths: EnvironmentPaths,
): Promise<readonly string[]> {
  const { entries, problem } = await viewPorts(host, paths);
  return [
    ...problem === undefined
      ? []
      : [`The ledger of ports is put aside and begun anew: ${problem}`],
    ...entries.filter(({ isAlive }) => !isAlive).map((entry) =>
      `Port ${entry.port} is free again: ${entry.project} ${entry.unit} of ` +
      `${entry.scope} has ended`
    ),
  ];
}

/** What a repair would do. */
async function planRepair(
  host: LifecycleHost,
  paths: EnvironmentPaths,
): Promise<readonly RepairItem[]> {
  const planned = (part: RepairPart, message: string): RepairItem => ({
    part,
    outcome: "planned",
    message,
  });
  const ports = (await findDeadPorts(host, paths))
    .map((message) => planned("ports", message));
  const copies = await readIndexCopies(host, paths);
  const verdict = judgeCopies(copies);
  if (verdict.kind === "broken") {
    const message = `The list of runs is built again: ${verdict.reason}`;
    return [planned("index", message), ...ports];
  }
  const { index, notes } = requireIndex(paths, copies);
  const survey = await surveyRuns(host, paths, index);
  const runs = survey.runs.map(({ run }) => run);
  const intents = await sortIntents(host, paths, runs);
  return [
    ...[...notes, ...survey.notes].map(({ message }) =>
      planned("runs", message)
    ),
    ...[...intents.saved, ...intents.gone].map(({ intent }) =>
      planned(
        "intents",
        `The begun start of ${intent.project} ${intent.unit} is closed`,
      )
    ),
    ...intents.left.map(({ intent }) =>
      leftIntent(`${intent.project} ${intent.unit}`)
    ),
    ...ports,
  ];
}
