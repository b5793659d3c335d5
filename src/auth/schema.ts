/**
 * The files of the sign-in on disk: their shapes and checks.
 *
 * @module
 */

import * as z from "zod/mini";

/** What the lock file says. */
export interface RefreshLockRecord {
  /** Shape of the record. */
  readonly "schema_version": number;
  /** Host of the holder. */
  readonly "host": string;
  /** Process id of the holder. */
  readonly "pid": number;
  /** Since when, ISO 8601. */
  readonly "started_at": string;
  /** Version of the holder. */
  readonly "version": string;
}

/** Checks the content of the lock file. */
export const refreshLockSchema: z.ZodMiniType<RefreshLockRecord> = z.object({
  "schema_version": z.literal(1),
  "host": z.string(),
  "pid": z.int(),
  "started_at": z.string(),
  "version": z.string(),
});
