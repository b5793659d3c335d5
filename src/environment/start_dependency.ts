/**
 * Brings one dependency up and says what it provides.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Attempt } from "./attempt.ts";
import {
  type DependencyEndpoint,
  publicAddress,
} from "./dependency_endpoint.ts";
import { fingerprintOf } from "./document_codec.ts";
import { explained } from "./host_refusal.ts";
import type { DependencyRecord, UnitIdentity } from "./model.ts";
import { type DependencyStart, startDependency } from "./provision_start.ts";
import { pickProvisioner } from "./provisioners/pick_provisioner.ts";
import type {
  ProvisionContext,
  UnitCommand,
} from "./provisioners/provisioner.ts";
import type { UnitStart } from "./service_outcome.ts";
import { contextOf, type DependencyWish } from "./start_context.ts";
import { launchFor } from "./start_launch.ts";
import { resourceUnit } from "./port_entry.ts";
import { ownUnits } from "./unit_owner.ts";

/** A dependency that was brought up, and where it answers. */
export type DependencyUp = UnitStart<DependencyRecord> & {
  /** Where it answers; `undefined` for one that failed. */
  readonly endpoint: DependencyEndpoint | undefined;
};

/** Brings a dependency up. */
export async function bringUp(
  attempt: Attempt,
  wish: DependencyWish,
): Promise<DependencyUp> {
  const { choice, provision, project } = wish;
  const where = { project, unit: choice.id };
  attempt.reporter.onUnit({ ...where, state: "starting" });
  const context = contextOf(attempt, wish);
  const record = recordOf(wish, context);
  try {
    const { host, signals } = attempt;
    const owner = ownUnits(host, {
      launch: (command) => launch(attempt, wish, command),
      journal: signals,
    });
    const { definition } = context;
    const start = await startDependency(host, {
      context,
      provisioner: pickProvisioner(host, definition, provision.mode, owner),
      owner,
      nextPort: (resource, taken) => nextPort(attempt, wish, resource, taken),
      signal: wish.signal,
    });
    return report(attempt, wish, record, start);
  } catch (thrown) {
    const error = explained(thrown);
    if (!(error instanceof KnownError)) throw error;
    return fail(attempt, wish, record, {
      why: error.message,
      hint: error.hint,
      failure: "unusable",
    });
  }
}

function recordOf(
  { choice, provision, project }: DependencyWish,
  { ports, dataDirectory, logPath }: ProvisionContext,
): DependencyRecord {
  const { mode } = provision;
  const isExternal = mode === "external";
  const { id, url } = choice;
  return {
    id,
    project,
    mode,
    identity: undefined,
    ports: isExternal ? {} : ports,
    url: isExternal && url !== undefined ? publicAddress(url) : undefined,
    dataDirectory: isExternal ? undefined : dataDirectory,
    logPath: mode === "command" || mode === "native" ? logPath : undefined,
    status: "starting",
    failure: undefined,
    retries: 0,
  };
}

async function launch(
  attempt: Attempt,
  { choice: { id: unit }, project }: DependencyWish,
  command: UnitCommand,
): Promise<UnitIdentity> {
  const argvHash = await fingerprintOf(JSON.stringify(command.command));
  const whose = { project, unit, port: undefined, argvHash };
  return (await launchFor(attempt, whose, command)).identity;
}

async function nextPort(
  { events }: Attempt,
  { ports, project, choice: { id } }: DependencyWish,
  resource: string,
  taken: number,
): Promise<number | undefined> {
  const unit = resourceUnit(id, resource);
  if (ports.isFixed(project, unit)) return undefined;
  try {
    const next = await ports.move(project, unit);
    events.note("port.retried", { project, unit, taken, next });
    return next;
  } catch (error) {
    if (error instanceof KnownError && error.code === "no_free_port") {
      return undefined;
    }
    throw error;
  }
}

function report(
  attempt: Attempt,
  wish: DependencyWish,
  record: DependencyRecord,
  start: DependencyStart,
): DependencyUp {
  switch (start.kind) {
    case "unreachable":
      return fail(attempt, wish, { ...record, status: "unreachable" }, {
        why: start.reason,
        hint: "Start it, or correct its address.",
        failure: "unreachable",
      });
    case "failed": {
      const { retries, leftover } = start;
      const left = leftover?.kind === "process"
        ? { identity: leftover.identity, status: "termination_failed" } as const
        : {};
      return fail(attempt, wish, { ...record, ...left, retries }, {
        why: start.reason,
        hint: undefined,
        failure: start.failure,
      });
    }
    case "ready":
      return ready(attempt, wish, record, start);
  }
}

function ready(
  { reporter, events }: Attempt,
  { choice, project }: DependencyWish,
  record: DependencyRecord,
  { unit, ports, retries }: Extract<DependencyStart, { kind: "ready" }>,
): DependencyUp {
  const { mode } = record;
  const where = { project, unit: choice.id };
  events.note("requirements.ready", { ...where, mode, retries });
  const port = Object.values(unit.endpoint.ports)[0];
  const detail = port === undefined ? {} : { detail: `port ${port}` };
  reporter.onUnit({ ...where, state: "ready", ...detail });
  return {
    kind: "ready",
    endpoint: unit.endpoint,
    record: {
      ...record,
      identity: unit.kind === "process" ? unit.identity : undefined,
      ports: unit.kind === "external" ? unit.endpoint.ports : ports,
      status: "running",
      retries,
    },
  };
}

function fail(
  { reporter, events }: Attempt,
  { choice, project }: DependencyWish,
  record: DependencyRecord,
  { why, hint, failure }: {
    readonly why: string;
    readonly hint: string | undefined;
    readonly failure: string;
  },
): DependencyUp {
  const where = { project, unit: choice.id };
  const log = record.logPath === undefined ? "" : ` (log: ${record.logPath})`;
  const text = `${project} ${choice.id}: ${why}${log}`;
  events.note("requirements.failure", {
    ...where,
    failure_class: failure,
  });
  reporter.onUnit({
    ...where,
    ...failure === "interrupted"
      ? { state: "given_up" }
      : { state: "failed", detail: why },
  });
  const status = record.status === "starting" ? "stale" : record.status;
  return {
    kind: "failed",
    endpoint: undefined,
    why: text,
    hint,
    record: { ...record, status, failure: text },
  };
}
