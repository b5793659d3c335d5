/**
 * One revision of a run on disk: written once, then only read and proved.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import { parseSealed, type SealedForm } from "../state/sealed_document.ts";
import {
  type ArtifactName,
  ARTIFACTS,
  type EnvironmentPaths,
  isRunId,
  runPaths,
} from "../state/environment_paths.ts";
import { type ArtifactTexts, fingerprintTexts } from "./artifacts.ts";
import type { RunState } from "./model.ts";
import { decodeRun, RUN_SCHEMA_VERSION } from "./run_codec.ts";
import { isRevisionName } from "./run_index.ts";
import type { RunStateDocument } from "./run_schema.ts";

/** Directory of a revision. */
export function revisionPath(
  paths: EnvironmentPaths,
  runId: string,
  name: string,
): string {
  return joinPath(runPaths(paths, runId).revisions, name);
}

/**
 * Ids of the runs that were ever saved. A start that was killed before that
 * has lost nothing.
 */
export async function savedRunIds(
  { files }: Pick<Host, "files">,
  paths: EnvironmentPaths,
): Promise<readonly string[]> {
  const runIds = (await files.list(paths.runs)).filter(isRunId);
  const saved = await Promise.all(runIds.map(async (runId) => {
    const names = await files.list(runPaths(paths, runId).revisions);
    return names.some(isRevisionName) ? [runId] : [];
  }));
  return saved.flat();
}

/** Path of a document in a directory. */
export function artifactPath(directory: string, name: ArtifactName): string {
  return joinPath(directory, `${name}.json`);
}

/** Writes every document of a revision. */
export async function writeRevision(
  host: Pick<Host, "files">,
  directory: string,
  texts: ArtifactTexts,
): Promise<void> {
  // The others follow from the state and the time of the revision.
  for (const name of ARTIFACTS) {
    if (name === "run_state") continue;
    const path = artifactPath(directory, name);
    await host.files.writeAtomic(path, texts[name], { isDerived: true });
  }
  const path = artifactPath(directory, "run_state");
  await host.files.writeAtomic(path, texts.run_state);
}

/** The documents of a directory, or `undefined` when one cannot be read. */
export async function readTexts(
  host: Pick<Host, "files">,
  directory: string,
): Promise<ArtifactTexts | undefined> {
  const found = await readAny(host, directory);
  const {
    run_state: state,
    runtime_map: map,
    ports_manifest: ports,
    error_report: errors,
    readiness_report: readiness,
  } = found;
  if (state === undefined || map === undefined || ports === undefined) {
    return undefined;
  }
  if (errors === undefined || readiness === undefined) return undefined;
  return {
    "run_state": state,
    "runtime_map": map,
    "ports_manifest": ports,
    "error_report": errors,
    "readiness_report": readiness,
  };
}

/** Those documents of a directory that can be read. */
export async function readAny(
  host: Pick<Host, "files">,
  directory: string,
): Promise<Partial<ArtifactTexts>> {
  const texts: Partial<Record<ArtifactName, string>> = {};
  for (const name of ARTIFACTS) {
    try {
      texts[name] = await host.files.readText(artifactPath(directory, name));
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
    }
  }
  return texts;
}

/** The documents of a directory and their fingerprint, when all are there. */
export async function readProved(
  host: Pick<Host, "files">,
  directory: string,
): Promise<
  | { readonly texts: ArtifactTexts; readonly fingerprint: string }
  | undefined
> {
  const texts = await readTexts(host, directory);
  if (texts === undefined) return undefined;
  return { texts, fingerprint: await fingerprintTexts(texts) };
}

const FORM: SealedForm<
  RunStateDocument,
  { readonly scope: string; readonly run: RunState }
> = {
  version: RUN_SCHEMA_VERSION,
  decode: (document) => ({
    scope: document.scope,
    run: decodeRun(document),
  }),
  loadSchema: async () => (await import("./run_schema.ts")).runStateSchema,
};

/**
 * The run that a text describes, or why it is not that run.
 *
 * @param isProved whether a fingerprint has shown that it is as it was written.
 */
export async function parseRun(
  paths: EnvironmentPaths,
  runId: string,
  text: string,
  { isProved } = { isProved: false },
): Promise<RunState | string> {
  const read = isProved
    ? await parseSealed(text, FORM, () => true)
    : await parseSealed(text, FORM);
  switch (read.kind) {
    case "found": {
      const { scope, run } = read.value;
      if (scope !== paths.scope) return "it is of another repository";
      return run.runId === runId ? run : "it is of another run";
    }
    case "too_new":
      return `it has version ${read.version}, which is newer than this reeve`;
    case "missing":
      return "it is not there";
    case "damaged":
    case "unreadable":
      return read.reason;
  }
}
