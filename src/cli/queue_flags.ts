/**
 * Flags that the commands about queues share.
 *
 * @module
 */

import { wordFlag } from "./define_command.ts";
import { parseSince } from "./since.ts";
import { parseInstant, parseSpan } from "./span.ts";

/** A flag whose text becomes milliseconds. */
export interface TimeFlag {
  /** What stricli tells flags apart by. */
  readonly kind: "parsed";
  /** Takes the text. */
  readonly parse: (text: string) => number;
  /** It may be left out. */
  readonly optional: true;
  /** Its value in the help. */
  readonly placeholder: string;
  /** Its line in the help. */
  readonly brief: string;
}

/** Chooses one tenant. */
export const tenant = wordFlag("TENANT", "Jobs of this tenant");

/** Chooses tenants. */
export const tenants = {
  kind: "parsed",
  parse: String,
  optional: true,
  variadic: true,
  placeholder: "TENANT",
  brief: "Only this tenant; may be given again",
} as const;

/** Makes a flag with a span of time. */
export function spanFlag(brief: string): TimeFlag {
  return {
    kind: "parsed",
    parse: parseSpan,
    optional: true,
    placeholder: "SPAN",
    brief,
  };
}

/** Makes a flag with an instant. */
export function instantFlag(brief: string): TimeFlag {
  return {
    kind: "parsed",
    parse: parseInstant,
    optional: true,
    placeholder: "TIME",
    brief,
  };
}

/** Chooses by the time of death. */
export const before = {
  kind: "parsed",
  parse: parseSince,
  optional: true,
  placeholder: "TIME",
  brief: "Only those that died before: 2h, 3d, 2026-01-31",
} as const;

/** Chooses by id. */
export const jobIds = {
  kind: "parsed",
  parse: String,
  optional: true,
  variadic: true,
  placeholder: "ID",
  brief: "Only this job; may be given again",
} as const;

/** Chooses dead jobs by what they died of. */
export const deadReason = {
  kind: "enum",
  values: ["failed", "given_up", "timeout", "stalled", "expired"],
  optional: true,
  brief: "Only those that died of this",
} as const;

/** Chooses jobs by where they are. */
export const jobStates = {
  kind: "enum",
  values: ["ready", "scheduled", "active", "completed", "dead"],
  optional: true,
  variadic: true,
  brief: "Only in this state; may be given again",
} as const;

/** The queue that a command is about. */
export const queueName = {
  parse: String,
  placeholder: "QUEUE",
  brief: "Name of the queue",
} as const;

/** The job that a command is about. */
export const jobId = {
  parse: String,
  placeholder: "ID",
  brief: "Id of the job",
} as const;
