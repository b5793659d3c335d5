/**
 * Jobs in memory, for programs that test what they do with queues.
 *
 * @module
 */

import type { QueueBackend } from "../jobs/backend.ts";
import type { JobLimits } from "../jobs/limits.ts";
import type { WorkHost } from "../jobs/worker.ts";

/** Makes a backend that keeps jobs in memory; start it before use. */
export async function openMemoryBackend(
  host: WorkHost,
  options: { readonly tenant?: string; readonly limits?: JobLimits } = {},
): Promise<QueueBackend> {
  const { createMemoryBackend } = await import("../jobs/memory_backend.ts");
  return createMemoryBackend(host, options);
}
