/**
 * What the server knows of a project's events: which ones it has, with which
 * hash, and how far the clock of this installation is.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { WebRequest } from "../host/web.ts";
import type { Lookup, Watermark } from "../queue/verify_server.ts";
import { signedHeaders, urlOf } from "./send_batch.ts";
import type { Token } from "./token_source.ts";

const TIMEOUT_MS = 30_000;
/** A thousand ids with their hashes fit many times. */
const REPLY_LIMIT_BYTES = 4 * 1024 * 1024;

/** Thrown when the server cannot say what it knows. */
export class ServerSilent extends Error {
  /** HTTP status, if there was an answer. */
  readonly status: number | undefined;

  /** Creates the error from what is known. */
  constructor(detail: string, status?: number) {
    super(detail);
    this.name = "ServerSilent";
    this.status = status;
  }
}

async function ask(
  host: Pick<Host, "web">,
  token: Token,
  request: Pick<WebRequest, "method" | "body"> & { readonly path: string },
): Promise<Readonly<Record<string, unknown>>> {
  const reply = await host.web.request({
    url: urlOf(token.server, request.path),
    method: request.method,
    headers: { ...signedHeaders(token), "Content-Type": "application/json" },
    timeoutMs: TIMEOUT_MS,
    maxBytes: REPLY_LIMIT_BYTES,
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  if (reply.kind === "unreachable") throw new ServerSilent(reply.reason);
  if (reply.kind !== "reply") {
    throw new ServerSilent(reply.kind.replaceAll("_", " "));
  }
  const { status, body } = reply;
  if (status !== 200) throw new ServerSilent(`HTTP ${status}`, status);
  try {
    return JSON.parse(body) ?? {};
  } catch {
    throw new ServerSilent("its answer is not JSON", status);
  }
}

/** Asks for the hashes of events, as `compareWithServer` needs it. */
export function lookupOn(
  host: Pick<Host, "web">,
  token: Token,
  projectId: string,
): Lookup {
  return async (eventIds) => {
    const answer = await ask(host, token, {
      method: "POST",
      path: "/api/v1/events/lookup/",
      body: JSON.stringify({
        "project_uuid": projectId,
        "event_ids": eventIds,
      }),
    });
    const found = Array.isArray(answer["found"]) ? answer["found"] : [];
    return new Map(
      found.flatMap((row) =>
        typeof row?.event_id === "string" && typeof row?.sha256 === "string"
          ? [[row.event_id, row.sha256] as const]
          : []
      ),
    );
  };
}

/** Asks how far the clock of one installation is on the server. */
export async function askWatermark(
  host: Pick<Host, "web">,
  token: Token,
  { projectId, nodeId }: {
    readonly projectId: string;
    readonly nodeId: string;
  },
): Promise<Watermark | undefined> {
  const answer = await ask(host, token, {
    method: "GET",
    path: `/api/v1/projects/${projectId}/watermark/`,
  });
  const nodes = answer["nodes"];
  if (typeof nodes !== "object" || nodes === null) return undefined;
  const node: unknown = Reflect.get(nodes, nodeId);
  if (typeof node !== "object" || node === null) return undefined;
  const maxLamport = Number(Reflect.get(node, "max_lamport"));
  const eventCount = Number(Reflect.get(node, "event_count"));
  return Number.isSafeInteger(maxLamport) && Number.isSafeInteger(eventCount)
    ? { maxLamport, eventCount }
    : undefined;
}
