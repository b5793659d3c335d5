/**
 * What is wrong with the queue of a project. Decided on the facts alone.
 *
 * @module
 */

import { parentPath } from "../host/path.ts";
import { DROP_AT, RECLAIM_AT, WARN_AT } from "../queue/capacity.ts";
import { residueOf, totalOf } from "../queue/counts.ts";
import type { SyncFacts } from "./sync_facts.ts";
import {
  doing,
  eventCount,
  quote,
  type Remedy,
  sizeText,
  type SyncFinding,
} from "./sync_finding.ts";
import type { OpenQueueFacts } from "./sync_queue_facts.ts";

/** Lists what is wrong with the queue. */
export function queueFindings(facts: SyncFacts): readonly SyncFinding[] {
  const { queue } = facts;
  if (queue.kind !== "open") return closedFindings(facts);
  return [
    ...integrityFindings(facts, queue),
    ...fillFindings(facts, queue),
    ...lossFindings(facts, queue),
    ...apartFindings(queue),
  ];
}

const NOTHING_YET: SyncFinding = {
  id: "S-030",
  check: "queue",
  severity: "info",
  summary: "No event has been captured here yet.",
  remediation: doing(
    "reeve event emit NoteRecorded --text hello",
    "Captures one.",
  ),
};

function closedFindings(
  { queue, files, os }: SyncFacts,
): readonly SyncFinding[] {
  const path = files.queue ?? "";
  const base = { check: "queue", severity: "error" } as const;
  switch (queue.kind) {
    case "missing":
      return [NOTHING_YET];
    case "damaged":
      return [{
        ...base,
        id: "S-031",
        summary: `${path} is damaged.`,
        remediation: salvage(path),
      }];
    case "newer":
      return [{
        ...base,
        id: "S-032",
        summary: `${path} has version ${queue.version}, from a newer reeve.`,
        remediation: doing("reeve --version", "Upgrade this one."),
      }];
    case "owner_mismatch":
      return [{
        ...base,
        id: "S-033",
        summary: `${path} belongs to project ${queue.owner}.`,
        remediation: putAway(parentPath(path), os),
      }];
    case "refused":
      return [{
        ...base,
        id: "S-034",
        summary: `${path} cannot be opened: ${queue.reason}.`,
        remediation: doing(`ls -ld ${quote(path)}`, "Shows who owns it."),
      }];
    default:
      return [];
  }
}

function putAway(folder: string, os: SyncFacts["os"]): Remedy {
  const move = os === "windows" ? "move" : "mv";
  return doing(
    `${move} ${quote(folder)} ${quote(`${folder}.other`)}`,
    "Puts it away with all that belongs to it.",
  );
}

function salvage(path: string): Remedy {
  return doing(
    `sqlite3 ${quote(path)} .recover > ${quote(`${path}.sql`)}`,
    "Writes down what can still be read. The next event puts the file aside " +
      "and begins a new queue.",
  );
}

function integrityFindings(
  { files }: SyncFacts,
  { integrity }: OpenQueueFacts,
): readonly SyncFinding[] {
  return integrity.kind !== "broken" ? [] : [{
    id: "S-035",
    check: "integrity",
    severity: "error",
    summary: `The queue is damaged inside: ${integrity.text}.`,
    remediation: salvage(files.queue ?? ""),
  }];
}

const FILL_TEXTS: readonly (readonly [number, string])[] = [
  [1, "events go to the overflow file or are refused"],
  [DROP_AT, "telemetry is dropped"],
  [RECLAIM_AT, "what was delivered is thrown away early"],
  [WARN_AT, "soon what was delivered is thrown away early"],
];

function fillFindings(
  facts: SyncFacts,
  queue: OpenQueueFacts,
): readonly SyncFinding[] {
  const { fill } = queue;
  const [level, text] = FILL_TEXTS.find(([from]) => fill >= from) ?? [];
  if (level === undefined) return [];
  return [{
    id: "S-036",
    check: "queue",
    severity: level >= 1 ? "error" : "warn",
    summary: `The queue is ${Math.floor(fill * 100)} % full: ${text}.`,
    remediation: room(facts, queue),
  }];
}

/** What makes room: sending what waits, or else more room. */
function room(
  { settings }: SyncFacts,
  { counts, consent }: OpenQueueFacts,
): Remedy {
  if (consent.openEpoch > 0 && residueOf(counts) > 0) {
    return doing("reeve sync now", "Delivers what waits, which makes room.");
  }
  const { maxRows, maxBytes } = settings.limits;
  const isByRows = counts.liveRows / maxRows >= counts.liveBytes / maxBytes;
  const change = isByRows
    ? `sync.max_rows ${2 * maxRows}`
    : `sync.max_bytes ${2 * Math.ceil(maxBytes / 1024 / 1024)}MiB`;
  return doing(`reeve config set ${change}`, "Doubles the room.");
}

function lossFindings(
  facts: SyncFacts,
  queue: OpenQueueFacts,
): readonly SyncFinding[] {
  const { refused, dropped } = queue.counts;
  const found: SyncFinding[] = [];
  if (refused > 0) {
    found.push({
      id: "S-038",
      check: "queue",
      severity: "error",
      summary: `${eventCount(refused)} found no room and ` +
        `${refused === 1 ? "was" : "were"} refused; ` +
        "with --fix the doctor notes it and counts anew.",
      remediation: room(facts, queue),
    });
  }
  if (dropped > 0) {
    found.push({
      id: "S-039",
      check: "queue",
      severity: "warn",
      summary: `${eventCount(dropped)} of telemetry gave way while room was ` +
        "short.",
      remediation: room(facts, queue),
    });
  }
  return found;
}

function apartFindings({ counts }: OpenQueueFacts): readonly SyncFinding[] {
  const { quarantined, overflowBytes } = counts;
  const dead = totalOf(counts.dead);
  const found: SyncFinding[] = [];
  if (overflowBytes > 0) {
    found.push({
      id: "S-037",
      check: "queue",
      severity: "warn",
      summary: `${sizeText(overflowBytes)} of events wait in the overflow ` +
        "file; they are safe.",
      remediation: doing("reeve sync now", "Takes them into the queue."),
    });
  }
  if (quarantined > 0) {
    found.push({
      id: "S-040",
      check: "queue",
      severity: "warn",
      summary: `${eventCount(quarantined)} ${areOrIs(quarantined)} not valid ` +
        "and will not be sent.",
      remediation: doing(
        "reeve sync diagnose",
        "Says what is wrong with them.",
      ),
    });
  }
  if (dead > 0) {
    const reasons = Object.entries(counts.dead)
      .map(([reason, count]) => `${count} ${reason.replaceAll("_", " ")}`);
    found.push({
      id: "S-041",
      check: "delivery",
      severity: "error",
      summary: `${eventCount(dead)} ${areOrIs(dead)} given up: ` +
        `${reasons.join(", ")}.`,
      remediation: doing("reeve sync dead list", "Shows what the server said."),
    });
  }
  return found;
}

function areOrIs(count: number): string {
  return count === 1 ? "is" : "are";
}
