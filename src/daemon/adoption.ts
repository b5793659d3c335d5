/**
 * Taking back a healthy daemon of our own scope that lost its state file.
 *
 * @module
 */

import { compareVersions, PROTOCOL_VERSION } from "../version.ts";
import type { Viewpoint } from "./candidate.ts";
import { classify } from "./classify.ts";
import { decideCompatibility } from "./compatibility.ts";
import type { DaemonContext, DaemonHost } from "./context.ts";
import { challenge } from "./current.ts";
import { placeOf, readOwner } from "./owner_record.ts";
import { scan } from "./scan.ts";
import type { OwnerRecord } from "./schema.ts";

/**
 * Finds the daemon to adopt: one that is proved in every way, that we may use
 * and that knows its token; the newest of several.
 */
export async function findAdoptable(
  host: DaemonHost,
  context: DaemonContext,
): Promise<OwnerRecord | undefined> {
  const found = await scan(host, context.families);
  const { candidates, machine } = found;
  const viewpoint = withoutSingleton(found.viewpoint);
  const records: OwnerRecord[] = [];
  for (const candidate of candidates) {
    if (candidate.spawn.product !== context.family.product) continue;
    if (classify(candidate, viewpoint).cleanupClass !== "safe_auto") continue;
    const read = await readOwner(host, context.paths, candidate.port);
    if (read.kind !== "found" || read.value.pid !== candidate.pid) continue;
    if (read.value.start_stamp !== candidate.process?.startStamp) continue;
    if (placeOf(read.value, machine) !== "here") continue;
    if (isUsable(context, read.value)) records.push(read.value);
  }
  records.sort((a, b) => compareVersions(b.package_version, a.package_version));
  for (const record of records) {
    const state = { url: "", ...record };
    const answer = await challenge(host, context, state, 500);
    if ("health" in answer) return record;
  }
  return undefined;
}

/** Nobody asks here unless the recorded daemon is known not to be healthy. */
function withoutSingleton(from: Viewpoint): Viewpoint {
  const { singleton: _, stateProblem: __, ...reeve } = from.scopes.reeve;
  return { ...from, scopes: { ...from.scopes, reeve } };
}

function isUsable(context: DaemonContext, record: OwnerRecord): boolean {
  const own = { version: context.version, protocol: PROTOCOL_VERSION };
  const running = {
    version: record.package_version,
    protocol: record.protocol_version,
  };
  return decideCompatibility(own, running, NOT_FORCED).action === "use";
}

const NOT_FORCED = false;
