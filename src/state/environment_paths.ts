/**
 * Where the environments of repositories are.
 *
 * @module
 */

import { joinPath } from "../host/path.ts";
import type { StatePaths } from "./paths.ts";

const SCOPE = /^repo-[0-9a-f]{12}$/;
const RUN_ID = /^run-\d{14}-[0-9a-f]{8}$/;
const SCOPE_LETTERS = 12;

/** Documents of a run, by the names of their files. */
export const ARTIFACTS = [
  "run_state",
  "runtime_map",
  "ports_manifest",
  "error_report",
  "readiness_report",
] as const;

/** Name of a document of a run. */
export type ArtifactName = typeof ARTIFACTS[number];

/** Whether a text may name a run: `run-YYYYMMDDHHMMSS-<8 hex>`. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}

/** The scope of a repository, from the canonical path of its root. */
export async function scopeOf(repositoryRoot: string): Promise<string> {
  const bytes = new TextEncoder().encode(repositoryRoot);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `repo-${hash.toHex().slice(0, SCOPE_LETTERS)}`;
}

/** Files of one repository's environments below a state root. */
export interface EnvironmentPaths {
  /** The state root. */
  readonly root: string;
  /** Which repository: `repo-<12 hex>`. */
  readonly scope: string;
  /** Directory that holds the rest. */
  readonly directory: string;
  /** Which runs there are; replacing it commits a change. */
  readonly index: string;
  /** The same once more. */
  readonly indexBackup: string;
  /** Lock of whoever reads or changes the index and its aliases. */
  readonly indexLock: string;
  /** Lock of whoever changes what runs. */
  readonly lease: string;
  /** What was about to be started. */
  readonly intents: string;
  /** What happened, one event a line. */
  readonly events: string;
  /** Directory of all runs. */
  readonly runs: string;
  /** Directory of files that were put aside because they are broken. */
  readonly quarantine: string;
  /** Directory of the data of provided dependencies. */
  readonly data: string;
}

/**
 * Names below a state root for a repository.
 *
 * @throws {TypeError} for a scope that could lead elsewhere.
 */
export function environmentPaths(
  paths: Pick<StatePaths, "root">,
  scope: string,
): EnvironmentPaths {
  if (!SCOPE.test(scope)) {
    throw new TypeError(`Cannot name files after "${scope}"`);
  }
  const directory = joinPath(environmentsDirectory(paths), scope);
  return {
    root: paths.root,
    scope,
    directory,
    index: joinPath(directory, "index.json"),
    indexBackup: joinPath(directory, "index.backup.json"),
    indexLock: joinPath(directory, "index.lock"),
    lease: joinPath(directory, "lease.lock"),
    intents: joinPath(directory, "intents.jsonl"),
    events: joinPath(directory, "events.jsonl"),
    runs: joinPath(directory, "runs"),
    quarantine: joinPath(directory, "quarantine"),
    data: joinPath(directory, "data"),
  };
}

/** Directory of the environments of all repositories. */
export function environmentsDirectory(
  paths: Pick<StatePaths, "root">,
): string {
  return joinPath(paths.root, "environments");
}

/** The newest state of a repository: an alias of an artifact. */
export function latestPath(
  paths: Pick<EnvironmentPaths, "directory">,
  name: ArtifactName,
): string {
  return joinPath(paths.directory, `${name}.json`);
}

/** Files of bundles and of what the recorder writes down. */
export function debugPaths(
  paths: Pick<EnvironmentPaths, "directory">,
): {
  readonly directory: string;
  /** Directory of bundles that nobody wants elsewhere. */
  readonly bundles: string;
  /** Says where the last bundle is. */
  readonly last: string;
} {
  const directory = joinPath(paths.directory, "debug");
  return {
    directory,
    bundles: joinPath(directory, "bundles"),
    last: joinPath(directory, "last_bundle.json"),
  };
}

/** Files of one run. */
export interface RunPaths {
  /** Directory that holds the rest, and the aliases of its artifacts. */
  readonly directory: string;
  /** Directory of its revisions. */
  readonly revisions: string;
  /** Directory of the logs of its services. */
  readonly logs: string;
  /** Says that the run is over. */
  readonly retired: string;
}

/**
 * Names below the directory of a repository's environments for a run.
 *
 * @throws {TypeError} for an id that could lead elsewhere.
 */
export function runPaths(
  paths: Pick<EnvironmentPaths, "runs">,
  runId: string,
): RunPaths {
  if (!isRunId(runId)) throw new TypeError(`"${runId}" is no run`);
  const directory = joinPath(paths.runs, runId);
  return {
    directory,
    revisions: joinPath(directory, "revisions"),
    logs: joinPath(directory, "logs"),
    retired: joinPath(directory, "retired.json"),
  };
}

/** The log of a service of a run. */
export function serviceLogPath(
  run: Pick<RunPaths, "logs">,
  project: string,
  service: string,
): string {
  return joinPath(run.logs, `${fileWord(project)}_${fileWord(service)}.log`);
}

/** Where a dependency that we provide for a project keeps its data. */
export function dependencyDataPath(
  paths: Pick<EnvironmentPaths, "data">,
  project: string,
  dependency: string,
): string {
  return joinPath(paths.data, fileWord(project), fileWord(dependency));
}

/** The ports of all repositories of a person, and the lock of who changes it. */
export function portLedgerPaths(
  paths: Pick<StatePaths, "root">,
): { readonly ledger: string; readonly lock: string } {
  const directory = environmentsDirectory(paths);
  return {
    ledger: joinPath(directory, "ports.json"),
    lock: joinPath(directory, "ports.json.lock"),
  };
}

/**
 * A name as a part of a file name; two names never give the same one. Branches
 * have slashes, and a dot in front would hide a file or lead upwards.
 */
function fileWord(name: string): string {
  if (name === "") throw new TypeError("Cannot name a file after nothing");
  return encodeURIComponent(name)
    .replace(
      /[!'()*_~]|^\./g,
      (letter) =>
        `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
    );
}
