/**
 * What keeps events from being delivered. Decided on the facts alone.
 *
 * @module
 */

import { residueOf, totalOf } from "../queue/counts.ts";
import type { PauseReason, Target } from "../queue/target.ts";
import type { StopReason } from "../sync/pass_report.ts";
import { isFailure } from "../sync/stall.ts";
import { stopText } from "../sync/stop_text.ts";
import { isUnknown, type SyncFacts } from "./sync_facts.ts";
import {
  doing,
  eventCount,
  type Remedy,
  spanText,
  type SyncFinding,
} from "./sync_finding.ts";
import type { LastPass, OpenQueueFacts } from "./sync_queue_facts.ts";

/** An event that waits for longer than this is an error, in milliseconds. */
const WAIT_LIMIT_MS = 24 * 60 * 60 * 1000;

const NOW = "reeve sync now";

/** Lists what keeps events from being delivered. */
export function deliveryFindings(facts: SyncFacts): readonly SyncFinding[] {
  const { queue } = facts;
  if (queue.kind !== "open") return daemonFindings(facts);
  const stopped = stopFindings(facts, queue);
  return [
    ...ageFindings(facts, queue),
    ...stopped,
    // The same cause twice would hide the others.
    ...stopped.some(({ severity }) => severity === "error")
      ? []
      : passFindings(facts, queue),
    ...parkedFindings(facts, queue),
    ...holderFindings(queue),
    ...daemonFindings(facts),
  ];
}

/** Whether the last pass could not do what it was there for. */
export function hasFailed(pass: LastPass | undefined): boolean {
  return pass !== undefined && isFailure(pass.reason);
}

function ageFindings(
  { generatedAt, settings }: SyncFacts,
  { counts, oldestWaitingAt }: OpenQueueFacts,
): readonly SyncFinding[] {
  if (oldestWaitingAt === undefined) return [];
  const ageMs = generatedAt - oldestWaitingAt;
  const { stallWarningMs } = settings;
  const isTooOld = ageMs > WAIT_LIMIT_MS;
  if (!isTooOld && (stallWarningMs === 0 || ageMs <= stallWarningMs)) return [];
  const waiting = residueOf(counts) + counts.pendingRemote;
  return [{
    id: "S-050",
    check: "delivery",
    severity: isTooOld ? "error" : "warn",
    summary: `${eventCount(waiting)} ${waiting === 1 ? "waits" : "wait"}, ` +
      `the oldest for ${spanText(ageMs)}.`,
    remediation: doing(
      NOW,
      "Delivers what can be delivered and says what is left.",
    ),
  }];
}

/** What stands in the way until a person acts or the server is back. */
function stopFindings(
  facts: SyncFacts,
  queue: OpenQueueFacts,
): readonly SyncFinding[] {
  const { target, counts, lastPass, consent } = queue;
  const isInTheWay = hasFailed(lastPass) ||
    (consent.openEpoch > 0 && residueOf(counts) > 0);
  const severity = isInTheWay ? "error" : "warn";
  const found: SyncFinding[] = [];
  const { paused_reason: paused, paused_at: pausedAt } = target;
  if (paused !== null) {
    const reason = paused as PauseReason;
    const since = spanText(facts.generatedAt - (pausedAt ?? facts.generatedAt));
    found.push({
      id: "S-051",
      check: "delivery",
      severity,
      summary: `Delivery has been paused for ${since}: ` +
        `${explain(reason, target.paused_detail)}.`,
      remediation: remedyOf(facts, reason),
    });
  }
  if (target.circuit !== "open") return found;
  const reason = (target.last_error_code ?? "offline_wait") as StopReason;
  return [...found, {
    id: "S-052",
    check: "delivery",
    severity,
    summary: failureText(target, reason, facts.generatedAt),
    remediation: remedyOf(facts, reason),
  }];
}

function failureText(target: Target, reason: StopReason, now: number): string {
  const { last_success_at: good, failures } = target;
  const since = good === null
    ? ""
    : ` since the last good pass ${spanText(now - good)} ago`;
  const wait = spanText(Math.max(0, target.next_attempt_at - now));
  return `Delivery has failed ${times(failures)}${since}: ` +
    `${explain(reason, target.last_error)}; it is tried again in ${wait}.`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function explain(reason: StopReason, detail: string | null): string {
  const { text } = stopText(reason);
  return detail === null || detail === "" ? text : `${text} (${detail})`;
}

function passFindings(
  facts: SyncFacts,
  { lastPass }: OpenQueueFacts,
): readonly SyncFinding[] {
  if (lastPass === undefined || !hasFailed(lastPass)) return [];
  const { at, reason, detail } = lastPass;
  return [{
    id: "S-053",
    check: "delivery",
    severity: "error",
    summary: `The last delivery, ${spanText(facts.generatedAt - at)} ago, ` +
      `failed: ${explain(reason, detail)}.`,
    remediation: remedyOf(facts, reason),
  }];
}

/** The command that helps; never the doctor, as it has just said this. */
function remedyOf(facts: SyncFacts, reason: StopReason): Remedy {
  const isAboutSignIn = reason.startsWith("auth_");
  if (isAboutSignIn && isSignedIn(facts)) {
    return doing(NOW, "You are signed in by now: delivers again.");
  }
  const command = stopText(reason).command ?? NOW;
  if (command !== "reeve sync doctor") {
    return doing(command, "Helps with that; then deliver with: reeve sync now");
  }
  const server = facts.settings.serverUrl ?? "URL";
  return doing(
    `reeve server check ${server}`,
    "Says in what the server departs from the protocol.",
  );
}

function isSignedIn({ signIn }: SyncFacts): boolean {
  if (isUnknown(signIn)) return false;
  const { session } = signIn;
  return session?.hasEnvToken === true || session?.state === "active" ||
    session?.state === "refreshable";
}

function parkedFindings(
  facts: SyncFacts,
  { counts, oldestParkedAt }: OpenQueueFacts,
): readonly SyncFinding[] {
  const parked = totalOf(counts.parked);
  if (parked === 0) return [];
  const ageMs = facts.generatedAt - (oldestParkedAt ?? facts.generatedAt);
  const reasons = Object.keys(counts.parked).map((reason) =>
    stopText(reason as StopReason).text
  );
  return [{
    id: "S-054",
    check: "delivery",
    severity: ageMs > WAIT_LIMIT_MS ? "error" : "warn",
    summary: `${eventCount(parked)} ${parked === 1 ? "is" : "are"} parked, ` +
      `the oldest for ${spanText(ageMs)}: ${reasons.join("; ")}.`,
    remediation: doing(NOW, "Tries them again once the cause is gone."),
  }];
}

function holderFindings(
  { holder, counts }: OpenQueueFacts,
): readonly SyncFinding[] {
  if (holder === undefined || counts.inflight === 0) return [];
  const { pid, role, isFresh, isAlive } = holder;
  const base = { id: "S-055", check: "delivery" } as const;
  if (isFresh && isAlive !== false) {
    return [{
      ...base,
      severity: "info",
      summary: `Process ${pid} (${role}) delivers right now.`,
      remediation: doing("reeve sync status", "Shows how far it is."),
    }];
  }
  return [{
    ...base,
    severity: "warn",
    summary: `${eventCount(counts.inflight)} ` +
      `${counts.inflight === 1 ? "was" : "were"} under way when process ` +
      `${pid} (${role}) ${isAlive === false ? "ended" : "fell silent"}.`,
    remediation: doing(
      NOW,
      "Sends them again; the server knows each by its id.",
    ),
  }];
}

function daemonFindings(
  { daemon, daemonPolicy, queue }: SyncFacts,
): readonly SyncFinding[] {
  if (isUnknown(daemon) || daemon.kind === "healthy") return [];
  if (daemon.kind === "unhealthy") {
    return [{
      id: "S-060",
      check: "daemon",
      severity: "warn",
      summary: `The daemon does not deliver: ${daemon.reason}.`,
      remediation: doing("reeve daemon restart", "Replaces it."),
    }];
  }
  const isIn = queue.kind === "open" && queue.consent.openEpoch > 0;
  if (!isIn) return [];
  const isOff = daemonPolicy !== "auto";
  return [{
    id: "S-061",
    check: "daemon",
    severity: "info",
    summary: isOff
      ? `sync.daemon is ${daemonPolicy}: only programs and commands deliver.`
      : "No daemon runs: only programs and commands deliver.",
    remediation: doing("reeve daemon start", "Delivers in the background."),
  }];
}
