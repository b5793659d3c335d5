/**
 * The one way Reeve ends a process by signals: politely, then by force, with
 * its identity and role proved again right before each signal.
 *
 * @module
 */

import type { Host } from "../host/host.ts";
import type { ProcessHold, SignalName } from "../host/processes.ts";

/** Whether the held process still is what was proved before. */
export type Proof =
  | { readonly kind: "proved" }
  | { readonly kind: "gone" }
  | { readonly kind: "refused"; readonly reason: string };

/** How the attempt ended. */
export type TerminateOutcome =
  | { readonly kind: "already_gone" }
  | { readonly kind: "terminated" }
  | { readonly kind: "killed" }
  | { readonly kind: "survived" }
  | { readonly kind: "denied"; readonly signal: SignalName }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "interrupted" };

/** Limits and hooks of {@linkcode terminate}. */
export interface TerminateOptions {
  /**
   * How it is asked first. PostgreSQL, for one, takes SIGTERM as a request to
   * wait for its clients, and SIGINT as one to end. @default "SIGTERM"
   */
  readonly firstSignal?: "SIGINT" | "SIGTERM";
  /** How long the process may take after that. @default 1000 */
  readonly graceMs?: number;
  /** How long it may take after SIGKILL. @default 1000 */
  readonly killWaitMs?: number;
  /** Runs the sending of each signal, so that it can be written down. */
  readonly onSignal?: (
    name: SignalName,
    send: () => Promise<string>,
  ) => Promise<string>;
  /** Stops between two steps, never within one. */
  readonly interrupt?: AbortSignal;
}

/** Longest pause between two looks, in milliseconds. */
const LAST_PAUSE_MS = 4;

/** Looks without a pause: most processes end sooner than a timer can tell. */
const QUICK_LOOKS = 6;

/**
 * Ends a held process.
 *
 * @param prove asked right before each signal, with the number of signals sent
 * so far; anything but `proved` means that no signal is sent.
 */
export async function terminate(
  host: Pick<Host, "clock">,
  hold: ProcessHold,
  prove: (signalsSent: number) => Promise<Proof>,
  options: TerminateOptions = {},
): Promise<TerminateOutcome> {
  const steps = [
    {
      name: options.firstSignal ?? "SIGTERM",
      waitMs: options.graceMs ?? 1000,
      end: "terminated",
    },
    { name: "SIGKILL", waitMs: options.killWaitMs ?? 1000, end: "killed" },
  ] as const;
  let signalsSent = 0;
  // What ended it: nothing of ours, or the signal before.
  const gone = () =>
    ({ kind: signalsSent === 0 ? "already_gone" : "terminated" }) as const;
  for (const { name, waitMs, end } of steps) {
    if (options.interrupt?.aborted) return { kind: "interrupted" };
    const proof = await prove(signalsSent);
    if (proof.kind === "gone") return gone();
    if (proof.kind === "refused") return proof;
    const send = () => hold.signal(name);
    const sent = await (options.onSignal?.(name, send) ?? send());
    if (sent === "denied") return { kind: "denied", signal: name };
    if (sent === "gone") return gone();
    signalsSent++;
    if (await waitForExit(host, hold, waitMs)) return { kind: end };
  }
  return { kind: "survived" };
}

/** Waits until a held process has ended; `false` when it has not in time. */
export async function waitForExit(
  host: Pick<Host, "clock">,
  hold: ProcessHold,
  waitMs: number,
): Promise<boolean> {
  const start = host.clock.elapsed();
  // Without a handle of the system each look is a program that runs.
  let quick = hold.pinned ? QUICK_LOOKS : 0;
  let pauseMs = 1;
  while (true) {
    if (await hold.hasExited()) return true;
    const leftMs = waitMs - (host.clock.elapsed() - start);
    if (leftMs <= 0) return false;
    if (quick > 0) {
      quick--;
      await host.clock.sleep(0);
      continue;
    }
    await host.clock.sleep(Math.min(pauseMs, leftMs));
    pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS);
  }
}
