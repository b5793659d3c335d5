/**
 * Turns what a program said into the bytes that are stored and sent.
 *
 * @module
 */

import { sha1 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { canonicalJson } from "./canonical_json.ts";
import type { JsonObject } from "../state/json_value.ts";
import {
  ENVELOPE_VERSION,
  type EnvelopeOrigin,
  type EventArgs,
} from "./event.ts";
import type { EventClass, EventType } from "./registry.ts";

/** An event that is complete but for its place in the queue. */
export interface Draft {
  readonly eventId: string;
  readonly type: string;
  readonly class: EventClass;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly orderRole: "create" | "update" | "none";
  /** Says which snapshots replace each other. */
  readonly coalesceKey: string | null;
  readonly dedupeKey: string | null;
  readonly causationId: string | null;
  readonly correlationId: string;
  readonly timestamp: string;
  /** Canonical JSON of the payload. */
  readonly payload: string;
  readonly origin: EnvelopeOrigin;
  /** Whether the caller chose the id, which may then come again. */
  readonly hasOwnId: boolean;
}

/** Place and identity that the store gives to an event. */
export interface Stamp {
  readonly nodeId: string;
  readonly buildId: string;
  readonly projectId: string;
  readonly clockEpoch: number;
  readonly lamport: number;
}

/** Makes a draft of an event that was found valid. */
export function draftEvent(
  type: EventType,
  args: EventArgs,
  facts: {
    readonly eventId: string;
    readonly nowMs: number;
    readonly payload: JsonObject;
    readonly origin: EnvelopeOrigin;
  },
): Draft {
  const { eventId, payload, origin } = facts;
  const { causationId = null } = args;
  return {
    eventId,
    type: type.type,
    class: type.class,
    aggregateType: type.aggregateType,
    aggregateId: args.aggregateId,
    orderRole: type.orderRole ?? "none",
    coalesceKey: coalesceKey(type, args.aggregateId, payload),
    dedupeKey: args.dedupeKey ?? null,
    causationId,
    correlationId: args.correlationId ?? causationId ?? eventId,
    timestamp: args.timestamp ?? new Date(facts.nowMs).toISOString(),
    payload: canonicalJson(payload),
    origin,
    hasOwnId: args.eventId !== undefined,
  };
}

function coalesceKey(
  { type, coalesceBy }: EventType,
  aggregateId: string,
  payload: JsonObject,
): string | null {
  if (coalesceBy === undefined) return null;
  return canonicalJson([
    type,
    aggregateId,
    ...coalesceBy.map((field) => payload[field] ?? null),
  ]);
}

/** Events of one lane are delivered in order; lanes do not wait for others. */
export function laneOf(
  draft: Pick<Draft, "aggregateType" | "aggregateId">,
): string {
  return `${draft.aggregateType}:${draft.aggregateId}`;
}

/**
 * The canonical JSON of an envelope. The keys stand here in their sorted order,
 * so that only the payload has to be sorted.
 */
export function encodeEnvelope(draft: Draft, stamp: Stamp): string {
  const { origin } = draft;
  const text = JSON.stringify;
  return `{"aggregate_id":${text(draft.aggregateId)},"aggregate_type":${
    text(draft.aggregateType)
  },"build_id":"${stamp.buildId}","causation_id":${
    text(draft.causationId)
  },"clock_epoch":${stamp.clockEpoch},"correlation_id":"${draft.correlationId}","event_id":"${draft.eventId}","event_type":"${draft.type}","git_branch":${
    text(origin.gitBranch)
  },"head_commit_sha":${
    text(origin.headCommitSha)
  },"lamport_clock":${stamp.lamport},"node_id":"${stamp.nodeId}","payload":${draft.payload},"project_slug":${
    text(origin.projectSlug)
  },"project_uuid":"${stamp.projectId}","repo_slug":${
    text(origin.repoSlug)
  },"schema_version":"${ENVELOPE_VERSION}","team_slug":null,"timestamp":${
    text(draft.timestamp)
  }}`;
}

/** How many bytes of UTF-8 a code unit of a text becomes at most. */
const UNIT_BYTES = 3;

const encoder = new TextEncoder();
const room = new Uint8Array(8192);

/** A text in UTF-8, to be used before the next one is encoded. */
function encode(text: string): Uint8Array {
  if (text.length * UNIT_BYTES > room.length) return encoder.encode(text);
  return room.subarray(0, encoder.encodeInto(text, room).written);
}

/** An envelope as it is stored. */
export interface EncodedBody {
  /** Its canonical JSON. */
  readonly body: string;
  /** Bytes of that. */
  readonly bytes: number;
  /** Hash of that. */
  readonly sha256: string;
}

/** Encodes an envelope, its size and its hash in one go. */
export function encodeBody(draft: Draft, stamp: Stamp): EncodedBody {
  const body = encodeEnvelope(draft, stamp);
  const encoded = encode(body);
  return { body, bytes: encoded.length, sha256: hashBytes(encoded) };
}

/** How many bytes a text has in UTF-8. */
export function byteLength(text: string): number {
  return encode(text).length;
}

/** Whether a text has at most so many bytes in UTF-8; few have to be counted. */
export function fitsInto(text: string, maxBytes: number): boolean {
  return text.length * UNIT_BYTES <= maxBytes || byteLength(text) <= maxBytes;
}

/** SHA-256 of a text in UTF-8, as lowercase hexadecimal. */
export function hashText(text: string): string {
  return hashBytes(encode(text));
}

// Making a hash costs as much as using it, so one is used again and again.
const unused = sha256.create();
const hasher = sha256.create();
const digest = new Uint8Array(sha256.outputLen);

function hashBytes(bytes: Uint8Array): string {
  unused._cloneInto(hasher);
  hasher.update(bytes).digestInto(digest);
  return digest.toHex();
}

/**
 * Hash of what an event says, without its place: two emissions with the same
 * id are the same event only if this is the same.
 */
export function contentHash(draft: Draft): string {
  const { type, aggregateType, aggregateId, causationId, payload } = draft;
  const head = [type, aggregateType, aggregateId, causationId];
  return hashText(`${JSON.stringify(head)}${payload}`);
}

/** This installation within one project; tells nothing about either alone. */
export function nodeIdOf(installId: string, projectId: string): string {
  return hashText(`${installId}:${projectId}`).slice(0, 32);
}

/** UUID version 5 (RFC 9562) of a name within the namespace of a project. */
export function buildIdOf(projectId: string, nodeId: string): string {
  const space = Uint8Array.fromHex(projectId.replaceAll("-", ""));
  const name = encoder.encode(nodeId);
  const bytes = new Uint8Array(space.length + name.length);
  bytes.set(space);
  bytes.set(name, space.length);
  const hash = sha1(bytes).slice(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toHex();
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}
