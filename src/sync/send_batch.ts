/**
 * One request with events.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { WebReply } from "../host/web.ts";
import { VERSION } from "../version.ts";
import type { ClaimedEvent } from "../queue/claim.ts";
import type { Token } from "./token_source.ts";

/** Version of the protocol that we speak. */
export const SYNC_PROTOCOL = "3.0";

const BASE_TIMEOUT_MS = 30_000;
const TIMEOUT_STEP_BYTES = 64 * 1024;
const GZIP_FROM_BYTES = 1024;
/** Ids and words of a thousand results fit many times. */
const REPLY_LIMIT_BYTES = 8 * 1024 * 1024;

/** Absolute URL of a path of the protocol. */
export function urlOf(server: string, path: string): string {
  return server.replace(/\/+$/, "") + path;
}

/** Whether a URL stays on this machine. */
export function isLoopback(url: string): boolean {
  const name = URL.parse(url)?.hostname ?? "";
  return name === "localhost" || name === "[::1]" ||
    /^127(?:\.\d{1,3}){3}$/.test(name);
}

/** Headers of every request in somebody's name. */
export function signedHeaders(
  token: Token,
): Readonly<Record<string, string>> {
  return {
    "Authorization": `Bearer ${token.accessToken}`,
    "X-Reeve-Sync-Protocol": SYNC_PROTOCOL,
    "User-Agent": `reeve/${VERSION}`,
    ...(token.workspace === undefined
      ? {}
      : { "X-Reeve-Workspace": token.workspace }),
  };
}

/** A request body, ready to be sent any number of times. */
export interface EncodedBatch {
  /** Bytes to send. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether they are compressed. */
  readonly isGzip: boolean;
}

/** Encodes events as one body. */
export async function encodeBatch(
  events: readonly ClaimedEvent[],
  server: string,
): Promise<EncodedBatch> {
  const text = `{"events":[${events.map(({ body }) => body).join(",")}]}`;
  const plain = new TextEncoder().encode(text);
  // On this machine the processor is dearer than the way.
  if (plain.length < GZIP_FROM_BYTES || isLoopback(server)) {
    return { bytes: plain, isGzip: false };
  }
  const packed = new Blob([plain]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  return { bytes, isGzip: true };
}

/** Sends a batch once. */
export async function sendBatch(
  host: Pick<Host, "web" | "random">,
  token: Token,
  batch: EncodedBatch & { readonly key: string },
  signal: AbortSignal | undefined,
): Promise<WebReply> {
  const { bytes, isGzip, key } = batch;
  return await host.web.request({
    url: urlOf(token.server, "/api/v1/events/batch/"),
    method: "POST",
    headers: {
      ...signedHeaders(token),
      "Content-Type": "application/json",
      "Idempotency-Key": key,
      "X-Request-Id": host.random.hex(16),
      ...(isGzip ? { "Content-Encoding": "gzip" } : {}),
    },
    body: bytes,
    timeoutMs: BASE_TIMEOUT_MS +
      1000 * Math.ceil(bytes.length / TIMEOUT_STEP_BYTES),
    maxBytes: REPLY_LIMIT_BYTES,
    ...(signal === undefined ? {} : { signal }),
  });
}
