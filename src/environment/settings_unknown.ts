/**
 * Lines of a repository's file that count nowhere, and what was probably
 * meant.
 *
 * @module
 */

import { nearestName } from "../config/nearest.ts";
import { PROJECT_LINES } from "../config/project_lines.ts";
import {
  faultOfKey,
  type Reading,
  type StatedValue,
} from "./settings_layers.ts";
import { envPrefix, knownKeys, repositoryKey } from "./settings_names.ts";

const LONGEST = 80;

/**
 * Warns of every line that nobody reads. Where nothing lists the services, a
 * line about one that is not there is a fault: it would be lost otherwise.
 */
export function noteUnknown(
  reading: Reading,
  lines: readonly StatedValue[],
  slugs: readonly string[],
): void {
  // What was read is known, and most often nothing else is there.
  const rest = lines.filter(({ name }) => !reading.origins.has(name));
  if (rest.length === 0) return;
  const known = new Set([...knownKeys(slugs).keys(), ...PROJECT_LINES]);
  const prefixes = slugs.map(envPrefix);
  const list = repositoryKey("SERVICES").name;
  const hasList = reading.faults.some(({ key }) => key === list) ||
    isStated(reading, list);
  for (const { name, origin } of rest) {
    // Names of the other part of the file are its reader's business.
    if (!/^REEVE_(?!SYNC_|PROJECT_)/i.test(name)) continue;
    if (known.has(name)) continue;
    if (prefixes.some((prefix) => name.startsWith(prefix))) continue;
    const nearest = nearestName(name, [...known]);
    if (!hasList && name.startsWith("REEVE_SERVICE_")) {
      const reason = `${list} is not set, so there is no such service`;
      reading.faults.push(faultOfKey(name, origin, reason));
      continue;
    }
    const shown = name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name;
    reading.warnings.push(
      `${origin.where}: ${JSON.stringify(shown)} is unknown` +
        whyUnknown(name, nearest, list),
    );
  }
}

function isStated({ origins }: Reading, name: string): boolean {
  const source = origins.get(name)?.source ?? "default";
  return source === "env" || source === "file";
}

function whyUnknown(
  name: string,
  nearest: string | undefined,
  list: string,
): string {
  if (nearest !== undefined) return ` (did you mean ${nearest}?)`;
  return name.startsWith("REEVE_SERVICE_")
    ? `; ${list} lists no such service, or services have no such key`
    : "";
}
