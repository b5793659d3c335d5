/**
 * Waits for a service that was started before and is not ready now, such as one
 * that reloads itself: whoever needs it must not come first.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { Attempt } from "./attempt.ts";
import type { UnitIdentity } from "./model.ts";
import type { ObservedUnit } from "./observe.ts";
import { logHint } from "./start_hint.ts";
import type { Lane, StartScope, TaskResult } from "./start_lane.ts";

/** How often it is looked whether such a service still runs. */
const LOOK_MS = 100;

/** A service that was started before. */
export type KeptService = Extract<ObservedUnit, { readonly kind: "service" }>;

/** The service of a project that is up and not ready yet, by its slug. */
export function startingService(
  { there }: Pick<StartScope, "there">,
  key: string,
): KeptService | undefined {
  const unit = there.get(key);
  return unit?.kind === "service" && unit.truth.status === "starting"
    ? unit
    : undefined;
}

/** Waits for one within what is left of its own time. */
export async function waitForKept(
  { host, reporter }: Attempt,
  { mode, settings }: Pick<StartScope, "mode" | "settings">,
  { readiness }: Pick<Lane, "readiness">,
  { key, unit: { record } }: {
    readonly key: string;
    readonly unit: KeptService;
  },
): Promise<TaskResult> {
  const { identity, name, project, slug } = record;
  const service = settings.services.find((one) => one.slug === slug);
  const result = (why?: string): TaskResult => ({
    unit: {
      key,
      kind: "service",
      record,
      failure: why === undefined
        ? undefined
        : { why: `${name} ${why}`, hint: logHint([{ record }], mode) },
      isConsequence: false,
    },
    endpoint: undefined,
  });
  if (identity === undefined || service === undefined) {
    return result("is not there any more");
  }
  const where = { project, unit: slug };
  reporter.onUnit({ ...where, state: "starting" });
  const over = new AbortController();
  const outcome = await readiness.wait({
    name,
    identity,
    exited: untilGone(host, identity, over.signal),
    // Its log told that it was ready once, and does not tell it again.
    ready: service.ready.kind === "http" ? service.ready : { kind: "listen" },
    port: record.actualPort ?? record.requestedPort,
    logPath: record.logPath,
    logFrom: 0,
    timeoutMs: Math.max(
      0,
      service.timeoutMs - (host.clock.now() - record.startedAt),
    ),
    allowsRebound: true,
  }).finally(() => over.abort());
  if (outcome.kind === "ready") {
    reporter.onUnit({ ...where, state: "ready" });
    return result();
  }
  return result("runs already, and is not ready");
}

/** Settles when a process of an earlier command has ended. */
async function untilGone(
  { clock, processes }: Pick<Host, "clock" | "processes">,
  { pid, startStamp }: UnitIdentity,
  signal: AbortSignal,
): Promise<number> {
  while (!signal.aborted) {
    const seen = (await processes.inspect([pid])).get(pid);
    const isGone = seen?.kind === "gone" ||
      seen?.kind === "found" && (seen.facts.state === "zombie" ||
          seen.facts.startStamp !== startStamp);
    if (isGone) return 0;
    await clock.sleep(LOOK_MS, signal);
  }
  // Nobody waits for the answer any more.
  return 0;
}
