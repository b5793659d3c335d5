/**
 * The queues that a command works on.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { QueueBackend } from "../jobs/backend.ts";
import { checkQueueName, DEFAULT_TENANT, tenantOf } from "../jobs/names.ts";
import { openBackend } from "../jobs/open_backend.ts";
import { type QueueSettings, readQueueSettings } from "../jobs/settings.ts";
import { listTenants } from "../jobs/list_tenants.ts";
import type { CommandContext } from "./command.ts";
import { readScope } from "./commands/config_scope.ts";

/** The flag of commands for one tenant. */
export interface TenantFlag {
  /** Whose queues, in place of the setting. */
  readonly tenant?: string;
}

/** The flag of commands that look at several tenants. */
export interface TenantsFlag {
  /** Whose queues, in place of the setting; all that there are without both. */
  readonly tenant?: readonly string[];
}

/** The settings of the job queue where the command runs. */
export function queueSettings(
  { host }: Pick<CommandContext, "host">,
): QueueSettings {
  const { root, config } = readScope(host);
  return readQueueSettings(config, root);
}

/** A tenant's id as a person writes it; `_default` may be named too. */
export function tenantNamed(text: string): string {
  return text === DEFAULT_TENANT ? text : tenantOf(text);
}

/** The tenants that a command means: named, set, or all that there are. */
export async function chosenTenants(
  { host }: Pick<CommandContext, "host">,
  settings: QueueSettings,
  { tenant }: TenantsFlag,
): Promise<readonly string[]> {
  if (tenant !== undefined && tenant.length > 0) {
    return [...new Set(tenant.map(tenantNamed))];
  }
  if (settings.tenant !== DEFAULT_TENANT) return [settings.tenant];
  return await listTenants(host, settings);
}

/** An open queue of one tenant. */
export interface OpenQueue extends AsyncDisposable {
  /** The settings. */
  readonly settings: QueueSettings;
  /** Its jobs. */
  readonly backend: QueueBackend;
}

/** What a command is about to do there. */
export interface OpenQueueOptions {
  /** Whether to make the place when no job has ever been added. */
  readonly create: boolean;
  /** Whether it changes jobs, which it must not once they have moved. */
  readonly changes?: boolean;
}

/**
 * Opens the jobs of the tenant that is meant.
 *
 * @throws {KnownError} `not_ready` when the backend is not ready, `not_found`
 * when there is nothing yet and nothing shall be made.
 */
export async function openQueue(
  context: Pick<CommandContext, "host">,
  { tenant }: TenantFlag,
  { create, changes = false }: OpenQueueOptions,
): Promise<OpenQueue> {
  const { host } = context;
  const settings = queueSettings(context);
  const whose = tenant === undefined ? settings.tenant : tenantNamed(tenant);
  if (!create && !(await listTenants(host, settings)).includes(whose)) {
    throw new KnownError("not_found", nothingText(whose), {
      hint: "Add one: reeve queue enqueue mail '{}'",
    });
  }
  const backend = await openBackend(host, settings, whose);
  await backend.start();
  try {
    if (changes) await requireHere(backend);
  } catch (error) {
    await backend.stop();
    throw error;
  }
  return {
    settings,
    backend,
    async [Symbol.asyncDispose]() {
      await backend.stop();
    },
  };
}

async function requireHere(backend: QueueBackend): Promise<void> {
  const { checks } = await backend.checkReady();
  const moved = checks.find(({ code }) => code === "QUEUE_MOVED");
  if (moved === undefined) return;
  const { hint = "See: reeve queue doctor" } = moved;
  throw new KnownError("not_ready", moved.detail.replace(/\.$/, ""), { hint });
}

function nothingText(tenant: string): string {
  return tenant === DEFAULT_TENANT
    ? "No job has been added here yet"
    : `No job has been added for the tenant ${tenant} yet`;
}

/** Proves that a queue may be called so, and gives its name. */
export function requireQueueName(name: string): string {
  checkQueueName(name);
  return name;
}

/** The flag that leads back to the same tenant, if one is needed. */
export function tenantWords(tenant: string): string {
  return tenant === DEFAULT_TENANT ? "" : ` --tenant ${tenant}`;
}
