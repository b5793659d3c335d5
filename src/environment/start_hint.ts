/**
 * Where to look when something did not start.
 *
 * @module
 */

import type { DependencyRecord, RunState, ServiceRecord } from "./model.ts";

/** How many units are named in a command to type. */
const MOST_NAMED = 3;

/** The command that shows the logs of units, as a hint. */
export function logHint(
  units: readonly { readonly record: DependencyRecord | ServiceRecord }[],
  mode: RunState["mode"],
): string {
  const flag = mode === "trees" ? " --trees" : "";
  const logged = units.filter(({ record: { logPath } }) =>
    logPath !== undefined
  );
  const ids = new Set(
    logged.map(({ record }) => "slug" in record ? record.slug : record.id),
  );
  if (ids.size === 0) return `See: reeve errors${flag}`;
  const named = ids.size > MOST_NAMED
    ? ""
    : [...ids].map((id) => ` ${id}`).join("");
  const whose = logged.length === 1 ? "its log" : "their logs";
  return `See ${whose}: reeve logs${named}${flag}`;
}
