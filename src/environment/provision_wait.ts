/**
 * Waits until a dependency that was started is ready, and tells early when it
 * will not be.
 *
 * @module
 */

import { type Host, HostError } from "../host/host.ts";
import type { ProbeResult } from "./dependency_probe.ts";
import { printable } from "./dependency_wire.ts";
import type { FailureEvidence } from "./provision_failure.ts";
import type {
  ProvisionContext,
  ProvisionedUnit,
  Provisioner,
  UnitOwner,
} from "./provisioners/provisioner.ts";

/** What is waited for, and how long. */
export interface Wait {
  /** What it was started from. */
  readonly context: Pick<ProvisionContext, "definition" | "logPath">;
  /** What provides it. */
  readonly provisioner: Pick<Provisioner, "isAlive" | "probe">;
  /** Owns processes. */
  readonly owner: Pick<UnitOwner, "ownerOf">;
  /** How long it may take, in milliseconds. @default that of its definition */
  readonly timeoutMs?: number;
  /** Gives up early. */
  readonly signal?: AbortSignal;
}

/** Why an attempt did not succeed. */
export interface Setback extends FailureEvidence {
  /** In words, without a full stop. */
  readonly reason: string;
}

const LAST_PAUSE_MS = 50;
/** Asking for a container takes a program of its own. */
const CONTAINER_PAUSE_MS = 250;
const LOG_TAIL_BYTES = 8192;

/** Waits; gives why it is not ready, or nothing when it is. */
export async function waitUntilReady(
  { blocking, clock }: Pick<Host, "blocking" | "clock">,
  request: Wait,
  unit: ProvisionedUnit,
): Promise<Setback | undefined> {
  const { context, provisioner, owner, signal } = request;
  const timeoutMs = request.timeoutMs ?? context.definition.readyTimeoutMs;
  const port = unit.endpoint.ports[context.definition.probed] ?? 0;
  const start = clock.elapsed();
  let pauseMs = unit.kind === "container" ? CONTAINER_PAUSE_MS : 1;
  while (true) {
    const probe = await askWhileAlive(clock, request, unit);
    const isAlive = await provisioner.isAlive(unit) !== false;
    const portOwner = await ownerNow({ owner, unit, port, probe, isAlive });
    const setback = (reason: string): Setback => ({
      hasEnded: !isAlive,
      portOwner,
      probe,
      isBootstrap: false,
      reason,
    });
    const why = probe.kind === "ready" ? "" : probe.reason;
    if (portOwner === "stranger") {
      return setback(`somebody else listens on port ${port}`);
    }
    if (!isAlive) {
      const last = lastWords(blocking, context.logPath);
      return setback(last === undefined ? "it has ended" : `it says: ${last}`);
    }
    if (probe.kind === "ready" && portOwner !== "nobody") return undefined;
    if (isFinal(probe)) return setback(why);
    if (signal?.aborted) return setback("it was interrupted");
    if (clock.elapsed() - start >= timeoutMs) {
      return setback(`it is not ready after ${timeoutMs} ms: ${why}`);
    }
    await clock.sleep(pauseMs, signal);
    if (unit.kind !== "container") {
      pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS);
    }
  }
}

/**
 * Asks whether it is ready. Once it has ended, whoever is silent on its port is
 * not waited for.
 */
async function askWhileAlive(
  clock: Host["clock"],
  { provisioner, signal }: Wait,
  unit: ProvisionedUnit,
): Promise<ProbeResult> {
  const answered = new AbortController();
  const ended = new AbortController();
  const watch = async () => {
    while (unit.kind === "process") {
      await clock.sleep(LAST_PAUSE_MS, answered.signal);
      if (answered.signal.aborted) return;
      // A refused look is no end; the one after the answer tells of it.
      const isAlive = await provisioner.isAlive(unit).catch(() => "unknown");
      if (isAlive === false) return ended.abort();
    }
  };
  const watching = watch();
  const signals = [ended.signal, ...signal === undefined ? [] : [signal]];
  try {
    return await provisioner.probe(unit, AbortSignal.any(signals));
  } finally {
    answered.abort();
    await watching;
  }
}

/** Who has the port, as far as it matters: looking costs more than asking. */
async function ownerNow({ owner, unit, port, probe, isAlive }: {
  readonly owner: Pick<UnitOwner, "ownerOf">;
  readonly unit: ProvisionedUnit;
  readonly port: number;
  readonly probe: ProbeResult;
  readonly isAlive: boolean;
}): Promise<Setback["portOwner"]> {
  if (unit.kind === "container" && isAlive) return "unit";
  const isFree = probe.kind === "failed" && probe.cause === "nobody";
  if (isAlive && isFree) return "nobody";
  const identity = unit.kind === "process" ? unit.identity : undefined;
  return await owner.ownerOf(port, identity);
}

/** Answers that more time does not change. */
function isFinal(probe: ProbeResult): boolean {
  return probe.kind === "failed" &&
    (probe.cause === "foreign" || probe.cause === "refused");
}

/** What it wrote last about its trouble, in one line. */
function lastWords(
  blocking: Host["blocking"],
  logPath: string,
): string | undefined {
  try {
    const size = blocking.stat(logPath)?.size ?? 0;
    const from = Math.max(0, size - LOG_TAIL_BYTES);
    const bytes = blocking.readSlice(logPath, from, LOG_TAIL_BYTES);
    const lines = new TextDecoder().decode(bytes).split("\n").map(printable)
      .filter((line) => line !== "");
    return lines.findLast((line) => /error|fatal|panic/i.test(line)) ??
      lines.at(-1);
  } catch (error) {
    // Without a log there are no words.
    if (error instanceof HostError) return undefined;
    throw error;
  }
}
