/**
 * A daemon's looks at itself: whether it is still wanted, and its end if not.
 *
 * @module
 */

import type { Host, Log } from "../host/host.ts";
import type { DaemonBody } from "./body.ts";
import type { DaemonContext } from "./context.ts";
import type { ControlPlane } from "./control_plane.ts";
import { readHealth } from "./health_facts.ts";
import {
  decideRetirement,
  isNamed,
  type Retirement,
  type RetirementFacts,
} from "./retirement.ts";
import { probe, PROBE_TIMEOUT_MS } from "./scan.ts";
import { isComplete, readState } from "./state_file.ts";

type WatchHost = Pick<Host, "clock" | "files" | "network">;

/** What is watched, and how often. */
export interface SelfWatch {
  /** Where the daemon lives. */
  readonly context: DaemonContext;
  /** Its own pid and port. */
  readonly own: RetirementFacts["own"];
  /** Its control plane. */
  readonly control: Pick<ControlPlane, "inFlight" | "lastUsedAt">;
  /** Its work. */
  readonly body: DaemonBody | undefined;
  /** Idle time after which it ends, in milliseconds. */
  readonly idleLimitMs: number;
  /** Time between two looks, in milliseconds. */
  readonly tickMs: number;
  /** Ends the watch, as the daemon ends for another reason. */
  readonly stopped: AbortSignal;
  /** Sets what its health answer says of it. */
  readonly setStatus: (status: "ok" | "stopping") => void;
  /** Where it is written down. */
  readonly log: Log;
}

/** Why a daemon ends by itself. */
export type RetirementReason = Extract<Retirement, { kind: "retire" }>[
  "reason"
];

/**
 * Looks again and again until the daemon is not wanted any more. Before it is
 * over it first tells everybody that it is stopping and then looks once more:
 * whoever proves it after that look was recorded sees it stopping, and whoever
 * recorded and proved it before that is seen by the look.
 *
 * @returns why it ends, or `undefined` when it was stopped meanwhile.
 */
export async function watchSelf(
  host: WatchHost,
  watch: SelfWatch,
): Promise<RetirementReason | undefined> {
  const { stopped, setStatus, log } = watch;
  const look = looker(host, watch);
  const pauseMs = Math.min(watch.tickMs, watch.idleLimitMs);
  while (true) {
    await host.clock.sleep(pauseMs, stopped);
    if (stopped.aborted) return undefined;
    if ((await look()).kind === "stay") continue;
    setStatus("stopping");
    const verdict = await look();
    if (stopped.aborted) return undefined;
    if (verdict.kind === "retire") {
      log.info(`retiring: ${verdict.reason}`);
      return verdict.reason;
    }
    setStatus("ok");
    log.info("not retiring: the second look says to stay", {
      reason: verdict.reason,
    });
  }
}

/** One who has just been named was wanted just now, so it is not idle. */
function looker(host: WatchHost, watch: SelfWatch) {
  const { own, control, body } = watch;
  let wasNamed = false;
  let namedAt = 0;
  return async (): Promise<Retirement> => {
    const read = await readRecorded(host, watch);
    const isNamedNow = isNamed(own, read.recorded);
    if (isNamedNow && !wasNamed) namedAt = host.clock.elapsed();
    wasNamed = isNamedNow;
    return decideRetirement({
      isBusy: control.inFlight() > 0 || body?.hasWork() === true,
      idleMs: host.clock.elapsed() -
        Math.max(control.lastUsedAt(), body?.lastWorkAt() ?? 0, namedAt),
      own,
      ...read,
      idleLimitMs: watch.idleLimitMs,
    });
  };
}

/**
 * A daemon without the right to see processes asks the other one itself. One
 * that is stopping is as good as dead: two must not end because of each other.
 */
async function readRecorded(
  host: WatchHost,
  { context, own }: SelfWatch,
): Promise<Pick<RetirementFacts, "recorded" | "isRecordedAlive">> {
  const read = await readState(host, context.paths.daemonState);
  if (read.kind !== "found" || !isComplete(read.state)) {
    return { isRecordedAlive: false };
  }
  const { pid, port } = read.state;
  const recorded = { pid, port };
  if (isNamed(own, recorded)) return { recorded, isRecordedAlive: true };
  const reply = await probe(host, port, PROBE_TIMEOUT_MS);
  const { facts, scope } = readHealth(reply);
  const isRecordedAlive = facts.status === "ok" && facts.ownerPid === pid &&
    facts.ownerPort === port && scope === context.scope;
  return { recorded, isRecordedAlive };
}
