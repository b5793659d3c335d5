/**
 * Ends one process that is known to belong to a unit.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { ProcessRow } from "../host/processes.ts";
import { lookAtIdentities } from "../process/identity_look.ts";
import { type Proof, terminate } from "../process/terminate.ts";
import { MARKER_VARIABLE } from "./facts.ts";
import type { SignalJournal, SignalStep } from "./signal_journal.ts";

/** A process to end. */
export interface DoomedProcess {
  /** The process as it was when it was judged. */
  readonly row: ProcessRow;
  /** Whose it is, for the journal. */
  readonly unit: SignalStep["unit"];
  /**
   * Marker that it must still carry, when that is why it may be ended. A
   * program that replaces itself may take another environment.
   */
  readonly marker?: string;
}

/** Limits and context of {@linkcode endProcess}. */
export interface EndOptions {
  /** Writes down each signal. */
  readonly journal: SignalJournal;
  /** Why it may be ended, in one sentence. */
  readonly reason: string;
  /** How long it may take after SIGTERM, in milliseconds. */
  readonly graceMs: number;
  /** How long it may take after SIGKILL. @default 1000 */
  readonly killWaitMs?: number;
}

/** What became of a process. */
export type EndOutcome =
  | { readonly kind: "gone" }
  | { readonly kind: "killed" }
  | { readonly kind: "terminated" }
  | {
    readonly kind: "denied" | "survived" | "unverified";
    /** What happened, as the end of a sentence about the process. */
    readonly why: string;
  };

/** Ends a process, proving before each signal that it is still that one. */
export async function endProcess(
  host: Pick<Host, "clock" | "processes">,
  doomed: DoomedProcess,
  options: EndOptions,
): Promise<EndOutcome> {
  const { row, unit } = doomed;
  const { journal, reason, graceMs, killWaitMs = 1000 } = options;
  // Held before it is proved: the proof is about the process that is held.
  const held = await host.processes.hold(row.pid);
  if (held === "gone") return { kind: "gone" };
  if (held === "denied") return { kind: "denied", why: "may not be ended" };
  using hold = held;
  const outcome = await terminate(host, hold, () => prove(host, doomed), {
    graceMs,
    killWaitMs,
    onSignal: (signal, send) =>
      journal.step({ unit, row, signal, reason }, send),
  });
  switch (outcome.kind) {
    case "already_gone":
      return { kind: "gone" };
    case "terminated":
    case "killed":
      return outcome;
    case "survived":
      return { kind: "survived", why: "still runs after SIGKILL" };
    case "denied":
      return { kind: "denied", why: `may not be sent ${outcome.signal}` };
    case "refused":
      return { kind: "unverified", why: outcome.reason };
    case "interrupted":
      return { kind: "unverified", why: "was not waited for" };
  }
}

async function prove(
  host: Pick<Host, "processes">,
  { row: { pid, startStamp }, marker }: DoomedProcess,
): Promise<Proof> {
  const seen = (await lookAtIdentities(host, [pid])).get(pid);
  if (seen === undefined || seen.kind === "unknown") {
    return { kind: "refused", reason: "cannot be looked at any more" };
  }
  if (seen.kind === "gone") return { kind: "gone" };
  // Another process has its id now, so the one that was meant has ended.
  if (seen.facts.startStamp !== startStamp) return { kind: "gone" };
  if (seen.facts.state === "zombie") return { kind: "gone" };
  if (marker === undefined) return { kind: "proved" };
  const markers = await host.processes.readVariable(MARKER_VARIABLE, [pid]);
  return markers.get(pid) === marker
    ? { kind: "proved" }
    : { kind: "refused", reason: "does not carry its marker any more" };
}
