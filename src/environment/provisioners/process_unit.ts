/**
 * What all dependencies that are a process of ours have in common.
 *
 * @module
 */

import type { DependencyEndpoint } from "../dependency_endpoint.ts";
import type { ProbeResult } from "../dependency_probe.ts";
import type {
  ProvisionContext,
  ProvisionedUnit,
  Provisioner,
  ProvisionPlan,
  UnitOwner,
} from "./provisioner.ts";

/** What differs from one process to the next. */
export interface ProcessKind {
  /** Gets everything ready. */
  readonly plan: (context: ProvisionContext) => Promise<ProvisionPlan>;
  /** Asks whether it is ready. */
  readonly probe: (
    endpoint: DependencyEndpoint,
    signal?: AbortSignal,
  ) => Promise<ProbeResult>;
  /** Owns its process. */
  readonly owner: UnitOwner;
  /** How long it may take to end, in milliseconds. */
  readonly graceMs: number;
  /** How it is asked to end. */
  readonly firstSignal: "SIGINT" | "SIGTERM";
}

/** Provides dependencies that are a process of ours. */
export function processProvisioner(kind: ProcessKind): Provisioner {
  const { plan, probe, owner, graceMs, firstSignal } = kind;
  return {
    plan,
    async start(plan) {
      if (plan.kind !== "process") throw wrongKind(plan.kind);
      const { endpoint, command } = plan;
      const identity = await owner.launch(command);
      return { kind: "process", endpoint, name: command.name, identity };
    },
    probe: ({ endpoint }, signal) => probe(endpoint, signal),
    isAlive: (unit) => owner.isAlive(processOf(unit).identity),
    stop(unit) {
      const { name, identity } = processOf(unit);
      return owner.end({ name, identity, firstSignal, graceMs });
    },
  };
}

function processOf(
  unit: ProvisionedUnit,
): Extract<ProvisionedUnit, { readonly kind: "process" }> {
  if (unit.kind !== "process") throw wrongKind(unit.kind);
  return unit;
}

function wrongKind(kind: string): TypeError {
  return new TypeError(`Cannot be used here: ${kind}`);
}
