/**
 * Every event of the environments of a repository: its fields, what they are,
 * and what becomes of them when they leave the machine.
 *
 * @module
 */

import type { JsonValue } from "../state/json_value.ts";

/**
 * What becomes of a field in a bundle: `public` is looked through for secrets
 * and kept, `hashed` becomes a hash that only means something within the
 * bundle, `secret` is left out.
 */
export type Care = "hashed" | "public" | "secret";

/** What a field holds. */
export type FieldKind =
  | "flag"
  | "maybe_number"
  | "maybe_text"
  | "number"
  | "text"
  | "texts";

/** One field of an event. */
export interface EventField {
  /** What it holds. */
  readonly kind: FieldKind;
  /** What becomes of it in a bundle. */
  readonly care: Care;
  /** What it means, in a line. */
  readonly says: string;
}

/** One kind of event. */
export interface EventShape {
  /** When it is written, in a line. */
  readonly says: string;
  /** Its fields, besides those that every event has. */
  readonly fields: Readonly<Record<string, EventField>>;
}

function open<K extends FieldKind>(kind: K, says: string) {
  return { kind, care: "public", says } as const;
}

function hashed<K extends FieldKind>(kind: K, says: string) {
  return { kind, care: "hashed", says } as const;
}

const PROJECT = open("text", "Project that owns the unit.");
const UNIT = open("text", "Slug of a service, or id of a dependency.");
const PORT = open("maybe_number", "Its port; null for one without.");
const RUN_ID = open("maybe_text", "The run; null where there is none.");
const REASON = open("text", "Why, in a word or a sentence.");

/** Every event, by name. */
export const EVENTS = {
  "startup.begin": {
    says: "A command begins to start something.",
    fields: {
      command: open("text", "The command."),
      mode: open("text", "Main checkout or worktrees."),
      projects: open("texts", "Projects that it is about."),
    },
  },
  "startup.end": {
    says: "That command has come to its end.",
    fields: {
      outcome: open("text", "What became of it, in a word."),
      "run_id": RUN_ID,
      "duration_ms": open("number", "How long it took, in milliseconds."),
    },
  },
  "startup.phase": {
    says: "A start goes over to its next part.",
    fields: {
      phase: open("text", "The part that begins."),
      "at_ms": open("number", "Milliseconds since the begin."),
    },
  },
  "state.run_reuse": {
    says: "It is decided what becomes of the recorded run.",
    fields: {
      kind: open("text", "What, in a word."),
      reason: open("text", "Why, in a word."),
      mismatches: open("texts", "What is not as recorded."),
    },
  },
  "state.saved": {
    says: "A run was written down.",
    fields: {
      "run_id": open("text", "The run."),
      services: open("number", "How many services it has."),
      dependencies: open("number", "How many dependencies it has."),
    },
  },
  "intent.resolved": {
    says: "It became clear what an earlier command had left half done.",
    fields: {
      "intent_id": hashed("text", "Which intent."),
      unit: UNIT,
      outcome: open("text", "What became of it, in a word."),
    },
  },
  "orphan.swept": {
    says: "A process that nobody recorded was ended.",
    fields: {
      pid: open("number", "Its process."),
      unit: open("maybe_text", "What it was; null where nobody can tell."),
      reason: REASON,
    },
  },
  "orphan.skipped": {
    says: "A process that might be left over was left alone.",
    fields: {
      pid: open("number", "Its process."),
      unit: open("maybe_text", "What it may be; null where nobody can tell."),
      reason: REASON,
    },
  },
  "orphan.failed": {
    says: "A process that nobody recorded could not be ended.",
    fields: { pid: open("number", "Its process."), reason: REASON },
  },
  "port.reserved": {
    says: "A unit was given a port.",
    fields: {
      project: PROJECT,
      unit: UNIT,
      requested: open("number", "What settings and slot ask for."),
      assigned: open("number", "What it was given."),
      source: open("text", "Why that one, in a word."),
    },
  },
  "port.retried": {
    says: "A unit is given the next port, as its own was taken meanwhile.",
    fields: {
      project: PROJECT,
      unit: UNIT,
      taken: open("number", "The port that is taken."),
      next: open("number", "The port that is tried next."),
    },
  },
  "port.rebound": {
    says: "A service listens on another port than its own.",
    fields: {
      project: PROJECT,
      unit: UNIT,
      requested: open("number", "What it was given."),
      actual: open("maybe_number", "Where it listens."),
    },
  },
  "port.released": {
    says: "A port was given back.",
    fields: {
      project: PROJECT,
      unit: UNIT,
      port: open("number", "The port."),
    },
  },
  "service.launch": {
    says: "A process was started for a unit.",
    fields: {
      project: PROJECT,
      unit: UNIT,
      pid: open("number", "Its process."),
      "argv_hash": hashed("text", "Hash of the words of its command."),
      port: PORT,
    },
  },
  "service.env_dropped": {
    says: "A variable of a service was left out.",
    fields: {
      project: PROJECT,
      unit: UNIT,
      variable: open("text", "Its name."),
      source: open("text", "What it needs and is not there."),
    },
  },
  "service.ready": {
    says: "A service is ready.",
    fields: {
      project: PROJECT,
      unit: UNIT,
      port: PORT,
      "after_ms": open("number", "Milliseconds since its process began."),
    },
  },
  "service.failure": {
    says: "A service could not be started.",
    fields: {
      project: PROJECT,
      unit: UNIT,
      reason: REASON,
      "exit_code": open("maybe_number", "Its exit code, if it has ended."),
      critical: open("flag", "Whether the environment is broken without it."),
    },
  },
  "service.truth": {
    says: "A service that was ready is not well at the end of the start.",
    fields: {
      project: PROJECT,
      unit: UNIT,
      status: open("text", "What it was found doing."),
      evidence: open("text", "What was seen."),
    },
  },
  "requirements.ready": {
    says: "A dependency is ready.",
    fields: {
      project: PROJECT,
      unit: UNIT,
      mode: open("text", "How it is provided."),
      retries: open("number", "How often it was tried again."),
    },
  },
  "requirements.failure": {
    says: "A dependency could not be provided.",
    fields: {
      project: PROJECT,
      unit: UNIT,
      "failure_class": open("text", "What kind of failure it was."),
    },
  },
  "cleanup.stopped": {
    says: "A unit was ended, or had ended already.",
    fields: {
      project: PROJECT,
      unit: UNIT,
      outcome: open("text", "What became of it, in a word."),
    },
  },
  "cleanup.kept": {
    says: "A unit could not be ended and stays recorded.",
    fields: { project: PROJECT, unit: UNIT, reason: REASON },
  },
  "stop.begin": {
    says: "A command begins to end units of a run.",
    fields: {
      mode: open("text", "Main checkout or worktrees."),
      units: open("texts", "Names of the units."),
    },
  },
  "stop.end": {
    says: "That command has ended what it could.",
    fields: {
      stopped: open("number", "How many it ended."),
      gone: open("number", "How many had ended already."),
      kept: open("number", "How many it could not end."),
    },
  },
} as const satisfies Readonly<Record<string, EventShape>>;

/** Name of an event. */
export type EventName = keyof typeof EVENTS;

interface KindTypes {
  readonly "flag": boolean;
  readonly "maybe_number": number | null;
  readonly "maybe_text": string | null;
  readonly "number": number;
  readonly "text": string;
  readonly "texts": readonly string[];
}

/** The fields of an event; `null` for what is not there. */
export type EventFields<N extends EventName> = {
  readonly [F in keyof (typeof EVENTS)[N]["fields"]]:
    (typeof EVENTS)[N]["fields"][F] extends {
      readonly kind: infer K extends FieldKind;
    } ? KindTypes[K]
      : JsonValue;
};

/** What is known of an event of that name; `undefined` for a stranger. */
export function shapeOf(name: string): EventShape | undefined {
  const shapes: Readonly<Record<string, EventShape>> = EVENTS;
  return Object.hasOwn(shapes, name) ? shapes[name] : undefined;
}
