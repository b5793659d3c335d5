/**
 * What one check of the conformance suite is, and what it gives.
 *
 * @module
 */

import { CheckFailed, type Probe } from "./conformance_probe.ts";

/** A check: throws `CheckFailed`, or gives what is worth knowing. */
export interface Check {
  /** What programs know it by. */
  readonly id: string;
  /** What must hold, as a sentence. */
  readonly title: string;
  /** Looks whether it holds. */
  readonly run: (probe: Probe) => Promise<string | void> | string;
}

/** What a check gave. */
export interface CheckOutcome {
  /** Which check. */
  readonly id: string;
  /** What must hold. */
  readonly title: string;
  /** Whether it does; `skipped` where it cannot be seen. */
  readonly verdict: "pass" | "fail" | "skipped";
  /** What was seen. */
  readonly detail: string;
}

/** Why a check says nothing about a server. */
export class CheckSkipped extends Error {}

/** Runs one check. */
export async function runCheck(
  probe: Probe,
  { id, title, run }: Check,
): Promise<CheckOutcome> {
  try {
    const detail = await run(probe) ?? "";
    return { id, title, verdict: "pass", detail };
  } catch (error) {
    if (error instanceof CheckSkipped) {
      return { id, title, verdict: "skipped", detail: error.message };
    }
    if (!(error instanceof CheckFailed)) throw error;
    return { id, title, verdict: "fail", detail: error.message };
  }
}
