/**
 * What is wrong with delivery and what to do, decided on the facts alone; and
 * which checks have found nothing, or could not be made.
 *
 * @module
 */

import { deliveryFindings } from "./sync_delivery_findings.ts";
import { isUnknown, type SyncFacts } from "./sync_facts.ts";
import type { CheckName, SyncFinding, SyncSeverity } from "./sync_finding.ts";
import { placeFindings } from "./sync_place_findings.ts";
import { queueFindings } from "./sync_queue_findings.ts";
import { serverFindings } from "./sync_server_findings.ts";
import { signInFindings } from "./sync_sign_in_findings.ts";

/** How a check ended; `unknown` could not be made and is not healthy. */
export type CheckState = SyncSeverity | "ok" | "skipped" | "unknown";

/** One check. */
export interface SyncCheck {
  /** What is checked. */
  readonly name: CheckName;
  /** The worst of what was found. */
  readonly state: CheckState;
  /** Why it is unknown or was skipped. */
  readonly reason: string | undefined;
}

/** What the doctor says. */
export interface SyncVerdict {
  /** No error, and nothing unknown among the checks that matter. */
  readonly isHealthy: boolean;
  /** Every check. */
  readonly checks: readonly SyncCheck[];
  /** What is wrong, in the order of the ids. */
  readonly findings: readonly SyncFinding[];
}

/** Checks without which nobody may call delivery healthy. */
const ESSENTIAL: readonly CheckName[] = [
  "delivery",
  "integrity",
  "queue",
  "settings",
  "sign_in",
];

const NAMES: readonly CheckName[] = [
  "project",
  "settings",
  "files",
  "disk",
  "sign_in",
  "queue",
  "integrity",
  "delivery",
  "daemon",
  "server",
  "session",
  "clock",
];

/** Judges the facts. */
export function judgeSync(facts: SyncFacts): SyncVerdict {
  const findings = findSyncFindings(facts);
  const checks = NAMES.map((name) => checkOf(facts, findings, name));
  const isHealthy = checks.every(({ name, state }) =>
    state !== "error" && !(state === "unknown" && ESSENTIAL.includes(name))
  );
  return { isHealthy, checks, findings };
}

/** Lists what is wrong, in the order of the ids. */
export function findSyncFindings(facts: SyncFacts): readonly SyncFinding[] {
  return [
    ...placeFindings(facts),
    ...signInFindings(facts),
    ...queueFindings(facts),
    ...deliveryFindings(facts),
    ...serverFindings(facts),
  ].toSorted((a, b) => a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

const WORST: readonly SyncSeverity[] = ["error", "warn", "info"];

function checkOf(
  facts: SyncFacts,
  findings: readonly SyncFinding[],
  name: CheckName,
): SyncCheck {
  const own = findings.filter(({ check }) => check === name);
  const worst = WORST.find((severity) =>
    own.some((finding) => finding.severity === severity)
  );
  if (worst === "error") return { name, state: worst, reason: undefined };
  const gap = gapOf(facts, name);
  if (gap?.state === "unknown") return { name, ...gap };
  if (worst !== undefined) return { name, state: worst, reason: undefined };
  return gap === undefined
    ? { name, state: "ok", reason: undefined }
    : { name, ...gap };
}

interface Gap {
  readonly state: "skipped" | "unknown";
  readonly reason: string;
}

const unknown = (reason: string): Gap => ({ state: "unknown", reason });
const skipped = (reason: string): Gap => ({ state: "skipped", reason });

/** Why a check has nothing to say, if it has not. */
function gapOf(facts: SyncFacts, name: CheckName): Gap | undefined {
  switch (name) {
    case "project":
    case "settings":
      return undefined;
    case "files":
      return filesGap(facts);
    case "disk":
      return facts.disk.freeBytes === undefined
        ? unknown("the free space cannot be known here")
        : undefined;
    case "sign_in":
      return signInGap(facts);
    case "queue":
    case "integrity":
    case "delivery":
      return queueGap(facts, name);
    case "daemon":
      return isUnknown(facts.daemon)
        ? unknown(facts.daemon.unknown)
        : undefined;
    case "server":
    case "session":
    case "clock":
      return serverGap(facts, name);
  }
}

function filesGap({ os, disk }: SyncFacts): Gap | undefined {
  if (os === "windows") return skipped("files have no modes here");
  return disk.modeProblem === undefined ? undefined : unknown(disk.modeProblem);
}

function signInGap({ signIn, settings }: SyncFacts): Gap | undefined {
  const { mode } = settings;
  if (mode === "local" || mode === "off") return skipped("nothing leaves");
  return isUnknown(signIn) ? unknown(signIn.unknown) : undefined;
}

function queueGap(
  { queue }: SyncFacts,
  name: "delivery" | "integrity" | "queue",
): Gap | undefined {
  switch (queue.kind) {
    case "none":
      return skipped("there is no project with an identity");
    case "missing":
      return skipped("nothing has been captured yet");
    case "busy":
      return unknown("another process keeps the queue busy");
    case "open":
      return name === "integrity" && queue.integrity.kind === "unknown"
        ? unknown(queue.integrity.reason)
        : undefined;
    default:
      return name === "queue" ? undefined : unknown("the queue cannot be used");
  }
}

function serverGap(
  { server, settings }: SyncFacts,
  name: "clock" | "server" | "session",
): Gap | undefined {
  if (server === undefined) {
    return skipped(
      settings.serverUrl === undefined
        ? "no server is configured"
        : "only with --server",
    );
  }
  if (name === "clock" && server.clockAheadMs === undefined) {
    return unknown("the server does not tell the time");
  }
  if (name !== "session") return undefined;
  const { session } = server;
  if (session.kind === "unknown") return unknown(session.reason);
  return session.kind === "not_asked"
    ? skipped("there is no sign-in to ask about")
    : undefined;
}
