/**
 * Where the jobs of tenants are.
 *
 * @module
 */

import { joinPath } from "../host/path.ts";
import type { StatePaths } from "./paths.ts";

/** Tenants' own names, and the one that stands for no tenant. */
const TENANT = /^(?:_default|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/;

/** Directory of all files of jobs. */
export function jobsDirectory(paths: Pick<StatePaths, "root">): string {
  return joinPath(paths.root, "jobs");
}

/**
 * The file of one tenant's jobs.
 *
 * @throws {TypeError} for a name that could lead elsewhere.
 */
export function jobsPath(
  paths: Pick<StatePaths, "root">,
  tenant: string,
): string {
  if (!TENANT.test(tenant)) {
    throw new TypeError(`Cannot name a file after the tenant "${tenant}"`);
  }
  return joinPath(jobsDirectory(paths), `${tenant}.db`);
}
