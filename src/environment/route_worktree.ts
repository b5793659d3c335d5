/**
 * Which worktree a line is about.
 *
 * @module
 */

import {
  type Route,
  type RouteError,
  routeError,
  type WorktreePair,
} from "./route_types.ts";
import { badFeature, isFeatureName, wholeNumber } from "./route_words.ts";

/**
 * The one worktree of `ensure-worktree`: its words, or `--setup-worktree`.
 * The first one of a feature when no iteration is named.
 */
export function worktreeOf(
  route: Pick<Route, "flags" | "passthrough" | "words">,
): RouteError | (WorktreePair & { readonly kind: "worktree" }) {
  const pairs = route.flags.setupWorktree ?? [];
  const words = [...route.words, ...route.passthrough];
  const [feature, iteration = "1", ...more] = words;
  const [pair, ...others] = pairs;
  if (more.length + others.length > 0 || words.length > 0 && pair) {
    return routeError(
      "conflict",
      "The line names more than one worktree",
      "Name one: reeve ensure-worktree FEATURE ITERATION",
    );
  }
  if (pair !== undefined) return { kind: "worktree", ...pair };
  if (feature === undefined) {
    return routeError(
      "missing_value",
      "The line names no worktree",
      "Name one: reeve ensure-worktree FEATURE ITERATION",
    );
  }
  if (!isFeatureName(feature)) return badFeature(feature);
  const count = wholeNumber(iteration, 1);
  if (count === undefined) {
    return routeError(
      "bad_value",
      `The iteration of a worktree is a whole number, not ${iteration}`,
      "The least is 1.",
    );
  }
  return { kind: "worktree", feature, count };
}
