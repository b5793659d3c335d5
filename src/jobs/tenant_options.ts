/**
 * How the queues of several tenants are run in one process.
 *
 * @module
 */

import type { QueueBackend } from "./backend.ts";
import type { RuntimeOptions } from "./runtime.ts";
import type { SlotLimits } from "./slot_pool.ts";

/** Queues that are open at the same time without being used. */
export const MAX_OPEN = 32;

/** How tenants are run. */
export interface TenantOptions extends
  Pick<
    RuntimeOptions,
    "isProduction" | "isTest" | "onWarning" | "readiness" | "require"
  > {
  /** Makes the backend of a tenant; it is started by us. */
  readonly open: (tenant: string) => Promise<QueueBackend>;
  /** Jobs that run at the same time, over all tenants. */
  readonly slots: number;
  /** What one tenant may have of them. @default all, with weight 1 */
  readonly limits?: (tenant: string) => SlotLimits;
  /** Throws when a tenant's queue must not be used; asked before each start. */
  readonly policy?: (tenant: string) => Promise<void> | void;
  /** Told about each queue that was opened; disposed of when it is closed. */
  readonly observe?: (backend: QueueBackend) => Disposable;
  /** Queues that may be open although nobody uses them. @default 32 */
  readonly maxOpen?: number;
}
