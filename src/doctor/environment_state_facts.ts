/**
 * What is written down about an environment, and what is wrong with it.
 * Nothing is repaired on the way.
 *
 * @module
 */

import { type EventsRead, readEvents } from "../environment/event_file.ts";
import { readIntents } from "../environment/intent_journal.ts";
import type { IntentRead } from "../environment/intent_lines.ts";
import {
  type LeaseHolder,
  lookAtLease,
} from "../environment/lifecycle_lease.ts";
import type { RunState } from "../environment/model.ts";
import type { EnvironmentPlace } from "../environment/place.ts";
import { emptyIndex, type RunIndex } from "../environment/run_index.ts";
import {
  type IndexCopy,
  type IndexVerdict,
  judgeCopies,
  readIndexCopies,
} from "../environment/run_index_file.ts";
import { savedRunIds } from "../environment/run_revision.ts";
import {
  type RunSurvey,
  type StoredRun,
  surveyRuns,
} from "../environment/run_survey.ts";
import { KnownError, messageOf } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import {
  type ArtifactName,
  ARTIFACTS,
  latestPath,
} from "../state/environment_paths.ts";

/** One document that the newest run is shown by. */
export interface ArtifactFacts {
  /** Its name. */
  readonly name: ArtifactName;
  /** Version that it says to have; `undefined` for one that says nothing. */
  readonly version: number | undefined;
  /** Whether it is there. */
  readonly isThere: boolean;
}

/** Everything that is written down. */
export interface StateFacts {
  /** The two copies of the list of runs. */
  readonly copies: readonly Pick<IndexCopy, "path" | "read">[];
  /** What they say together. */
  readonly verdict: IndexVerdict | {
    readonly kind: "newer";
    readonly reason: string;
  };
  /** The list, empty when it cannot be read. */
  readonly index: RunIndex;
  /** Runs that are not over, the latest first. */
  readonly runs: readonly StoredRun[];
  /** What is wrong with the files of runs. */
  readonly notes: RunSurvey["notes"];
  /** Runs of which a state was saved, listed or not. */
  readonly runIds: readonly string[];
  /** Documents of the newest run. */
  readonly artifacts: readonly ArtifactFacts[];
  /** Who is changing the environment right now. */
  readonly holder: LeaseHolder | undefined;
  /** Intents, or why they cannot be read. */
  readonly intents: IntentRead | { readonly unknown: string };
  /** How many events there are and how many lines are damaged. */
  readonly events:
    | { readonly count: number; readonly damagedLines: number }
    | { readonly unknown: string };
}

/** Reads everything that is written down. */
export async function readStateFacts(
  host: Pick<Host, "blocking" | "files" | "processes">,
  { paths }: Pick<EnvironmentPlace, "paths">,
): Promise<StateFacts> {
  const copies = await readIndexCopies(host, paths);
  const verdict = judge(copies);
  const index = verdict.kind === "found"
    ? verdict.index
    : emptyIndex(paths.scope);
  const isKnown = verdict.kind === "found";
  const [survey, runIds, artifacts, holder, intents, events] = await Promise
    .all([
      isKnown
        ? surveyRuns(host, paths, index)
        : { runs: [], fixes: [], notes: [] },
      savedRunIds(host, paths),
      Promise.all(ARTIFACTS.map((name) => readArtifact(host, paths, name))),
      lookAtLease(host, paths),
      learn(() => readIntents(host, paths)),
      learn(async () => countEvents(await readEvents(host, paths))),
    ]);
  const { runs, notes } = survey;
  return {
    copies,
    verdict,
    index,
    runs,
    notes,
    runIds,
    artifacts,
    holder,
    intents,
    events,
  };
}

function judge(copies: readonly IndexCopy[]): StateFacts["verdict"] {
  try {
    return judgeCopies(copies);
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return { kind: "newer", reason: error.message };
  }
}

async function learn<T>(
  look: () => Promise<T>,
): Promise<T | { readonly unknown: string }> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { unknown: messageOf(error) };
  }
}

function countEvents({ events, damagedLines }: EventsRead) {
  return { count: events.length, damagedLines };
}

async function readArtifact(
  { files }: Pick<Host, "files">,
  paths: EnvironmentPlace["paths"],
  name: ArtifactName,
): Promise<ArtifactFacts> {
  let text: string;
  try {
    text = await files.readText(latestPath(paths, name));
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const isThere = error.code !== "not_found";
    return { name, isThere, version: undefined };
  }
  return { name, isThere: true, version: versionOf(text) };
}

function versionOf(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const hasVersion = typeof value === "object" && value !== null &&
      "schema_version" in value;
    if (!hasVersion) return undefined;
    return typeof value.schema_version === "number"
      ? value.schema_version
      : undefined;
  } catch {
    return undefined;
  }
}

/** The runs themselves. */
export function statesOf({ runs }: StateFacts): readonly RunState[] {
  return runs.map(({ run }) => run);
}
