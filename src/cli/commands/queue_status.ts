/**
 * `reeve queue status`.
 *
 * @module
 */

import { KnownError } from "../../errors.ts";
import { openBackend } from "../../jobs/open_backend.ts";
import type { QueueSettings } from "../../jobs/settings.ts";
import type { CommandContext, CommandResult, JsonFlags } from "../command.ts";
import { EXIT, exitCodeFor } from "../exit_code.ts";
import {
  chosenTenants,
  queueSettings,
  type TenantsFlag,
  tenantWords,
} from "../queue_place.ts";
import {
  formatQueues,
  jobs,
  queueJson,
  type TenantQueue,
} from "../queue_text.ts";

interface Seen {
  readonly tenant: string;
  readonly place: string;
  readonly queues: readonly TenantQueue[];
  readonly problem: KnownError | undefined;
}

/** Shows how many jobs are where; one tenant's trouble does not hide others. */
export async function run(
  context: CommandContext,
  flags: JsonFlags & TenantsFlag,
): Promise<CommandResult> {
  const { host } = context;
  const settings = queueSettings(context);
  const seen: Seen[] = [];
  for (const tenant of await chosenTenants(context, settings, flags)) {
    seen.push(await look(context, settings, tenant));
  }
  const problems = seen.flatMap(({ problem }) => problem ?? []);
  const [first] = problems;
  if (first !== undefined && problems.length === seen.length) throw first;
  const queues = seen.flatMap((one) => one.queues);
  const layout = {
    nowMs: host.clock.now(),
    width: host.terminal.columns,
  };
  return {
    exit: first === undefined ? EXIT.ok : exitCodeFor(first.code),
    text: [
      queues.length === 0
        ? "No job has been added yet.\n" +
          "Add one: reeve queue enqueue mail '{}'"
        : formatQueues(queues, layout),
      ...deadLines(queues),
    ].join("\n"),
    notes: problems.flatMap(({ message, hint }) => [
      `error: ${message}`,
      ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ]),
    json: {
      "schema": "queue_status",
      "schema_version": 1,
      "backend": settings.backend,
      "tenants": seen.map(({ tenant, place, problem }) => ({
        tenant,
        place,
        "problem": problem?.message ?? null,
      })),
      "queues": queues.map(queueJson),
    },
  };
}

async function look(
  { host }: CommandContext,
  settings: QueueSettings,
  tenant: string,
): Promise<Seen> {
  const backend = await openBackend(host, settings, tenant);
  const { place } = backend;
  try {
    await backend.start();
    const stats = await backend.stats();
    const queues = stats.map((one) => ({ ...one, tenant }));
    return { tenant, place, queues, problem: undefined };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return { tenant, place, queues: [], problem: error };
  } finally {
    await backend.stop();
  }
}

function deadLines(queues: readonly TenantQueue[]): readonly string[] {
  const lines = queues.filter(({ counts }) => counts.dead > 0)
    .map(({ tenant, queue, counts }) =>
      `${jobs(counts.dead)} dead: ` +
      `reeve queue dead list ${queue}${tenantWords(tenant)}`
    );
  return lines.length === 0 ? [] : ["", ...lines];
}
