/**
 * What could come next in a line about environments.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import { HostError } from "../host/host.ts";
import type { Mode } from "../environment/model.ts";
import { openEnvironment, type PlaceHost } from "../environment/place.ts";
import { listProjects } from "../environment/projects.ts";
import { isEnvironmentLine } from "../environment/route.ts";
import { knownKeys } from "../environment/settings_names.ts";
import { type KnownNames, proposeWords } from "../environment/route_help.ts";

const MODES: readonly Mode[] = ["main", "trees"];

/**
 * Proposes words for the place of the last one.
 *
 * @returns `undefined` for a line that is not about environments.
 */
export async function proposeAfter(
  host: PlaceHost,
  words: readonly string[],
): Promise<readonly string[] | undefined> {
  if (!isEnvironmentLine(words.slice(0, -1))) return undefined;
  return proposeWords(words, await knownNames(host));
}

/** Names of projects, services and dependencies; none where nobody can tell. */
async function knownNames(host: PlaceHost): Promise<KnownNames> {
  try {
    const place = await openEnvironment(host, { cwd: host.env.cwd });
    const { dependencies, services } = place.loaded.settings;
    const projects = await Promise.all(
      MODES.map((mode) => listProjects(host, place, mode)),
    );
    return {
      projects: projects.flat().map(({ name }) => name),
      units: [
        ...services.map(({ slug }) => slug),
        ...dependencies.map(({ id }) => id),
      ],
      keys: [...knownKeys(services.map(({ slug }) => slug)).keys()]
        .map((name) => `${name}=`),
    };
  } catch (error) {
    const isExpected = error instanceof KnownError ||
      error instanceof HostError;
    if (!isExpected) throw error;
    return { projects: [], units: [] };
  }
}
