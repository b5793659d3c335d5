/**
 * Events about tasks: a type of each class and order role, for tests.
 *
 * @module
 */

import type { Draft } from "../../src/queue/envelope.ts";
import type { EnvelopeOrigin } from "../../src/queue/event.ts";
import type { EventType } from "../../src/queue/registry.ts";

/** State root of the fake machine. */
export const ROOT = "/home/ada/.reeve";
/** The project. */
export const PROJECT_ID = "6f1c3c1e-6c2b-4f0e-9a55-0d6f3a1b2c3d";

/** What envelopes say about the project. */
export const ORIGIN: EnvelopeOrigin = {
  projectId: PROJECT_ID,
  projectSlug: "reeve",
  gitBranch: "main",
  headCommitSha: null,
  repoSlug: null,
};

const fields: EventType["fields"] = {
  text: { kind: "string", max: 60_000 },
  n: { kind: "integer" },
};

/** One type of each class and order role, besides those built in. */
export const TASK_TYPES: readonly EventType[] = [
  {
    type: "TaskCreated",
    version: 1,
    aggregateType: "Task",
    class: "fact",
    orderRole: "create",
    fields,
  },
  {
    type: "TaskChanged",
    version: 1,
    aggregateType: "Task",
    class: "fact",
    orderRole: "update",
    fields,
  },
  {
    type: "TaskSeen",
    version: 1,
    aggregateType: "Task",
    class: "snapshot",
    coalesceBy: ["n"],
    fields,
  },
  {
    type: "TaskTimed",
    version: 1,
    aggregateType: "Task",
    class: "telemetry",
    fields,
  },
];

/** A draft that nobody has validated. */
export function draftOf(changes: Partial<Draft> = {}): Draft {
  const eventId = changes.eventId ?? "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  return {
    eventId,
    type: "TaskChanged",
    class: "fact",
    aggregateType: "Task",
    aggregateId: "t1",
    orderRole: "update",
    coalesceKey: null,
    dedupeKey: null,
    causationId: null,
    correlationId: eventId,
    timestamp: "2026-01-02T03:04:05.000Z",
    payload: "{}",
    origin: ORIGIN,
    hasOwnId: false,
    ...changes,
  };
}
