/** Forces pids onto innocents between scan and signal and counts the hits. */

import type { Figure, Unmeasured } from "./figure.ts";

const ROUNDS = 1000;

/** Whether a private pid namespace with its own /proc can be made here. */
export async function canUnshare(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("unshare", {
      args: [
        "-p",
        "-f",
        "--mount-proc",
        "sh",
        "-c",
        "test -w /proc/sys/kernel/ns_last_pid",
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

/** What a run of the rig has counted. */
export interface ReuseCounts {
  /** Reuses that were forced. */
  readonly rounds: number;
  /** Innocents that got any signal. */
  readonly hits: number;
  /** How often Reeve has said that the target is not there any more. */
  readonly refusals: number;
  /** How often each moment came to which outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/**
 * Forces pids onto innocents in a private pid namespace.
 *
 * @throws {Error} when the rig did not come to its end.
 */
export async function forceReuses(
  rounds: number,
  ...more: readonly string[]
): Promise<ReuseCounts> {
  const rig = new URL("reuse_rig.ts", import.meta.url).pathname;
  const run = [Deno.execPath(), "run", "--allow-all", "--quiet", rig];
  const { stdout, stderr } = await new Deno.Command("unshare", {
    args: ["-p", "-f", "--mount-proc", ...run, String(rounds), ...more],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  const counts: ReuseCounts = JSON.parse(text.trim() || "{}");
  if (counts.rounds !== rounds) {
    throw new Error(text + new TextDecoder().decode(stderr));
  }
  return counts;
}

/** Measures forced pid reuse in a private pid namespace. */
export async function benchReuse(): Promise<readonly (Figure | Unmeasured)[]> {
  const name = `${ROUNDS} forced pid reuses: innocents signalled`;
  if (!await canUnshare()) {
    return [{ name, reason: "needs the right to make a pid namespace" }];
  }
  const { hits, refusals } = await forceReuses(ROUNDS);
  return [{
    name,
    value: hits,
    limit: 0,
    unit: "innocents",
    note: `${refusals} told from the target`,
  }];
}
