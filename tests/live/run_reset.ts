/** `auth doctor --reset` in process, so that a spy sees what it sends. */

import type { SpyHost } from "#support/spy_host.ts";
import { daemonContext } from "../../src/daemon/context.ts";
import type { FamilyName } from "../../src/daemon/family.ts";
import type { SweepResult } from "../../src/daemon/sweep.ts";
import { reset } from "../../src/doctor/reset.ts";

/** Resets one kind of daemons as a command without a person would. */
export async function runReset(
  host: SpyHost,
  family: FamilyName,
  consent: "plain" | "forced",
): Promise<SweepResult> {
  const { result } = await reset(host, await daemonContext(host), {
    family,
    command: "auth doctor --reset",
    isForced: consent === "forced",
    repairsState: true,
  });
  return result;
}
