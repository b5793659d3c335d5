/**
 * Looks at processes only as far as it takes to tell whether each is still the
 * one that was recorded: a tenth of a whole inspection.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Inspection, ProcessFacts } from "../host/processes.ts";

/** What tells one process from another, or why that cannot be known. */
export type IdentityLook =
  | {
    readonly kind: "found";
    readonly facts: Pick<ProcessFacts, "startStamp" | "state">;
  }
  | Exclude<Inspection, { readonly kind: "found" }>;

/**
 * Looks at processes; each pid asked for has an answer. Whatever is in no row
 * of the table is inspected, as only that tells an end from a refusal.
 */
export async function lookAtIdentities(
  { processes }: Pick<Host, "processes">,
  pids: readonly number[],
): Promise<ReadonlyMap<number, IdentityLook>> {
  const listing = await processes.table(pids);
  const found = new Map<number, IdentityLook>();
  if (listing.kind === "table") {
    for (const { pid, startStamp, state } of listing.rows) {
      found.set(pid, { kind: "found", facts: { startStamp, state } });
    }
  }
  const missing = pids.filter((pid) => !found.has(pid));
  if (missing.length === 0) return found;
  return new Map([...found, ...await processes.inspect(missing)]);
}
