/**
 * Single words of a command line: on and off, numbers, modes, names.
 *
 * @module
 */

import type { Mode } from "./model.ts";
import { type RouteError, routeError } from "./route_types.ts";

const TRUTHY = ["true", "1", "yes", "on"];
const FALSY = ["false", "0", "no", "off"];

/** On, off, or neither. */
export function switchValue(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (TRUTHY.includes(word)) return true;
  return FALSY.includes(word) ? false : undefined;
}

/** The mode that a word names. */
export function modeValue(text: string): Mode | undefined {
  const word = text.trim().toLowerCase();
  return word === "main" || word === "trees" ? word : undefined;
}

/** A whole number of at least `min` and at most nine digits. */
export function wholeNumber(text: string, min: number): number | undefined {
  if (!/^\d{1,9}$/.test(text)) return undefined;
  const count = Number(text);
  return count >= min ? count : undefined;
}

/** Whether a name may be part of a path and of a branch. */
export function isFeatureName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name);
}

/** The error of a mode that there is not. */
export function badMode(source: string, value: string): RouteError {
  return routeError(
    "bad_value",
    `${source} is main or trees, not ${value}`,
    `Set ${source} to main or trees.`,
  );
}

/** The error of a feature whose name cannot be part of a path. */
export function badFeature(name: string): RouteError {
  return routeError(
    "bad_value",
    `${name === "" ? "An empty word" : name} is no name of a feature`,
    "Use letters, digits, - and _, and begin with a letter or digit.",
  );
}
