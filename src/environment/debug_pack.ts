/**
 * Writes a bundle: reads, redacts, packs, looks once more for every known
 * secret in what was packed, and only then puts the file in its place.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { type Host, HostError } from "../host/host.ts";
import { absolutePath, joinPath } from "../host/path.ts";
import { debugPaths, isRunId, runPaths } from "../state/environment_paths.ts";
import { isJsonObject, type JsonObject } from "../state/json_value.ts";
import { cliVersion } from "../version.ts";
import { type BundleExtras, makeBundle } from "./debug_bundle.ts";
import { credentialsIn } from "./debug_names.ts";
import { makeRedactor, type Redactor, type Secret } from "./debug_redact.ts";
import { gatherSecrets, markersIn } from "./debug_secrets.ts";
import {
  type BundleSources,
  readSources,
  type SourcesHost,
} from "./debug_sources.ts";
import { pidsIn, secretsOfUnits } from "./debug_unit_secrets.ts";
import { type BundleFile, packFiles, unpackFiles } from "./debug_zip.ts";
import { formatDocument, isoTime } from "./document_codec.ts";
import type { EnvironmentPlace } from "./place.ts";
import { requirePrivatePlace } from "./run_place.ts";

/** What {@linkcode packBundle} needs of the world. */
export type PackHost = SourcesHost & Pick<Host, "env" | "processes" | "random">;

/** What is packed, and where to. */
export interface PackRequest {
  /** Only this run; the latest one where nobody says. */
  readonly runId: string | undefined;
  /** Directory for the bundle; one in the state root where nobody says. */
  readonly outputDirectory: string | undefined;
  /** What others have found out. */
  readonly extras: BundleExtras;
}

/** A bundle on disk. */
export interface PackedBundle {
  /** Its path. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** Its files by path, with their sizes. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** Id of the run that it is about, if there is one. */
  readonly runId: string | undefined;
  /** What is missing, as sentences. */
  readonly notes: readonly string[];
  /** What it says. */
  readonly diagnosis: JsonObject;
}

const SALT_BYTES = 32;
const NAME_BYTES = 4;
const KEPT_BUNDLES = 5;
const BUNDLE = /^reeve-debug-repo-[0-9a-f]{12}-\d{17}-[0-9a-f]{8}\.zip$/;

/**
 * Writes a bundle and remembers where it is.
 *
 * @throws {KnownError} `usage` for an id of no run, `not_found` for a run that
 * is not there, `unusable` when it cannot be written, when the state is not
 * private, or when a secret is still found in it; then nothing is written.
 */
export async function packBundle(
  host: PackHost,
  place: EnvironmentPlace,
  request: PackRequest,
): Promise<PackedBundle> {
  const { paths } = place;
  await requirePrivatePlace(host, paths, [paths.runs]);
  requireRun(host, place, request.runId);
  const sources = await readSources(host, place, request.runId);
  const pids = sources.documents.flatMap(({ content }) => pidsIn(content));
  const [gathered, ofUnits] = await Promise.all([
    gatherSecrets(host, place, rootsIn(sources)),
    secretsOfUnits(host, place.loaded.settings, [...new Set(pids)]),
  ]);
  const redactor = makeRedactor({
    secrets: [
      ...gathered.secrets,
      ...ofUnits,
      ...foundIn(sources, request.extras),
    ],
    home: host.env.home,
    salt: host.random.hex(SALT_BYTES),
  });
  const unread = gathered.unread.map((file) =>
    `${file} cannot be read; what is in it was not looked for.`
  );
  const extras = {
    ...request.extras,
    notes: [...request.extras.notes, ...unread],
  };
  const now = host.clock.now();
  const bundle = makeBundle({
    sources,
    extras,
    version: cliVersion(host.env),
    os: host.env.os,
    scope: paths.scope,
    now,
  }, redactor);
  const bytes = await packFiles(bundle.files);
  refuseSecrets(await unpackFiles(bytes), redactor);
  const path = bundlePath(host, place, request.outputDirectory, now);
  await write(host, path, bytes);
  const problem = await remember(host, place, path, now);
  return {
    path,
    bytes: bytes.length,
    files: bundle.files.map(({ path, text }) => ({
      path,
      bytes: new TextEncoder().encode(text).length,
    })).toSorted((a, b) => a.path < b.path ? -1 : 1),
    runId: bundle.runId,
    notes: problem === undefined ? bundle.notes : [...bundle.notes, problem],
    diagnosis: bundle.diagnosis,
  };
}

function requireRun(
  { blocking }: PackHost,
  { paths }: EnvironmentPlace,
  runId: string | undefined,
): void {
  if (runId === undefined) return;
  const isThere = isRunId(runId) &&
    blocking.stat(runPaths(paths, runId).directory)?.kind === "directory";
  if (isThere) return;
  throw new KnownError("not_found", `There is no run ${runId}`, {
    hint: "To see the runs that there are: reeve status",
  });
}

/** Directories of projects, as the run has them. */
function rootsIn({ documents }: BundleSources): readonly string[] {
  return documents.flatMap(({ content }) => {
    const projects = isJsonObject(content) ? content["projects"] : undefined;
    if (!Array.isArray(projects)) return [];
    return projects.flatMap((project) => {
      const root = isJsonObject(project) ? project["root"] : undefined;
      return typeof root === "string" ? [root] : [];
    });
  });
}

/** Credentials that one file shows by their shape may be in another, too. */
function foundIn(
  { documents, events, logs, recorded }: BundleSources,
  extras: BundleExtras,
): readonly Secret[] {
  const texts = [
    ...documents.map(({ content, isWhole }) =>
      isWhole ? JSON.stringify(content) : String(content)
    ),
    ...[...events, ...recorded, { ...extras }].map((one) =>
      JSON.stringify(one)
    ),
    ...logs.map(({ lines }) => lines.join("\n")),
  ];
  return texts.flatMap((text) => [
    ...markersIn(text),
    ...credentialsIn(text).map((value) => ({ origin: "a credential", value })),
  ]);
}

/**
 * The last look: whatever was done before, no bundle with a known secret in it
 * leaves.
 *
 * @throws {KnownError} `unusable`, which names the file and never the secret.
 */
export function refuseSecrets(
  files: readonly BundleFile[],
  redactor: Pick<Redactor, "find">,
): void {
  for (const { path, text } of files) {
    const origin = redactor.find(path) ?? redactor.find(text);
    if (origin === undefined) continue;
    throw new KnownError(
      "unusable",
      `Cannot hand out the bundle: a file of it still holds ${origin}`,
      { hint: "Nothing was written. Please report this, without the secret." },
    );
  }
}

function bundlePath(
  { env, random }: PackHost,
  { paths }: EnvironmentPlace,
  outputDirectory: string | undefined,
  now: number,
): string {
  const directory = outputDirectory === undefined
    ? debugPaths(paths).bundles
    : absolutePath(env.cwd, outputDirectory);
  const stamp = isoTime(now).replaceAll(/\D/g, "");
  const word = random.hex(NAME_BYTES);
  return joinPath(directory, `reeve-debug-${paths.scope}-${stamp}-${word}.zip`);
}

async function write(
  { files }: PackHost,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  try {
    await files.writeAtomic(path, bytes);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new KnownError(
      "unusable",
      `Cannot write the bundle to ${path}: ${error.code.replaceAll("_", " ")}`,
      {
        hint: error.code === "no_space"
          ? "Make room, or name a directory elsewhere: --output-dir DIR"
          : "Name a directory that you may write to: --output-dir DIR",
        cause: error,
      },
    );
  }
}

/** The bundle is there; that nobody can say where is no reason to fail. */
async function remember(
  { blocking, files }: PackHost,
  { paths }: EnvironmentPlace,
  path: string,
  now: number,
): Promise<string | undefined> {
  const { bundles, last } = debugPaths(paths);
  try {
    await files.writeAtomic(
      last,
      formatDocument({
        "schema": "debug_last_bundle",
        "schema_version": 1,
        path,
        "created_at": isoTime(now),
      }),
    );
    const old = blocking.list(bundles).filter((name) => BUNDLE.test(name));
    for (const name of old.slice(0, -KEPT_BUNDLES)) {
      blocking.remove(joinPath(bundles, name));
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return `It is not known as the last bundle: ${error.message}.`;
  }
}

/** The last bundle, or why there is none. */
export type LastBundle =
  | {
    readonly kind: "found";
    readonly path: string;
    readonly createdAt: string;
  }
  | { readonly kind: "none" }
  | { readonly kind: "gone"; readonly path: string };

/** Finds the last bundle of a repository. */
export async function lastBundle(
  { files }: Pick<Host, "files">,
  { paths }: Pick<EnvironmentPlace, "paths">,
): Promise<LastBundle> {
  const last = await readLast(files, debugPaths(paths).last);
  const path = last?.["path"];
  if (typeof path !== "string") return { kind: "none" };
  const facts = await files.stat(path);
  if (facts?.kind !== "file") return { kind: "gone", path };
  return { kind: "found", path, createdAt: String(last?.["created_at"]) };
}

async function readLast(
  files: Host["files"],
  path: string,
): Promise<JsonObject | undefined> {
  try {
    const value = JSON.parse(await files.readText(path));
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    const isExpected = error instanceof SyntaxError ||
      error instanceof HostError && error.code === "not_found";
    if (isExpected) return undefined;
    throw error;
  }
}
