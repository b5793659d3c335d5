/**
 * Whether the files of an environment are in a place that only we can change.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import {
  type EnvironmentPaths,
  environmentsDirectory,
} from "../state/environment_paths.ts";

const OTHERS_WRITE = 0o022;
const OTHERS = 0o077;

/**
 * Refuses a state root that is not ours, that others may change, or whose parts
 * for environments others may read or that lead out of it. What is not there
 * yet is fine: it will be made private.
 *
 * @param more files and directories below it that will be read or changed.
 * @throws {KnownError} `unusable`, which names the place and the next step.
 */
export async function requirePrivatePlace(
  host: Pick<Host, "files" | "env">,
  paths: Pick<EnvironmentPaths, "directory" | "root">,
  more: readonly string[] = [],
): Promise<void> {
  const environments = environmentsDirectory(paths);
  await requireOwner(host, paths.root, OTHERS_WRITE);
  await requireOwner(host, environments, OTHERS);
  await requireOwner(host, paths.directory, OTHERS);
  const root = await host.files.realPath(paths.root);
  for (const path of [paths.directory, ...more]) {
    const real = await host.files.realPath(path);
    if (real === root + path.slice(joinPath(paths.root).length)) continue;
    throw new KnownError(
      "unusable",
      `Cannot use ${path}: a link leads to ${real}`,
      { hint: "Move the link away; Reeve follows none below its state root." },
    );
  }
}

async function requireOwner(
  { files, env }: Pick<Host, "files" | "env">,
  path: string,
  forbidden: number,
): Promise<void> {
  const facts = await files.stat(path);
  if (facts === undefined) return;
  if (facts.uid !== env.uid) {
    throw new KnownError(
      "unusable",
      `Cannot use ${path}: it belongs to user ${facts.uid}, not to you`,
      { hint: "Set REEVE_HOME to a directory of your own." },
    );
  }
  if (((facts.mode ?? 0) & forbidden) === 0) return;
  throw new KnownError(
    "unusable",
    `Cannot use ${path}: other users may ${
      forbidden === OTHERS ? "read" : "change"
    } it`,
    { hint: `Make it private: chmod 700 ${path}` },
  );
}
