/**
 * Whether what a server passes on is an event of our project.
 *
 * @module
 */

import { type Envelope, ENVELOPE_VERSION } from "../queue/event.ts";
import { isUlid } from "../state/ulid.ts";
import { isTimestamp } from "../queue/validate.ts";
import { isLargerThan } from "./live_frames.ts";

const PAYLOAD_LIMIT_BYTES = 65_536;
const NAME_LIMIT = 200;

type Check = (value: unknown) => boolean;

const isCount: Check = (value) =>
  Number.isSafeInteger(value) && Number(value) >= 1;
const isId: Check = (value) => typeof value === "string" && isUlid(value);
const isTextOrNull: Check = (value) =>
  value === null || typeof value === "string";
const isName: Check = (value) =>
  typeof value === "string" && value !== "" && value.length <= NAME_LIMIT;
const isPayload: Check = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) &&
  !isLargerThan(PAYLOAD_LIMIT_BYTES, JSON.stringify(value));

function matches(pattern: RegExp): Check {
  return (value) => typeof value === "string" && pattern.test(value);
}

const isUuid = matches(/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/);

const CHECKS: Readonly<Record<keyof Envelope, Check>> = {
  "aggregate_id": isName,
  "aggregate_type": isName,
  "build_id": isUuid,
  "causation_id": (value) => value === null || isId(value),
  "clock_epoch": isCount,
  "correlation_id": isId,
  "event_id": isId,
  "event_type": matches(/^[A-Z][A-Za-z0-9]{0,63}$/),
  "git_branch": isTextOrNull,
  "head_commit_sha": isTextOrNull,
  "lamport_clock": isCount,
  "node_id": matches(/^[0-9a-f]{32}$/),
  "payload": isPayload,
  "project_slug": isTextOrNull,
  "project_uuid": isUuid,
  "repo_slug": isTextOrNull,
  "schema_version": (value) => value === ENVELOPE_VERSION,
  "team_slug": (value) => value === null,
  "timestamp": (value) => typeof value === "string" && isTimestamp(value),
};

/** Whether a value has the shape of an event of this project. */
export function isEnvelopeOf(
  projectId: string,
  value: unknown,
): value is Envelope {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map(Object.entries(value));
  if (fields.get("project_uuid") !== projectId) return false;
  return Object.entries(CHECKS).every(([key, is]) => is(fields.get(key)));
}
