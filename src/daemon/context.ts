/**
 * What every operation on our own daemon needs to know, resolved once for each
 * command.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { joinPath } from "../host/path.ts";
import { type StatePaths, statePaths, stateRoot } from "../state/paths.ts";
import { cliVersion } from "../version.ts";
import { familiesOf, type Family, familyOf } from "./family.ts";

/** What operations on daemons need of the world. */
export type DaemonHost = Pick<
  Host,
  "clock" | "env" | "files" | "network" | "processes" | "random"
>;

/** Where our daemon lives and what we are. */
export interface DaemonContext {
  /** Canonical state root, which is the scope that markers name. */
  readonly scope: string;
  /** Files below it. */
  readonly paths: StatePaths;
  /** All families, with the port ranges of this environment. */
  readonly families: readonly Family[];
  /** Our own sync daemons. */
  readonly family: Family;
  /** Version that we speak for. */
  readonly version: string;
}

/**
 * Resolves the context from the environment.
 *
 * @throws {KnownError} `no_home` without a state root, `usage` for a port
 * range that is none.
 */
export async function daemonContext(
  host: Pick<Host, "env" | "files">,
): Promise<DaemonContext> {
  const scope = await host.files.realPath(stateRoot(host.env));
  const families = familiesOf(host.env);
  return {
    scope,
    paths: statePaths(scope),
    families,
    family: familyOf(families, "reeve", "sync"),
    version: cliVersion(host.env),
  };
}

/** The marker argument of a daemon for a scope. */
export function markerFor(family: Family, scope: string): string {
  return `${family.marker ?? ""}${scope}`;
}

/** A directory that always exists and that no daemon keeps busy. */
export function neutralDirectory(env: Pick<Host["env"], "os" | "get">): string {
  if (env.os !== "windows") return "/";
  return joinPath(env.get("SystemDrive") ?? "C:", "");
}
