/**
 * The wizard's list of services and dependencies: what a person types, checked.
 * Pure.
 *
 * @module
 */

import { nearestName } from "../config/nearest.ts";
import type { EnvironmentSettings, Mode } from "../environment/model.ts";
import {
  DEPENDENCY_IDS,
  RESERVED_SLUGS,
  SLUG_PATTERN,
} from "../environment/service_keys.ts";
import { listOf } from "../environment/settings_names.ts";
import type { WizardFacts, WizardState } from "./wizard_state.ts";
import { namesIn, withNames } from "./wizard_units.ts";

/** Words so short that they are near to everything. */
const SHORT = 3;
const SLUG = new RegExp(`^(?:${SLUG_PATTERN})$`);

/**
 * Settings with a list of units for a mode, or why that list is none: a whole
 * list, or what to add with `+` and to take away with `-`.
 */
export function chooseNames(
  { suggestions }: WizardFacts,
  { base, settings }: WizardState,
  mode: Mode,
  given: string,
): EnvironmentSettings | string {
  const words = listOf(given.toLowerCase());
  const signed = words.filter((word) => /^[+-]/.test(word));
  if (signed.length > 0 && signed.length < words.length) {
    return "Put + or - before each of them, or before none.";
  }
  const names = namesFrom(words, namesIn(settings, mode));
  const known = [
    ...settings.services.map(({ slug }) => slug),
    ...suggestions.map(({ slug }) => slug),
    ...DEPENDENCY_IDS,
  ];
  const complaint = names.map((name) => wrongName(name, known))
    .find((text) => text !== undefined);
  if (complaint !== undefined) return complaint;
  if (names.includes("postgres") && names.includes("supabase")) {
    return "postgres and supabase are both a database: keep one of them.";
  }
  // What a file says is kept; what was only found goes.
  const keepsUnits = base === "current";
  const chosen = { keepsUnits, mode, names, suggestions };
  const next = withNames(settings, chosen);
  const isEmpty = mode === "trees" &&
    namesIn(next, "main").length + namesIn(next, "trees").length === 0;
  return isEmpty ? "Name at least one, here or for the main checkout." : next;
}

function namesFrom(
  words: readonly string[],
  old: readonly string[],
): readonly string[] {
  if (words.length === 1 && words[0] === "none") return [];
  if (!words.every((word) => /^[+-]/.test(word))) return words;
  const gone = words.filter((word) => word.startsWith("-"));
  const more = words.filter((word) => word.startsWith("+"));
  return [...new Set([...old, ...more.map((word) => word.slice(1))])]
    .filter((name) => !gone.includes(`-${name}`));
}

function wrongName(
  name: string,
  known: readonly string[],
): string | undefined {
  if (known.includes(name)) return undefined;
  if (RESERVED_SLUGS.includes(name)) return `${name} means something else.`;
  // Services may be called alike; dependencies cannot be made up.
  const nearest = nearestName(name, DEPENDENCY_IDS);
  if (nearest !== undefined && name.length > SHORT) {
    return `There is no ${name}; did you mean ${nearest}?`;
  }
  return SLUG.test(name)
    ? undefined
    : `${name} is no name for a service: use lower-case words with - between.`;
}
