/**
 * What a socket says, and what it is told.
 *
 * @module
 */

import { PROTOCOL } from "./admission.ts";
import { type EventResult, parseBatch, rejected } from "./batch.ts";
import { withPoisonedResults } from "./batch_faults.ts";
import { isRecord } from "./canonical_json.ts";
import type { Desk } from "./desk.ts";
import {
  type EnvelopeVerdict,
  isLongerThan,
  isProjectUuid,
} from "./envelope.ts";
import { readCursor, readMaxLamport, storeBatch } from "./event_store.ts";
import type { Peer } from "./socket_hub.ts";

/** Largest frame to the server, in bytes. */
export const FRAME_LIMIT_BYTES = 256 * 1024;

const CLOSE_POLICY = 1008;
const CLOSE_TOO_LARGE = 1009;
const CLOSE_FORBIDDEN = 4403;

type Frame = Readonly<Record<string, unknown>>;

/** Takes one frame in and answers it. */
export function answerFrame(desk: Desk, peer: Peer, text: string): void {
  peer.heardAt = desk.host.clock.elapsed();
  if (isLongerThan(FRAME_LIMIT_BYTES, text)) {
    peer.socket.close(CLOSE_TOO_LARGE, "too large");
    return;
  }
  const frame = parseFrame(text);
  const type = String(frame?.["type"]);
  const logged = desk.log.add(desk.host.clock.now(), "FRAME", type);
  if (desk.faults.find("ws-silent") !== undefined) return;
  if (frame === undefined) return complain(peer, "invalid_json", "No JSON");
  switch (type) {
    case "hello":
      return greet(desk, peer, frame);
    case "event":
      logged.ids = takeEvent(desk, peer, frame["event"]);
      return;
    case "ping":
      return say(peer, { type: "pong", timestamp: frame["timestamp"] ?? null });
    case "pong":
      return;
    default:
      return complain(peer, "unknown_type", `No frame ${type.slice(0, 40)}`);
  }
}

function parseFrame(text: string): Frame | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function say(peer: Peer, frame: Frame): void {
  peer.socket.send(JSON.stringify(frame));
}

function complain(peer: Peer, code: string, message: string): void {
  say(peer, { type: "error", code, message });
}

function greet(desk: Desk, peer: Peer, hello: Frame): void {
  const close = desk.faults.take("ws-close");
  if (close !== undefined) {
    peer.socket.close(close.amount, "closed on purpose");
    return;
  }
  const { protocol, project_uuid: project, node_id: node } = hello;
  if (protocol !== PROTOCOL) {
    complain(peer, "protocol_mismatch", `Speak version ${PROTOCOL}`);
    peer.socket.close(CLOSE_POLICY, "protocol mismatch");
    return;
  }
  if (!isProjectUuid(project)) {
    complain(peer, "invalid_hello", "project_uuid: must be a UUID");
    peer.socket.close(CLOSE_POLICY, "invalid hello");
    return;
  }
  const closed = desk.faults.find("not-admitted")?.value;
  if (closed === "" || closed === project) {
    complain(peer, "not_admitted", "The project is not admitted");
    peer.socket.close(CLOSE_FORBIDDEN, "not admitted");
    return;
  }
  peer.project = project;
  if (typeof node === "string") peer.nodes.add(node);
  say(peer, {
    type: "snapshot",
    cursor: String(readCursor(desk.db)),
    "max_lamport": readMaxLamport(desk.db, peer.workspace, project),
  });
}

/** Stores an event and acknowledges it; gives its id, if it has one. */
function takeEvent(desk: Desk, peer: Peer, event: unknown): readonly string[] {
  if (peer.project === undefined) {
    complain(peer, "hello_expected", "Say hello first");
    return [];
  }
  const parsed = typeof event === "string" ? parseText(event) : undefined;
  const batch = parseBatch([parsed]);
  if (batch.kind === "broken") {
    const message = "event: must be an envelope as text, with an event_id";
    complain(peer, "schema_mismatch", message);
    return [];
  }
  const [verdict] = withPoisonedResults(desk.faults, batch.verdicts);
  const result = verdict && storeOne(desk, peer, verdict);
  if (result === undefined) return [];
  const isDropped = desk.faults.take("ws-drop-acks") !== undefined;
  if (!isDropped) say(peer, { type: "ack", ...result });
  return [result.event_id];
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function storeOne(
  desk: Desk,
  peer: Peer,
  verdict: EnvelopeVerdict,
): EventResult | undefined {
  const { workspace, project } = peer;
  const event = verdict.kind === "valid" ? verdict.event : undefined;
  if (event !== undefined && event.projectUuid !== project) {
    const error = "project_uuid: must be the one of the hello";
    return rejected(event.eventId, "schema_mismatch", error);
  }
  const { fresh, results: [result] } = storeBatch(desk.db, [verdict], {
    workspace,
    receivedAt: desk.host.clock.now(),
  });
  if (event !== undefined) peer.nodes.add(event.nodeId);
  desk.hub.broadcast(workspace, fresh, peer);
  return result?.status === "success"
    ? { ...result, status: "accepted" }
    : result;
}
