/**
 * `reeve sync status`.
 *
 * @module
 */

import { projectFields } from "../../config/project.ts";
import { residueOf, totalOf } from "../../queue/counts.ts";
import { findPlace } from "../../sync/project_sync.ts";
import type { StopReason } from "../../sync/pass_report.ts";
import { stopText } from "../../sync/stop_text.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { formatDuration } from "../duration.ts";
import { EXIT } from "../exit_code.ts";
import { countsJson, events, leftLines, timeJson } from "../pass_text.ts";
import { storeError } from "../sync_project.ts";
import {
  type QueueState,
  readSyncState,
  type SyncState,
} from "../sync_state.ts";

/** Flags of `reeve sync status`. */
export interface StatusFlags {
  readonly json: boolean;
  /** Ends with 1 when something needs a person. */
  readonly check: boolean;
}

/** Shows where the events of this project are; asks nobody, changes nothing. */
export async function run(
  { host }: CommandContext,
  flags: StatusFlags,
): Promise<CommandResult> {
  const state = await readSyncState(host, findPlace(host));
  const { queue, place } = state;
  const isBroken = "kind" in queue && queue.kind !== "missing";
  const now = host.clock.now();
  const isHealthy = !isBroken && needsNobody(state, now);
  const exit = isBroken || (flags.check && !isHealthy)
    ? EXIT.actionable
    : EXIT.ok;
  const problem = "kind" in queue
    ? storeError(queue, place.projectPaths?.queue ?? "")
    : undefined;
  return {
    exit,
    text: textOf(state, now),
    json: {
      "schema": "sync_status",
      "schema_version": 1,
      "ok": isHealthy,
      "exit_code": exit,
      ...projectFields(state.project),
      "mode": place.settings.mode,
      "signed_in": state.signIn,
      "target": targetJson(state),
      "queue": "kind" in queue ? null : queueJson(queue),
      "problem": isBroken ? problem?.message ?? null : null,
      "unassigned_bytes": state.unassignedBytes,
    },
  };
}

/** Nothing is given up, refused, full, or older than the person allows. */
function needsNobody({ queue, place }: SyncState, now: number): boolean {
  if ("kind" in queue) return true;
  const { counts, fill } = queue;
  const { stallWarningMs } = place.settings;
  const oldest = counts.oldestReadyAt;
  const isStalled = stallWarningMs > 0 && oldest !== undefined &&
    now - oldest > stallWarningMs;
  return !isStalled && fill < 0.8 && counts.refused === 0 &&
    totalOf(counts.dead) === 0;
}

function targetJson({ server, serverOrigin, queue }: SyncState) {
  const bound = "kind" in queue ? undefined : queue.target;
  return {
    "server": server ?? bound?.url ?? null,
    "origin": serverOrigin.where,
    "workspace": bound?.workspace ?? null,
    "account": bound?.account ?? null,
    "paused": bound?.paused_reason ?? null,
    "circuit": bound?.circuit ?? "closed",
    "last_error": bound?.last_error_code ?? null,
    "next_attempt_at": bound?.circuit === "open"
      ? timeJson(bound.next_attempt_at)
      : null,
    "last_pass_at": timeJson(bound?.last_pass_at),
    "last_success_at": timeJson(bound?.last_success_at),
    "acked_lamport": bound?.acked_lamport ?? 0,
  };
}

function queueJson({ counts, consent, fill, holder }: QueueState) {
  return {
    ...countsJson(counts),
    "consent": consent.openEpoch > 0,
    "consent_since": timeJson(consent.since),
    "kept_local": consent.keptLocal,
    "fill": Math.round(fill * 1000) / 1000,
    "oldest_ready_at": timeJson(counts.oldestReadyAt),
    "next_retry_at": timeJson(counts.nextRetryAt),
    "delivering_pid": holder?.pid ?? null,
  };
}

function textOf(state: SyncState, now: number): string {
  const { project, queue, place } = state;
  const rows: (readonly [string, string])[] = [
    ["Project", project === undefined ? "none around here" : project.slug],
    ["Server", serverText(state)],
    ["Signed in", signInText(state)],
  ];
  if ("kind" in queue) {
    rows.push(["Events", problemText(state)]);
  } else {
    rows.push(["Opted in", consentText(queue)]);
    rows.push(["Events", countText(queue)]);
    rows.push(["Queue", `${Math.round(queue.fill * 100)} % full`]);
    rows.push(["Last pass", passLine(queue, now)]);
  }
  if (state.unassignedBytes > 0) {
    rows.push(["Waiting", "events from before this was a project"]);
  }
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
  const left = "kind" in queue ? [] : leftLines(queue.counts, now);
  const faults = place.config.faults.map(({ message }) => `${message}.`);
  return [...table, ...left, ...warnings(queue), ...faults, ...next(state)]
    .join("\n");
}

function serverText({ server, serverOrigin, queue }: SyncState): string {
  if (server !== undefined) return `${server} (${serverOrigin.where})`;
  const bound = "kind" in queue ? null : queue.target.url;
  return bound ?? "none is configured";
}

function signInText({ signIn, queue }: SyncState): string {
  const workspace = "kind" in queue ? null : queue.target.workspace;
  const where = workspace === null ? "" : `, workspace ${workspace}`;
  switch (signIn) {
    case "active":
      return `yes${where}`;
    case "refreshable":
      return `yes, to be refreshed${where}`;
    case "env":
      return `by REEVE_TOKEN${where}`;
    case "expired":
      return "no longer: it has expired";
    case "unreadable":
      return "unknown: the stored sign-in cannot be read";
    case "none":
      return "no";
  }
}

function problemText({ queue, project, place }: SyncState): string {
  if (!("kind" in queue)) return "";
  if (project?.id === undefined || queue.kind === "missing") {
    return "none captured yet";
  }
  return storeError(queue, place.projectPaths?.queue ?? "").message;
}

function consentText({ consent }: QueueState): string {
  const kept = consent.keptLocal > 0
    ? `; ${events(consent.keptLocal)} of before stay here`
    : "";
  return (consent.openEpoch > 0 ? "yes" : "no: nothing leaves") + kept;
}

function countText({ counts }: QueueState): string {
  const parts = [
    `${counts.captured} captured`,
    `${counts.delivered} delivered`,
    `${residueOf(counts)} waiting`,
  ];
  if (counts.quarantined > 0) parts.push(`${counts.quarantined} not valid`);
  if (counts.refused > 0) parts.push(`${counts.refused} refused`);
  if (counts.dropped > 0) parts.push(`${counts.dropped} dropped`);
  return parts.join(", ");
}

function passLine({ target, holder }: QueueState, now: number): string {
  if (holder !== undefined) return `process ${holder.pid} delivers right now`;
  if (target.last_pass_at === null) return "never";
  const ago = formatDuration(Math.max(0, now - target.last_pass_at));
  const facts = JSON.parse(target.last_pass ?? "{}");
  const reason: StopReason = facts.stoppedBecause ?? "done";
  const { text } = stopText(reason);
  return `${ago} ago: ${text}`;
}

function warnings(queue: SyncState["queue"]): readonly string[] {
  if ("kind" in queue || queue.counts.overflowBytes === 0) return [];
  return ["Some events wait in the overflow file; they are safe."];
}

/** What the person would do next, if anything. */
function next({ queue, signIn, project }: SyncState): readonly string[] {
  if (project === undefined) return [];
  if ("kind" in queue) {
    return project.id === undefined ? ["Next: reeve sync optin"] : [];
  }
  if (queue.consent.openEpoch === 0) return ["Next: reeve sync optin"];
  if (residueOf(queue.counts) === 0) return [];
  const isOut = signIn === "none" || signIn === "expired";
  return [isOut ? "Next: reeve auth login" : "Next: reeve sync now"];
}
