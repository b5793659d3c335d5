/**
 * Where Reeve's files are: every name that we own, in one place.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Env } from "../host/host.ts";
import { joinPath } from "../host/path.ts";

/**
 * The state root: `REEVE_HOME` as it is, else `~/.reeve`, on Windows
 * `%LOCALAPPDATA%\reeve`. Resolved at each use, so that a changed environment
 * counts at once.
 *
 * @throws {KnownError} `no_home` when the environment names no home.
 */
export function stateRoot(env: Pick<Env, "get" | "os" | "home">): string {
  const stated = env.get("REEVE_HOME");
  if (stated !== undefined) return stated;
  const local = env.os === "windows" ? env.get("LOCALAPPDATA") : undefined;
  if (local !== undefined) return joinPath(local, "reeve");
  if (env.home !== undefined) return joinPath(env.home, ".reeve");
  throw new KnownError(
    "no_home",
    "Cannot find the state root: neither REEVE_HOME nor HOME is set",
    { hint: "Set REEVE_HOME to a directory that only you can read." },
  );
}

/** Files and directories below one state root. */
export interface StatePaths {
  /** The state root itself. */
  readonly root: string;
  /** State file of the sync daemon: url, port, token, pid. */
  readonly daemonState: string;
  /** Lock of everything that starts, stops or sweeps daemons. */
  readonly daemonLock: string;
  /** Log of the sync daemon. */
  readonly daemonLog: string;
  /** Directory of the owner records, one for each daemon. */
  readonly owners: string;
  /** Journal of every signal and shutdown request. */
  readonly journal: string;
  /** Directory of the sign-in. */
  readonly auth: string;
  /** The sign-in with its tokens. Secret. */
  readonly session: string;
  /** The sign-in without its tokens, for whoever only shows it. */
  readonly sessionSummary: string;
  /** Every change of the sign-in. */
  readonly authAudit: string;
  /** Lock that only one process changes the sign-in. */
  readonly refreshLock: string;
  /** The person's settings. */
  readonly config: string;
}

/** Names below a state root. */
export function statePaths(root: string): StatePaths {
  return {
    root,
    daemonState: joinPath(root, "sync-daemon"),
    daemonLock: joinPath(root, "sync-daemon.lock"),
    daemonLog: joinPath(root, "sync-daemon.log"),
    owners: joinPath(root, "sync", "daemon"),
    journal: joinPath(root, "signals.jsonl"),
    auth: joinPath(root, "auth"),
    session: joinPath(root, "auth", "session.json"),
    sessionSummary: joinPath(root, "auth", "session.summary.json"),
    authAudit: joinPath(root, "auth", "audit.jsonl"),
    refreshLock: joinPath(root, "auth", "refresh.lock"),
    config: joinPath(root, "config.json"),
  };
}

/** The owner record of the daemon on a port. */
export function ownerPath(paths: StatePaths, port: number): string {
  return joinPath(paths.owners, `owner-${port}.json`);
}
