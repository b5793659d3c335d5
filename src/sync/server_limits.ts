/**
 * What a server says about itself before anything is sent.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { urlOf } from "./send_batch.ts";

/** Limits of a server. */
export interface ServerLimits {
  /** Most events in a batch. */
  readonly maxEvents: number | null;
  /** Most bytes of a batch before compression. */
  readonly maxBytes: number | null;
}

/** How long what a server said is believed, in milliseconds. */
export const LIMITS_FOR_MS: number = 60 * 60 * 1000;

const TIMEOUT_MS = 5000;

/** Asks a server for its limits; a server that says nothing has none. */
export async function askLimits(
  host: Pick<Host, "web">,
  server: string,
  signal?: AbortSignal,
): Promise<ServerLimits | undefined> {
  const reply = await host.web.request({
    url: urlOf(server, "/api/v1/sync/health/"),
    method: "GET",
    timeoutMs: TIMEOUT_MS,
    maxBytes: 64 * 1024,
    ...(signal === undefined ? {} : { signal }),
  });
  if (reply.kind !== "reply" || reply.status !== 200) return undefined;
  try {
    const body = JSON.parse(reply.body);
    return {
      maxEvents: limit(body?.max_events_per_batch),
      maxBytes: limit(body?.max_decompressed_bytes_per_batch),
    };
  } catch {
    return undefined;
  }
}

function limit(value: unknown): number | null {
  return Number.isSafeInteger(value) && Number(value) > 0
    ? Number(value)
    : null;
}
