/**
 * Looks at all that an index leads to: proves each revision, and plans what to
 * do about copies of it that a crash or a person has left wrong.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import {
  type ArtifactName,
  ARTIFACTS,
  type EnvironmentPaths,
  latestPath,
  runPaths,
} from "../state/environment_paths.ts";
import {
  artifactsOf,
  type ArtifactTexts,
  fingerprintTexts,
} from "./artifacts.ts";
import { formatDocument } from "./document_codec.ts";
import type { RunState } from "./model.ts";
import type { Fix, StateNote } from "./run_fixes.ts";
import {
  activeEntries,
  type IndexEntry,
  narrowRun,
  type Revision,
  type RunIndex,
  timeOfRevision,
} from "./run_index.ts";
import {
  artifactPath,
  parseRun,
  readAny,
  readProved,
  revisionPath,
} from "./run_revision.ts";

/** A run that is not over, as it was saved. */
export interface StoredRun {
  /** The run, with the projects that it still owns. */
  readonly run: RunState;
  /** Generation of its last change; the highest is the latest run. */
  readonly sequence: number;
  /** Whether the last revision is damaged and this is the one before. */
  readonly isOutdated: boolean;
}

/** What looking gave. */
export interface RunSurvey {
  /** Runs that are not over, the latest first. */
  readonly runs: readonly StoredRun[];
  /** Repairs of what follows from the index. */
  readonly fixes: readonly Fix[];
  /** What was found wrong. */
  readonly notes: readonly StateNote[];
}

/** A revision that was written just now. */
export interface WrittenRevision {
  /** Its name. */
  readonly name: string;
  /** Its documents. */
  readonly texts: ArtifactTexts;
}

/**
 * Looks at the runs of an index. Changes nothing.
 *
 * @param written is not read again; its copies are all out of date.
 */
export async function surveyRuns(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
  index: RunIndex,
  written?: WrittenRevision,
): Promise<RunSurvey> {
  const [latest, ...others] = activeEntries(index);
  const parts = [
    ...latest === undefined
      ? [await surveyNothing(host, paths)]
      : [await surveyRun(host, paths, latest, [paths.directory], written)],
    ...await Promise.all(
      others.map((entry) => surveyRun(host, paths, entry, [])),
    ),
    ...await Promise.all(
      index.entries.filter(({ isRetired }) => isRetired)
        .map((entry) => surveyRetired(host, paths, entry)),
    ),
  ];
  return {
    runs: parts.flatMap(({ runs }) => runs),
    fixes: parts.flatMap(({ fixes }) => fixes),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

/** Without a run there is no latest state. */
async function surveyNothing(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
): Promise<RunSurvey> {
  const seen = await Promise.all(ARTIFACTS.map(async (name) => {
    const path = latestPath(paths, name);
    return { path, facts: await host.files.stat(path) };
  }));
  const fixes = seen.flatMap(({ path, facts }): readonly Fix[] =>
    facts === undefined ? [] : [{ kind: "remove", path }]
  );
  return { runs: [], fixes, notes: [] };
}

/** The mark lets the index be built again without reviving what is over. */
async function surveyRetired(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
  { runId }: IndexEntry,
): Promise<RunSurvey> {
  const path = runPaths(paths, runId).retired;
  if (await host.files.stat(path) !== undefined) {
    return { runs: [], fixes: [], notes: [] };
  }
  const text = formatDocument({
    "schema": "run_retired",
    "schema_version": 1,
    "scope": paths.scope,
    "run_id": runId,
  });
  return { runs: [], fixes: [{ kind: "write", path, text }], notes: [] };
}

async function surveyRun(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
  entry: IndexEntry,
  more: readonly string[],
  written?: WrittenRevision,
): Promise<RunSurvey> {
  const aliases = [runPaths(paths, entry.runId).directory, ...more];
  const isWritten = written?.name === entry.current.name;
  const found = isWritten
    ? { texts: written.texts, isOutdated: false, fixes: [], notes: [] }
    : await findDocuments(host, paths, entry, aliases);
  if (found === undefined) {
    return lose(paths, entry, "no revision of it is whole");
  }
  const { run_state: state } = found.texts;
  const run = await parseRun(paths, entry.runId, state, { isProved: true });
  if (typeof run === "string") return lose(paths, entry, run);
  const copies = await Promise.all(
    aliases.map((directory) =>
      isWritten
        ? ARTIFACTS.map((name) => copyOf(directory, name, found.texts))
        : planAlias(host, directory, found.texts)
    ),
  );
  const { runId, sequence } = entry;
  const { isOutdated } = found;
  return {
    runs: [{ run: narrowRun(run, entry.owned), sequence, isOutdated }],
    fixes: [...found.fixes, ...copies.flat()],
    notes: [
      ...found.notes,
      ...copies.flat().map(({ path }): StateNote => ({
        kind: "repaired",
        path,
        message: `${path} did not show the state of ${runId}`,
      })),
    ],
  };
}

function lose(
  paths: EnvironmentPaths,
  { runId }: IndexEntry,
  reason: string,
): RunSurvey {
  const path = runPaths(paths, runId).directory;
  const message = `The state of ${runId} is lost: ${reason}. ` +
    "What it has started is still marked: see reeve doctor";
  return { runs: [], fixes: [], notes: [{ kind: "lost", path, message }] };
}

interface FoundDocuments {
  readonly texts: ArtifactTexts;
  readonly isOutdated: boolean;
  readonly fixes: readonly Fix[];
  readonly notes: readonly StateNote[];
}

/** The revision that counts, else a proved copy of it, else the one before. */
async function findDocuments(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
  { runId, current, previous }: IndexEntry,
  aliases: readonly string[],
): Promise<FoundDocuments | undefined> {
  const path = revisionPath(paths, runId, current.name);
  const restored = (copy: ArtifactTexts, from: string): FoundDocuments => ({
    texts: copy,
    isOutdated: false,
    fixes: ARTIFACTS.map((name): Fix => ({
      kind: "write",
      path: artifactPath(path, name),
      text: copy[name],
    })),
    notes: [{
      kind: "repaired",
      path,
      message: `${path} was damaged and is restored from ${from}`,
    }],
  });
  const prove = async (directory: string, fingerprint: string) => {
    const found = await readProved(host, directory);
    return found?.fingerprint === fingerprint ? found.texts : undefined;
  };
  const texts = await prove(path, current.fingerprint);
  if (texts !== undefined) {
    return { texts, isOutdated: false, fixes: [], notes: [] };
  }
  for (const alias of aliases) {
    const copy = await prove(alias, current.fingerprint);
    if (copy !== undefined) return restored(copy, alias);
  }
  const derived = await deriveTexts(host, paths, runId, current);
  if (derived !== undefined) return restored(derived, "its state");
  if (previous === undefined) return undefined;
  const before = revisionPath(paths, runId, previous.name);
  const older = await prove(before, previous.fingerprint);
  if (older === undefined) return undefined;
  const message = `${path} is damaged: ${runId} is shown as in ${before}`;
  return {
    texts: older,
    isOutdated: true,
    fixes: [],
    notes: [{ kind: "outdated", path, message }],
  };
}

/** Documents follow from the state, which alone was flushed to the disk. */
async function deriveTexts(
  host: Pick<Host, "files">,
  paths: EnvironmentPaths,
  runId: string,
  { name, fingerprint }: Revision,
): Promise<ArtifactTexts | undefined> {
  const { run_state: text } = await readAny(
    host,
    revisionPath(paths, runId, name),
  );
  if (text === undefined) return undefined;
  const run = await parseRun(paths, runId, text);
  if (typeof run === "string") return undefined;
  const texts = artifactsOf(paths.scope, run, timeOfRevision(name));
  const isSame = await fingerprintTexts(texts) === fingerprint;
  return isSame ? texts : undefined;
}

async function planAlias(
  host: Pick<Host, "files">,
  directory: string,
  texts: ArtifactTexts,
): Promise<readonly Fix[]> {
  const found = await readAny(host, directory);
  return ARTIFACTS.filter((name) => found[name] !== texts[name])
    .map((name) => copyOf(directory, name, texts));
}

function copyOf(
  directory: string,
  name: ArtifactName,
  texts: ArtifactTexts,
): Fix & { readonly kind: "write" } {
  const path = artifactPath(directory, name);
  return { kind: "write", path, text: texts[name] };
}
