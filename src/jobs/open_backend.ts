/**
 * The place of jobs that the settings choose. Code of the other one is never
 * loaded.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { jobsPath } from "../state/job_paths.ts";
import type { QueueBackend } from "./backend.ts";
import { type QueueSettings, readRedisPassword } from "./settings.ts";

/** What opening a backend needs of the world. */
export type OpenHost = Pick<
  Host,
  "blocking" | "clock" | "databases" | "env" | "random"
>;

/** The backend of one tenant; it is not started yet. */
export async function openBackend(
  host: OpenHost,
  settings: QueueSettings,
  tenant: string,
): Promise<QueueBackend> {
  const { limits, durability, redis } = settings;
  if (settings.backend === "sqlite") {
    const [{ createSqliteBackend }, databases] = await Promise.all([
      import("./sqlite_backend.ts"),
      host.databases(),
    ]);
    return createSqliteBackend({ ...host, databases }, {
      path: jobsPath(settings, tenant),
      tenant,
      durability,
      limits,
    });
  }
  const { createRedisBackend } = await import("./redis_backend.ts");
  const password = readRedisPassword(host, redis);
  return createRedisBackend(host, {
    url: redis.url,
    tenant,
    limits,
    ...(password === undefined ? {} : { password }),
    ...(redis.username === undefined ? {} : { username: redis.username }),
  });
}
