/**
 * `reeve --version`.
 *
 * @module
 */

import { cliVersion, COMMIT } from "../../version.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { EXIT } from "../exit_code.ts";

/** Letters of a commit that are enough for a person. */
const SHORT_COMMIT = 12;

/** `--version --json` as a document. */
export interface VersionReport {
  /** Name of the document. */
  readonly schema: "version";
  /** Version of the document. */
  readonly "schema_version": 1;
  /** The version that this program speaks for. */
  readonly version: string;
  /** Commit of the build in full, or `unknown`. */
  readonly commit: string;
}

/** A commit as a person reads it: a few letters, and whether files differed. */
export function shortCommit(commit: string): string {
  const [hash = "", changes] = commit.split("+");
  const short = hash.slice(0, SHORT_COMMIT);
  return changes === undefined ? short : `${short}+${changes}`;
}

/** Says which version this is; its first word is the version alone. */
export function run(
  { host }: Pick<CommandContext, "host">,
): Promise<CommandResult> {
  const version = cliVersion(host.env);
  const json: VersionReport = {
    "schema": "version",
    "schema_version": 1,
    "version": version,
    "commit": COMMIT,
  };
  const text = `${version} (commit ${shortCommit(COMMIT)})`;
  return Promise.resolve({ exit: EXIT.ok, text, json });
}
