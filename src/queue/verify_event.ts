/**
 * Checks one event against itself: body, hash and row must tell the same.
 *
 * @module
 */

import { canonicalJson } from "./canonical_json.ts";
import type { JsonValue } from "../state/json_value.ts";
import { buildIdOf, byteLength, hashText, laneOf } from "./envelope.ts";
import { type Envelope, ENVELOPE_VERSION } from "./event.ts";
import {
  draftOf,
  isEventClass,
  isOrderRole,
  readEnvelope,
  type StoredEvent,
} from "./stored_event.ts";
import { isUlid } from "../state/ulid.ts";
import { isTimestamp } from "./validate.ts";
import type { CheckId } from "./verify_findings.ts";

/** One thing that is wrong. */
export interface Fault {
  /** The check that has found it. */
  readonly id: CheckId;
  /** What it is. */
  readonly text: string;
}

/** What of a delivery an event must agree with. */
export interface DeliveryHint {
  /** 0 when it is over, `null` when it never began. */
  readonly "is_open": number | null;
}

/** No clock is so wrong. */
const LATEST_MS = Date.UTC(2200);

const HASH = /^[0-9a-f]{64}$/;

/** What is wrong with an event by itself; pure. */
export function judgeEvent(
  row: StoredEvent & DeliveryHint,
  projectId: string,
): readonly Fault[] {
  const faults = row.body === null ? judgeBare(row) : judgeBody(row, projectId);
  return [...faults, ...judgeColumns(row)];
}

function judgeBare(row: StoredEvent & DeliveryHint): readonly Fault[] {
  const faults: Fault[] = [];
  const fault = (text: string) => faults.push({ id: "V-006", text });
  if (row.is_open !== 0) fault("its body is gone, but it is not delivered");
  if (!HASH.test(row.sha256)) fault("its hash is none");
  const content = row.content_sha256;
  if (content !== null && !HASH.test(content)) {
    fault("the hash of its content is none");
  }
  return faults;
}

function judgeBody(row: StoredEvent, projectId: string): readonly Fault[] {
  const { body, sha256 } = row;
  if (body === null) return [];
  if (hashText(body) !== sha256) {
    return [{ id: "V-004", text: "its body has another hash" }];
  }
  const envelope = readEnvelope(body);
  if (envelope === undefined) {
    return [{ id: "V-004", text: "its body is not the spelling of an event" }];
  }
  return [
    ...judgeRow(row, envelope),
    ...judgeOwner(envelope, projectId),
    ...(row.content_sha256 === null ? [] : [{
      id: "V-006" as const,
      text: "it has a body and the mark of one whose body is gone",
    }]),
  ];
}

function judgeRow(row: StoredEvent, envelope: Envelope): readonly Fault[] {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["event_id", row.event_id, envelope.event_id],
    ["type", row.type, envelope.event_type],
    ["lane", row.lane, laneOf(draftOf(row, envelope))],
    ["lamport", row.lamport, envelope.lamport_clock],
    ["clock_epoch", row.clock_epoch, envelope.clock_epoch],
    ["occurred_at", row.occurred_at, envelope.timestamp],
    ["bytes", row.bytes, byteLength(row.body ?? "")],
    ["schema_version", ENVELOPE_VERSION, envelope.schema_version],
  ];
  return pairs.filter(([, row, body]) => row !== body)
    .map(([name]) => ({ id: "V-005", text: `its ${name} is not its body's` }));
}

function judgeOwner(
  { project_uuid: project, node_id: node, build_id: build }: Envelope,
  projectId: string,
): readonly Fault[] {
  if (project !== projectId) {
    return [{ id: "V-003", text: "it is of another project" }];
  }
  return buildIdOf(project, node) === build
    ? []
    : [{ id: "V-003", text: "its build is not of its installation" }];
}

function judgeColumns(row: StoredEvent): readonly Fault[] {
  const { coalesce_key: key } = row;
  const isSound = isUlid(row.event_id) && isEventClass(row.class) &&
    isOrderRole(row.order_role) && isTimestamp(row.occurred_at) &&
    row.coalesced_n >= 0 && (row.coalesced_n === 0 || key !== null) &&
    row.captured_at > 0 && row.captured_at < LATEST_MS &&
    row.dedupe_key !== "" && isCoalesceKey(row);
  return isSound ? [] : [{ id: "V-005", text: "a column is not as it can be" }];
}

/** It begins with the type, as the emitter writes it. */
function isCoalesceKey({ coalesce_key: key, type }: StoredEvent): boolean {
  if (key === null) return true;
  try {
    const parts: JsonValue = JSON.parse(key);
    return Array.isArray(parts) && parts[0] === type &&
      canonicalJson(parts) === key;
  } catch {
    return false;
  }
}
