/**
 * A client that looks at a server of the event protocol and takes nothing for
 * granted.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { WebRequest } from "../host/web.ts";
import { VERSION } from "../version.ts";
import { PROTOCOL } from "./admission.ts";
import { isRecord } from "./canonical_json.ts";
import {
  type EventMaker,
  makeEvents,
  type TestEvent,
} from "./conformance_events.ts";
import { BATCH_PATH } from "./request_log.ts";

/** What the suite needs of the world. */
export type ProbeHost = Pick<Host, "clock" | "random" | "web">;

/** What a server does that the protocol does not allow. */
export class CheckFailed extends Error {}

/** Fails a check unless something holds. */
export function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new CheckFailed(otherwise);
}

/** An answer with a JSON body, if it had one. */
export interface ProbeReply {
  /** HTTP status. */
  readonly status: number;
  /** Value of a header. */
  readonly header: (name: string) => string | undefined;
  /** The body as an object; empty when it was none. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Code of the error that it states, if any. */
  readonly code: string | undefined;
}

/** What became of one event, as the server says it. */
export interface ProbeResult {
  /** Status of the table. */
  readonly status: string;
  /** Code of a refusal. */
  readonly code: string | undefined;
}

/** Limits that a server states. */
export interface StatedLimits {
  /** Events in a batch. */
  readonly maxEvents: number;
  /** Bytes of a batch, unpacked. */
  readonly maxBytes: number;
  /** Longest wait that it may ask for. */
  readonly maxRetrySeconds: number;
}

/** Server, session and what was seen on the way. */
export interface Probe {
  /** The world. */
  readonly host: ProbeHost;
  /** Base URL. */
  readonly url: string;
  /** Access token. Secret. */
  readonly token: string;
  /** Workspace that events go to. */
  readonly workspace: string;
  /** Limits that the server states. */
  readonly limits: StatedLimits;
  /** Limit for one answer or frame. */
  readonly timeoutMs: number;
  /** `Retry-After` of each answer that said later. */
  readonly waits: (string | undefined)[];
}

/** How one request differs from a plain one. */
export interface ProbeOptions {
  /** Headers that replace others; an empty one is left out. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the body is packed. @default from 64 KiB on */
  readonly packs?: boolean;
}

/** Statuses of an event that will be stored. */
export const PENDING: readonly string[] = ["queued", "pending"];

const PENDING_PAUSE_MS = 200;
/** Small bodies stay plain, so that no gzip shows in few checks. */
const PACK_FROM_BYTES = 64 * 1024;
const MOST_WAITS = 3;
const LONGEST_WAIT_SECONDS = 5;

/** Asks once. @throws {CheckFailed} when there is no answer. */
export async function ask(
  probe: Pick<Probe, "host" | "timeoutMs">,
  request: Omit<WebRequest, "timeoutMs">,
): Promise<ProbeReply> {
  const { host, timeoutMs } = probe;
  const reply = await host.web.request({ ...request, timeoutMs });
  if (reply.kind === "unreachable") throw new CheckFailed(reply.reason);
  if (reply.kind !== "reply") {
    throw new CheckFailed(`No answer within ${timeoutMs} ms: ${reply.kind}`);
  }
  const json = parseObject(reply.body);
  const error = json["error"];
  const code = isRecord(error) ? error["code"] : error;
  return {
    status: reply.status,
    header: reply.header,
    json,
    code: typeof code === "string" ? code : undefined,
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function headersOf(
  probe: Probe,
  changes: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const headers = {
    "authorization": `Bearer ${probe.token}`,
    "user-agent": `reeve/${VERSION}`,
    "x-reeve-sync-protocol": PROTOCOL,
    "x-reeve-workspace": probe.workspace,
    ...changes,
  };
  return Object.fromEntries(
    Object.entries(headers).filter(([, value]) => value !== ""),
  );
}

/** Gets something with the headers of a session. */
export async function get(
  probe: Probe,
  path: string,
  options: ProbeOptions = {},
): Promise<ProbeReply> {
  const headers = headersOf(probe, options.headers);
  return await ask(probe, { url: probe.url + path, method: "GET", headers });
}

/** Posts a text with the headers of a session; waits as it is told to. */
export async function post(
  probe: Probe,
  path: string,
  text: string,
  options: ProbeOptions = {},
): Promise<ProbeReply> {
  const bytes = new TextEncoder().encode(text);
  const packs = options.packs ?? bytes.length >= PACK_FROM_BYTES;
  const headers = {
    "content-type": "application/json",
    ...packs && { "content-encoding": "gzip" },
    ...options.headers,
  };
  const request = {
    url: probe.url + path,
    method: "POST" as const,
    headers: headersOf(probe, headers),
    body: packs ? await pack(bytes) : bytes,
  };
  for (let attempt = 1;; attempt++) {
    const reply = await ask(probe, request);
    if (reply.status !== 429 && reply.status !== 503) return reply;
    const wait = reply.header("retry-after");
    probe.waits.push(wait);
    if (attempt === MOST_WAITS) return reply;
    const seconds = Math.min(Number(wait) || 1, LONGEST_WAIT_SECONDS);
    await probe.host.clock.sleep(seconds * 1000);
  }
}

/** Packs bytes as gzip. */
export async function pack(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Sends a batch. */
export async function send(
  probe: Probe,
  events: readonly TestEvent[],
  options: ProbeOptions = {},
): Promise<ProbeReply> {
  const text = `{"events":[${events.map(({ text }) => text).join(",")}]}`;
  const id = probe.host.random.hex(16);
  const headers = { "idempotency-key": id, "x-request-id": id };
  return await post(probe, BATCH_PATH, text, {
    ...options,
    headers: { ...headers, ...options.headers },
  });
}

/** Reads the results of a batch; the last one of an id counts. */
export function resultsOf(
  reply: ProbeReply,
): ReadonlyMap<string, ProbeResult> {
  const results = listOf(reply).map((result) => {
    const { event_id: id, status, code } = result;
    const words = { status: String(status), code: text(code) };
    return [String(id), words] as const;
  });
  return new Map(results);
}

/** The results of a batch as they came. */
export function listOf(
  { status, json, code }: ProbeReply,
): readonly Readonly<Record<string, unknown>>[] {
  const { results } = json;
  if (Array.isArray(results)) return results.filter(isRecord);
  throw new CheckFailed(`It answered ${status} ${code ?? ""} without results`);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Sends events that must be stored; one that is pending is sent again. */
export async function store(
  probe: Probe,
  events: readonly TestEvent[],
  options: ProbeOptions = {},
): Promise<ProbeReply> {
  const { clock } = probe.host;
  const end = clock.elapsed() + probe.timeoutMs;
  while (true) {
    const reply = await send(probe, events, options);
    const results = resultsOf(reply);
    const statuses = events.map(({ id }) => results.get(id)?.status);
    const bad = statuses.find((status) => !isStored(status)) ?? "";
    if (statuses.every(isStored)) return reply;
    const isLate = clock.elapsed() >= end;
    if (isLate || !PENDING.includes(bad)) {
      throw new CheckFailed(`A sound event is ${bad || "missing"}, not stored`);
    }
    await clock.sleep(PENDING_PAUSE_MS);
  }
}

/** Whether a status says that an event is stored. */
export function isStored(status: string | undefined): boolean {
  return ["success", "accepted", "warning", "duplicate"]
    .includes(status ?? "");
}

/** The hashes of those events that the server finds again, by id. */
export async function lookUp(
  probe: Probe,
  project: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const body = { "project_uuid": project, "event_ids": ids };
  const text = JSON.stringify(body);
  const reply = await post(probe, "/api/v1/events/lookup/", text);
  const { found } = reply.json;
  if (!Array.isArray(found)) {
    throw new CheckFailed(`A lookup is answered ${reply.status} without found`);
  }
  return new Map(
    found.filter(isRecord).map((one) => [
      String(one["event_id"]),
      String(one["sha256"]),
    ]),
  );
}

/** Events of a project that nobody else has. */
export function newEvents(probe: Probe): EventMaker {
  return makeEvents(probe.host);
}
