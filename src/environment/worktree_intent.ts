/**
 * Which worktree a command is about to make, written down before it does: one
 * that is killed leaves nothing behind that the next one cannot finish.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import type { EnvironmentPaths } from "../state/environment_paths.ts";
import { readDocument } from "../state/document.ts";
import { formatDocument } from "./document_codec.ts";
import type { Lease } from "./lifecycle_lease.ts";
import type { StartPoint } from "./worktree_facts.ts";
import type { WorktreeKey } from "./worktree_name.ts";

/** A worktree that is about to be made. */
export interface WorktreeIntent extends WorktreeKey {
  /** Random words in the environment of the Git that makes it. */
  readonly token: string;
  /** Its directory. */
  readonly path: string;
  /** Its branch. */
  readonly branch: string;
  /** Where its branch begins, if it is a new one. */
  readonly start: StartPoint;
  /** Where the one before it is put. */
  readonly aside: string | undefined;
  /** The plan that it is made for, below the directory of plans. */
  readonly plan: string | undefined;
}

/** Variable with the token, in the environment of Git. */
export const WORKTREE_VARIABLE = "REEVE_WORKTREE";

type FileHost = Pick<Host, "files">;

function intentPath({ directory }: Pick<EnvironmentPaths, "directory">) {
  return joinPath(directory, "worktree_intent.json");
}

/** What an earlier command was about to make, if it has not ended it. */
export async function readWorktreeIntent(
  host: FileHost,
  paths: EnvironmentPaths,
): Promise<WorktreeIntent | undefined> {
  const load = async () => (await import("./worktree_schema.ts")).intentSchema;
  const read = await readDocument(host, intentPath(paths), load);
  // A damaged one says nothing; what Git knows still stands.
  return read.kind === "found" ? read.value : undefined;
}

/** Writes down what is about to be made. */
export async function writeWorktreeIntent(
  host: FileHost,
  paths: EnvironmentPaths,
  _lease: Lease,
  { start, ...intent }: WorktreeIntent,
): Promise<void> {
  await host.files.writeAtomic(
    intentPath(paths),
    formatDocument({
      "schema": "worktree_intent",
      "schema_version": 1,
      "token": intent.token,
      "feature": intent.feature,
      "iteration": intent.iteration,
      "path": intent.path,
      "branch": intent.branch,
      "source_commit": start.commit,
      "source_branch": start.branch ?? null,
      "source_checkout": start.checkout,
      "aside": intent.aside ?? null,
      "plan": intent.plan ?? null,
    }),
  );
}

/** It is made, or it is known that it will not be. */
export async function clearWorktreeIntent(
  { files }: FileHost,
  paths: EnvironmentPaths,
  _lease: Lease,
): Promise<void> {
  await files.remove(intentPath(paths));
}
