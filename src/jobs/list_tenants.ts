/**
 * Which tenants have jobs on this machine.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import { jobsDirectory } from "../state/job_paths.ts";
import { DEFAULT_TENANT, isTenantId } from "./names.ts";
import type { QueueSettings } from "./settings.ts";

const SUFFIX = ".db";

/**
 * The tenants that have jobs, by name; with Redis only the one of the settings,
 * as a tenant's rights there may not reach further.
 */
export async function listTenants(
  { files }: Pick<Host, "files">,
  { backend, root, tenant }: Pick<
    QueueSettings,
    "backend" | "root" | "tenant"
  >,
): Promise<readonly string[]> {
  if (backend === "redis") return [tenant];
  const names = await files.list(jobsDirectory({ root }));
  return names
    .filter((name) => name.endsWith(SUFFIX))
    .map((name) => name.slice(0, -SUFFIX.length))
    .filter((name) => name === DEFAULT_TENANT || isTenantId(name));
}
