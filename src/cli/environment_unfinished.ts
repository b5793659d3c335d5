/**
 * Starts that are not over: of a command that is at work, or of one that was
 * killed in the middle of it.
 *
 * @module
 */

import { readIntents } from "../environment/intent_journal.ts";
import type { LeaseHolder } from "../environment/lifecycle_lease.ts";
import type { EnvironmentPlace } from "../environment/place.ts";
import type { SelectableUnit } from "../environment/selectable_units.ts";
import type { Host } from "../host/host.ts";

/** Starts that are not over. */
export interface Unfinished {
  /** What is being started, or was when its command was killed. */
  readonly units: readonly Pick<SelectableUnit, "id" | "project">[];
  /** The command that is at it; `undefined` when it has ended. */
  readonly holder: LeaseHolder | undefined;
}

/** Looks for starts that are not over, in the order of their begin. */
export async function lookAtUnfinished(
  host: Pick<Host, "files" | "processes">,
  { paths }: EnvironmentPlace,
): Promise<Unfinished> {
  const open = async () =>
    (await readIntents(host, paths)).unresolved.map(({ intent }) => intent);
  const first = await open();
  if (first.length === 0) return { units: [], holder: undefined };
  const { lookAtLease } = await import("../environment/lifecycle_lease.ts");
  const holder = await lookAtLease(host, paths);
  // A command that has just ended well has settled them meanwhile.
  const intents = holder === undefined ? await open() : first;
  return {
    units: intents.map(({ project, unit }) => ({ project, id: unit })),
    holder,
  };
}
