/**
 * Tenants whose queues are in memory and note what is done to them.
 *
 * @module
 */

import type {
  QueueBackend,
  StopOptions,
  StopReport,
} from "../../src/jobs/backend.ts";
import { createMemoryBackend } from "../../src/jobs/memory_backend.ts";
import type { TenantOptions } from "../../src/jobs/tenant_options.ts";
import { TenantRuntimes } from "../../src/jobs/tenants.ts";
import { type FakeHost, FakeWorld } from "./fake_host.ts";

type Act = (tenant: string) => Promise<void> | void;

/** Tenants, and what can be seen and changed of their backends. */
export interface NotedTenants {
  /** The machine they are on. */
  readonly host: FakeHost;
  /** What was done to whose backend. */
  readonly calls: string[];
  /** What starting and stopping a backend does. */
  readonly hooks: { onStart: Act; onStop: Act };
  /** The tenants. */
  readonly tenants: TenantRuntimes;
}

/** Makes tenants of which none has been started. */
export function notedTenants(
  options: Partial<TenantOptions> = {},
): NotedTenants {
  const host = new FakeWorld().host();
  const calls: string[] = [];
  const hooks: NotedTenants["hooks"] = {
    onStart: () => {},
    onStop: () => {},
  };
  const open = (tenant: string): Promise<QueueBackend> => {
    const backend = createMemoryBackend(host, { tenant });
    const { start, stop } = backend;
    backend.start = async () => {
      calls.push(`start ${tenant}`);
      await hooks.onStart(tenant);
      await start.call(backend);
      calls.push(`started ${tenant}`);
    };
    backend.stop = async (how?: StopOptions): Promise<StopReport> => {
      calls.push(`stop ${tenant}`);
      await hooks.onStop(tenant);
      return await stop.call(backend, how);
    };
    return Promise.resolve(backend);
  };
  const tenants = new TenantRuntimes(host, { open, slots: 2, ...options });
  return { host, calls, hooks, tenants };
}
