/**
 * The routes about events: batch, lookup, watermark.
 *
 * @module
 */

import { parseBatch, type ParsedBatch } from "./batch.ts";
import {
  answerWithFaults,
  refuseByFault,
  withPoisonedResults,
} from "./batch_faults.ts";
import { isRecord } from "./canonical_json.ts";
import { type Desk, type Exchange, refuse } from "./desk.ts";
import { type EnvelopeVerdict, isProjectUuid, isUlid } from "./envelope.ts";
import {
  findStored,
  readMaxLamport,
  readWatermark,
  storeBatch,
} from "./event_store.ts";
import { readBody } from "./read_body.ts";

/** Most ids in one lookup. */
export const LOOKUP_LIMIT = 1000;

type JsonRead =
  | { readonly kind: "json"; readonly value: unknown; readonly bytes: number }
  | { readonly kind: "answer"; readonly answer: Response };

/** Reads a JSON body within the limits, or says why it is refused. */
export async function readJson(desk: Desk, c: Exchange): Promise<JsonRead> {
  const read = await readBody(c.req.raw, desk.settings.limits);
  if (read.kind !== "text") {
    return { kind: "answer", answer: noBody(desk, c, read) };
  }
  try {
    const value: unknown = JSON.parse(read.text);
    return { kind: "json", value, bytes: read.bytes };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const answer = refuse(c, 400, "invalid_json", "The body is no JSON");
    return { kind: "answer", answer };
  }
}

function noBody(
  desk: Desk,
  c: Exchange,
  read: { readonly kind: "too_large" | "broken" | "unsupported" },
): Response {
  switch (read.kind) {
    case "too_large":
      return refuse(c, 413, "too_large", "The body has too many bytes");
    case "unsupported":
      return refuse(c, 415, "unsupported_encoding", "Send gzip or identity");
    case "broken":
      // Then it is the server that has let go, and the body may be sound.
      if (desk.closing.aborted) {
        return refuse(c, 503, "closing", "The server ends");
      }
      return refuse(c, 400, "invalid_body", "The body cannot be unpacked");
  }
}

/** Stores a batch and answers with one result for each event. */
export async function answerBatch(desk: Desk, c: Exchange): Promise<Response> {
  const read = await readJson(desk, c);
  if (read.kind === "answer") return read.answer;
  const events = isRecord(read.value) ? read.value["events"] : undefined;
  const size = Array.isArray(events) ? events.length : 0;
  if (size > desk.settings.limits.maxEvents) {
    return refuse(c, 413, "too_large", "The batch has too many events");
  }
  const batch = parseBatch(events);
  if (batch.kind === "broken") {
    return refuse(c, 400, "schema_mismatch", batch.reason);
  }
  c.get("logged").ids = batch.verdicts.flatMap(eventIdOf);
  const sent = { verdicts: batch.verdicts, bytes: read.bytes };
  return refuseByFault(desk, c, sent) ?? store(desk, c, batch);
}

function eventIdOf(verdict: EnvelopeVerdict): readonly string[] {
  if (verdict.kind === "unnamed") return [];
  return [verdict.kind === "valid" ? verdict.event.eventId : verdict.eventId];
}

function store(
  desk: Desk,
  c: Exchange,
  batch: ParsedBatch & { readonly kind: "events" },
): Response {
  const workspace = c.get("workspace");
  const verdicts = withPoisonedResults(desk.faults, batch.verdicts);
  const receivedAt = desk.host.clock.now();
  const { fresh, results } = storeBatch(desk.db, verdicts, {
    workspace,
    receivedAt,
  });
  desk.hub.broadcast(workspace, fresh);
  return answerWithFaults(desk, c, {
    results,
    "max_lamport": maxLamportOf(desk, workspace, verdicts),
  });
}

/** The largest clocks of the nodes that a batch is from. */
export function maxLamportOf(
  desk: Pick<Desk, "db">,
  workspace: string,
  verdicts: readonly EnvelopeVerdict[],
): Readonly<Record<string, number>> {
  const valid = verdicts.flatMap((verdict) =>
    verdict.kind === "valid" ? [verdict.event] : []
  );
  const [first] = valid;
  if (first === undefined) return {};
  const nodes = new Set(valid.map(({ nodeId }) => nodeId));
  const marks = readMaxLamport(desk.db, workspace, first.projectUuid);
  return Object.fromEntries(
    Object.entries(marks).filter(([node]) => nodes.has(node)),
  );
}

/** Says which of some ids are stored, and as what. */
export async function answerLookup(desk: Desk, c: Exchange): Promise<Response> {
  const read = await readJson(desk, c);
  if (read.kind === "answer") return read.answer;
  const body = isRecord(read.value) ? read.value : {};
  const { project_uuid: projectUuid, event_ids: ids } = body;
  if (!isProjectUuid(projectUuid)) {
    return refuse(c, 400, "invalid_lookup", "project_uuid: must be a UUID");
  }
  if (!Array.isArray(ids) || !ids.every(isUlid)) {
    return refuse(c, 400, "invalid_lookup", "event_ids: must be ULIDs");
  }
  if (ids.length > LOOKUP_LIMIT) {
    return refuse(c, 413, "too_large", `At most ${LOOKUP_LIMIT} ids`);
  }
  const wanted = { projectUuid, ids };
  return c.json({ found: findStored(desk.db, c.get("workspace"), wanted) });
}

/** Says how far each node of a project has come. */
export function answerWatermark(desk: Desk, c: Exchange): Response {
  const projectUuid = c.req.param("project") ?? "";
  if (!isProjectUuid(projectUuid)) {
    return refuse(c, 404, "not_found", "No such project");
  }
  const workspace = c.get("workspace");
  return c.json({ nodes: readWatermark(desk.db, workspace, projectUuid) });
}
