/**
 * Keys that nobody knows, and what was probably meant.
 *
 * @module
 */

import { placeOf } from "./fault.ts";
import type { JsonLines } from "./json_lines.ts";
import { isKeyName, isProjectKey, KEY_NAMES, lineNameOf } from "./keys.ts";
import { nearestName } from "./nearest.ts";
import { ID_LINE, type ProjectFile, SLUG_LINE } from "./project_file.ts";

const LONGEST = 60;

/** A sentence for each unknown key of the person's file. */
export function unknownInUser(
  file: string,
  unknown: readonly (readonly string[])[],
  lines: () => JsonLines,
): readonly string[] {
  return unknown.map((path) => {
    const where = placeOf(file, lines().lineOf(path));
    const key = path.join(".");
    return isKeyName(key)
      ? `${where}: ${key} does not count: write its parts as nested objects`
      : `${where}: ${describe(key, KEY_NAMES)}`;
  });
}

/** A sentence for each line of a project's file that does not count there. */
export function unknownInProject(
  { file, lines, warnings }: ProjectFile & { readonly file: string },
): readonly string[] {
  const names = KEY_NAMES.filter(isProjectKey).map(lineNameOf);
  const known = [ID_LINE, SLUG_LINE, ...names];
  const found = [...lines.values()].flatMap(({ name, line }) => {
    // Other REEVE_ lines belong to other parts of the product.
    if (known.includes(name) || !/^REEVE_(?:SYNC|PROJECT)_/i.test(name)) {
      return [];
    }
    const where = placeOf(file, line);
    const key = KEY_NAMES.find((key) => lineNameOf(key) === name);
    return [
      key === undefined
        ? `${where}: ${describe(name, known)}`
        : `${where}: ${key} does not count in a project; ` +
          `it is for your own settings`,
    ];
  });
  return [...warnings, ...found];
}

function describe(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  const shown = name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name;
  const unknown = `${JSON.stringify(shown)} is unknown`;
  return nearest === undefined
    ? unknown
    : `${unknown} (did you mean ${nearest}?)`;
}
