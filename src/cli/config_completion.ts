/**
 * Names of settings that could come next on the command line.
 *
 * @module
 */

import { KEY_NAMES } from "../config/keys.ts";
import { KnownError } from "../errors.ts";
import type { PlaceHost } from "../environment/place.ts";
import { knownKeys } from "../environment/settings_names.ts";
import { HostError } from "../host/host.ts";
import { openPlace } from "./environment_key.ts";

/** Every name that begins so: the person's own, and the repository's. */
export async function proposeKeys(
  host: PlaceHost,
  partial: string,
): Promise<readonly string[]> {
  const all = [...KEY_NAMES, ...knownKeys(await slugsOf(host)).keys()];
  return all.filter((name) => name.startsWith(partial));
}

/** Services of the repository around; none where nobody can tell. */
async function slugsOf(host: PlaceHost): Promise<readonly string[]> {
  try {
    const { loaded } = await openPlace(host);
    return loaded.settings.services.map(({ slug }) => slug);
  } catch (error) {
    const isExpected = error instanceof KnownError ||
      error instanceof HostError;
    if (!isExpected) throw error;
    return [];
  }
}
