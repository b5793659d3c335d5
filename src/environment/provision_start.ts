/**
 * Brings one dependency up: plan, start, wait, and where that fails another
 * port or more time, as far as the evidence promises that it helps.
 *
 * @module
 */

import { KnownError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import {
  classifyFailure,
  type FailureClass,
  nextStep,
} from "./provision_failure.ts";
import { type Setback, waitUntilReady } from "./provision_wait.ts";
import type {
  ProvisionContext,
  ProvisionedUnit,
  Provisioner,
  UnitOwner,
} from "./provisioners/provisioner.ts";

/** What bringing one up needs of the world. */
export type StartHost = Pick<Host, "blocking" | "clock">;

/** One dependency to bring up. */
export interface DependencyRequest {
  /** What it is started from. */
  readonly context: ProvisionContext;
  /** What provides it. */
  readonly provisioner: Provisioner;
  /** Owns processes. */
  readonly owner: UnitOwner;
  /** Another port for a resource; `undefined` when there is none. */
  readonly nextPort: (
    resource: string,
    taken: number,
  ) => Promise<number | undefined>;
  /** How long it may take to be ready. @default that of its definition */
  readonly timeoutMs?: number;
  /** Gives up early. */
  readonly signal?: AbortSignal;
}

/** What became of it. */
export type DependencyStart =
  | {
    readonly kind: "ready";
    readonly unit: ProvisionedUnit;
    /** Ports that it has in the end, by resource. */
    readonly ports: Readonly<Record<string, number>>;
    readonly retries: number;
  }
  /** Somebody else's does not answer; nothing was started. */
  | {
    readonly kind: "unreachable";
    readonly unit: ProvisionedUnit;
    readonly reason: string;
  }
  | {
    readonly kind: "failed";
    readonly failure: FailureClass | "interrupted";
    readonly reason: string;
    readonly retries: number;
    /** What was started and could not be ended again. */
    readonly leftover: ProvisionedUnit | undefined;
  };

interface Counts {
  readonly ports: number;
  readonly waits: number;
}

/**
 * Brings one dependency up.
 *
 * @throws {KnownError} when it cannot be provided this way at all.
 */
export async function startDependency(
  host: StartHost,
  request: DependencyRequest,
): Promise<DependencyStart> {
  let { ports } = request.context;
  let counts: Counts = { ports: 0, waits: 0 };
  while (true) {
    const context = { ...request.context, ports };
    const attempt = await tryOnce(host, { ...request, context }, counts);
    if (attempt.kind !== "setback") return attempt;
    counts = attempt.counts;
    const failure = classifyFailure(attempt.setback);
    const fail = (
      reason: string,
      why: FailureClass | "interrupted" = failure,
    ): DependencyStart => ({
      kind: "failed",
      failure: why,
      reason,
      retries: counts.ports + counts.waits,
      leftover: attempt.leftover,
    });
    const { reason } = attempt.setback;
    if (request.signal?.aborted) return fail(reason, "interrupted");
    // Another attempt would meet what is left of this one.
    if (attempt.leftover !== undefined) return fail(reason);
    if (nextStep(failure, counts) !== "next_port") return fail(reason);
    const moved = await movePort(request, ports);
    if (moved === undefined) return fail(`${reason}; no other port is free`);
    ports = moved;
    counts = { ...counts, ports: counts.ports + 1 };
  }
}

async function movePort(
  { context, nextPort }: DependencyRequest,
  ports: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, number>> | undefined> {
  const { probed } = context.definition;
  const next = await nextPort(probed, ports[probed] ?? 0);
  return next === undefined ? undefined : { ...ports, [probed]: next };
}

type Attempt =
  | Exclude<DependencyStart, { readonly kind: "failed" }>
  | {
    readonly kind: "setback";
    readonly setback: Setback;
    readonly counts: Counts;
    readonly leftover: ProvisionedUnit | undefined;
  };

async function tryOnce(
  host: StartHost,
  request: DependencyRequest,
  before: Counts,
): Promise<Attempt> {
  const { context, provisioner, owner } = request;
  const plan = await provisioner.plan(context);
  let unit: ProvisionedUnit;
  try {
    unit = await provisioner.start(plan);
  } catch (error) {
    if (!(error instanceof KnownError) || error.code !== "start_failed") {
      throw error;
    }
    const port = context.ports[context.definition.probed] ?? 0;
    const setback: Setback = {
      hasEnded: true,
      portOwner: await owner.ownerOf(port, undefined),
      probe: undefined,
      isBootstrap: false,
      reason: error.message,
    };
    return { kind: "setback", setback, counts: before, leftover: undefined };
  }
  if (unit.kind === "external") return await askOnce(provisioner, unit);
  let counts = before;
  while (true) {
    const setback = await waitOrEnd(host, request, unit);
    if (setback === undefined) {
      const { ports } = context;
      return {
        kind: "ready",
        unit,
        ports,
        retries: counts.ports + counts.waits,
      };
    }
    const isOver = request.signal?.aborted === true;
    const step = nextStep(classifyFailure(setback), counts);
    if (step !== "same_port" || isOver) {
      const end = await provisioner.stop(unit);
      const leftover = end.kind === "confirmed" ? undefined : unit;
      return { kind: "setback", setback, counts, leftover };
    }
    // One that is slow is not helped by beginning again.
    counts = { ...counts, waits: counts.waits + 1 };
  }
}

/** What cannot be waited for must not stay behind unseen. */
async function waitOrEnd(
  host: StartHost,
  request: DependencyRequest,
  unit: ProvisionedUnit,
): Promise<Setback | undefined> {
  try {
    return await waitUntilReady(host, request, unit);
  } catch (error) {
    await request.provisioner.stop(unit);
    throw error;
  }
}

async function askOnce(
  provisioner: Provisioner,
  unit: ProvisionedUnit,
): Promise<Attempt> {
  const result = await provisioner.probe(unit);
  if (result.kind !== "ready") {
    return { kind: "unreachable", unit, reason: result.reason };
  }
  return { kind: "ready", unit, ports: unit.endpoint.ports, retries: 0 };
}
