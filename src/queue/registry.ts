/**
 * Event types as data: one table drives validation, redaction, coalescing,
 * what may be dropped, and the documentation.
 *
 * @module
 */

import type { JsonObject } from "../state/json_value.ts";

/**
 * What may happen to an event when room is short: a `fact` is never lost, of
 * a `snapshot` only the latest counts, `telemetry` may be dropped and counted.
 */
export type EventClass = "fact" | "snapshot" | "telemetry";

/** What a field of a payload must be. */
export interface FieldRule {
  /** Kind of value. */
  readonly kind:
    | "any"
    | "array"
    | "boolean"
    | "integer"
    | "number"
    | "object"
    | "string";
  /** Whether it must be there. @default false */
  readonly required?: boolean;
  /** Whether it may be null. @default false */
  readonly nullable?: boolean;
  /** The only values allowed. */
  readonly values?: readonly string[];
  /** Regular expression that the whole text must match. */
  readonly pattern?: string;
  /** Smallest number, or fewest characters or items. */
  readonly min?: number;
  /** Largest number, or most characters or items. */
  readonly max?: number;
  /** What each item of an array must be. */
  readonly items?: FieldRule;
}

/** One event type. */
export interface EventType {
  /** Its name: a capital, then letters and digits, at most 64. */
  readonly type: string;
  /** Version of its payload, from 1. */
  readonly version: number;
  /** Kind of thing that it is about. */
  readonly aggregateType: string;
  /** What may happen to it when room is short. */
  readonly class: EventClass;
  /** Fields of the payload; others are refused unless `allowsOthers`. */
  readonly fields: Readonly<Record<string, FieldRule>>;
  /** Whether fields that are not listed are allowed. @default false */
  readonly allowsOthers?: boolean;
  /** Keys that must not occur anywhere in the payload. */
  readonly forbiddenKeys?: readonly string[];
  /** Fields that are taken out before storing, for privacy. */
  readonly strip?: readonly string[];
  /** Fields with free text; home paths and secrets in it are redacted. */
  readonly freeText?: readonly string[];
  /** Fields that, with the aggregate, say which snapshots replace each other. */
  readonly coalesceBy?: readonly string[];
  /** Largest payload in bytes. @default 65536 */
  readonly maxBytes?: number;
  /** Whether it creates or changes its aggregate. @default "none" */
  readonly orderRole?: "create" | "update" | "none";
  /** A further check: text that says what is wrong, or `undefined`. */
  readonly check?: (payload: JsonObject) => string | undefined;
}

/** Event types by name. */
export type Registry = ReadonlyMap<string, EventType>;

/** Largest payload in bytes, unless the type says less or more. */
export const DEFAULT_MAX_BYTES = 64 * 1024;

const NAME = /^[A-Z][A-Za-z0-9]{0,63}$/;

/** The types that Reeve itself knows. */
export const BUILT_IN_TYPES: readonly EventType[] = [
  {
    type: "BuildRegistered",
    version: 1,
    aggregateType: "Build",
    class: "fact",
    orderRole: "create",
    fields: {
      "build_id": { kind: "string", required: true, min: 1, max: 64 },
      "client_version": { kind: "string", max: 64 },
      branch: { kind: "string", nullable: true, max: 255 },
      commit: { kind: "string", nullable: true, max: 64 },
    },
    strip: ["developer", "machine", "workspace_path"],
  },
  {
    type: "NoteRecorded",
    version: 1,
    aggregateType: "Note",
    class: "fact",
    fields: {
      text: { kind: "string", required: true, min: 1, max: 10_000 },
      tags: { kind: "array", items: { kind: "string", max: 64 }, max: 32 },
    },
    freeText: ["text"],
  },
  {
    type: "ErrorLogged",
    version: 1,
    aggregateType: "Build",
    class: "fact",
    fields: {
      "error_type": {
        kind: "string",
        required: true,
        values: ["validation", "runtime", "network", "auth", "unknown"],
      },
      "error_message": { kind: "string", required: true, max: 10_000 },
      "stack_trace": { kind: "string", max: 30_000 },
    },
    freeText: ["error_message", "stack_trace"],
  },
  {
    type: "UsageMeasured",
    version: 1,
    aggregateType: "Build",
    class: "telemetry",
    fields: {
      name: { kind: "string", required: true, min: 1, max: 100 },
      value: { kind: "number", required: true },
      unit: { kind: "string", max: 20 },
    },
  },
  {
    type: "StatusObserved",
    version: 1,
    aggregateType: "Status",
    class: "snapshot",
    coalesceBy: ["name"],
    fields: {
      name: { kind: "string", required: true, min: 1, max: 100 },
      state: { kind: "any", required: true },
    },
  },
  {
    type: "TelemetryDropped",
    version: 1,
    aggregateType: "Build",
    class: "fact",
    fields: {
      count: { kind: "integer", required: true, min: 1 },
      "since_lamport": { kind: "integer", required: true, min: 0 },
      "until_lamport": { kind: "integer", required: true, min: 0 },
    },
  },
];

/**
 * The built-in types and a program's own.
 *
 * @throws {TypeError} for a name that is no name, or one that is taken.
 */
export function createRegistry(own: readonly EventType[] = []): Registry {
  const registry = new Map<string, EventType>();
  for (const type of [...BUILT_IN_TYPES, ...own]) {
    if (!NAME.test(type.type)) {
      throw new TypeError(`Cannot register event type "${type.type}"`);
    }
    if (registry.has(type.type)) {
      throw new TypeError(`Cannot register event type ${type.type} twice`);
    }
    checkPatterns(type);
    registry.set(type.type, type);
  }
  return registry;
}

/** A pattern that is none must fail where it is written, not at an event. */
function checkPatterns({ type, fields }: EventType): void {
  for (const [name, rule] of Object.entries(fields)) {
    try {
      for (let at: FieldRule | undefined = rule; at; at = at.items) {
        new RegExp(at.pattern ?? "", "u");
      }
    } catch (cause) {
      throw new TypeError(
        `Cannot register event type ${type}: the pattern of ${name} is none`,
        { cause },
      );
    }
  }
}
