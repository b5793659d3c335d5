/**
 * What the commands of `reeve config` share: where settings are, and which key
 * is meant.
 *
 * @module
 */

import { isKeyName, KEY_NAMES, type KeyName } from "../../config/keys.ts";
import { nearestName } from "../../config/nearest.ts";
import { findProject, type Project } from "../../config/project.ts";
import { type Config, readConfig } from "../../config/read_config.ts";
import { KnownError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { stateRoot } from "../../state/paths.ts";

/** All settings as they are in a place. */
export interface ConfigScope {
  /** The state root. */
  readonly root: string;
  /** The project around the current directory. */
  readonly project: Project | undefined;
  /** The settings. */
  readonly config: Config;
}

/** Reads all settings that count in the current directory. */
export function readScope(host: Pick<Host, "env" | "blocking">): ConfigScope {
  const root = stateRoot(host.env);
  const project = findProject(host, host.env.cwd);
  return { root, project, config: readConfig(host, { root, project }) };
}

/**
 * The key of that name.
 *
 * @throws {KnownError} `usage` when there is none.
 */
export function requireKey(name: string): KeyName {
  if (isKeyName(name)) return name;
  const nearest = nearestName(name, KEY_NAMES);
  throw new KnownError("usage", `Cannot find the setting ${name}`, {
    hint: nearest === undefined
      ? "See: reeve config show"
      : `Did you mean ${nearest}?`,
  });
}

/**
 * The project around the current directory.
 *
 * @throws {KnownError} `not_found` when there is none.
 */
export function requireProject(
  { env }: Pick<Host, "env">,
  project: Project | undefined,
): Project {
  if (project !== undefined) return project;
  throw new KnownError(
    "not_found",
    `Cannot find a project: no .reeve and no .git in ${env.cwd} or above`,
    { hint: "Change to a directory of the project." },
  );
}
