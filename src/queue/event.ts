/**
 * What an event is: what a program says, what is stored and sent, and what
 * became of it.
 *
 * @module
 */

import type { JsonObject } from "../state/json_value.ts";

/** Version of the envelope. */
export const ENVELOPE_VERSION = "3.0.0";

/** What a program says about something that happened. */
export interface EventArgs {
  /** What it is about, unique everywhere; 1 to 200 characters. */
  readonly aggregateId: string;
  /** What happened, as the registry defines it. */
  readonly payload: JsonObject;
  /** ULID; emitting the same id and content again is a `duplicate`. */
  readonly eventId?: string;
  /** ULID of the command or event that caused it. */
  readonly causationId?: string;
  /** ULID that belongs to the whole chain. @default the cause, else the id */
  readonly correlationId?: string;
  /** When it happened, RFC 3339 with offset. @default now */
  readonly timestamp?: string;
  /** The same key within 24 hours is a `duplicate`. */
  readonly dedupeKey?: string;
}

/** Why an event was put apart: it can never be sent as it is. */
export type QuarantineReason =
  | "forbidden_key"
  | "id_conflict"
  | "invalid_envelope"
  | "invalid_payload"
  | "too_large"
  | "unknown_type";

/** What became of an event. */
export type EmitOutcome =
  | {
    /** It is on disk in its place. */
    readonly kind: "captured";
    readonly eventId: string;
    /** Its place in the project's queue. */
    readonly seq: number;
    /** How full the queue is, where 1 is full. */
    readonly fill: number;
  }
  | {
    /** It is on disk in the overflow file and gets its place later. */
    readonly kind: "spilled";
    readonly eventId: string;
    readonly reason: SpillReason;
  }
  | {
    /** The same event is stored already. */
    readonly kind: "duplicate";
    readonly eventId: string;
  }
  | {
    /** Capturing is off. */
    readonly kind: "disabled";
    readonly reason: "mode_off";
  }
  | {
    /** Its class gives way while the queue is nearly full; it is counted. */
    readonly kind: "dropped";
    readonly reason: "telemetry_full";
  }
  | {
    /** It is not valid and was put apart for inspection. */
    readonly kind: "quarantined";
    readonly reason: QuarantineReason;
    /** The field at fault. */
    readonly field: string;
    /** What is wrong with it. */
    readonly rule: string;
  }
  | {
    /** There is no room and nothing may be thrown away for it. */
    readonly kind: "refused";
    readonly reason: "queue_full" | "disk_full";
  }
  | {
    /** It could not be stored. */
    readonly kind: "failed";
    readonly reason: EmitFailureReason;
    readonly detail: string;
  };

/** Why an event went to the overflow file. */
export type SpillReason =
  | "busy"
  | "full"
  | "identity_missing"
  | "newer_schema";

/** Why nothing could be stored. */
export type EmitFailureReason =
  | "batch_invalid"
  | "closed"
  | "internal"
  | "no_home"
  | "owner_mismatch"
  | "read_only"
  | "store_unavailable";

/** Facts about the project and the machine that every envelope carries. */
export interface EnvelopeOrigin {
  /** UUID of the project, or `undefined` before it has one. */
  readonly projectId: string | undefined;
  /** Name of the project for display. */
  readonly projectSlug: string | null;
  /** Branch, when the person allows it. */
  readonly gitBranch: string | null;
  /** Commit, when the person allows it. */
  readonly headCommitSha: string | null;
  /** Name of the repository, when the person allows it. */
  readonly repoSlug: string | null;
}

/** An envelope as it is stored and sent. */
export interface Envelope {
  readonly "aggregate_id": string;
  readonly "aggregate_type": string;
  readonly "build_id": string;
  readonly "causation_id": string | null;
  readonly "clock_epoch": number;
  readonly "correlation_id": string;
  readonly "event_id": string;
  readonly "event_type": string;
  readonly "git_branch": string | null;
  readonly "head_commit_sha": string | null;
  readonly "lamport_clock": number;
  readonly "node_id": string;
  readonly payload: JsonObject;
  readonly "project_slug": string | null;
  readonly "project_uuid": string;
  readonly "repo_slug": string | null;
  readonly "schema_version": string;
  readonly "team_slug": null;
  readonly timestamp: string;
}
