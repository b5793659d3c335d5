/** Forces pids onto innocents between scan and signal and counts the hits. */

import type { Figure, Unmeasured } from "./figure.ts";

const ROUNDS = 1000;

/** Whether a private pid namespace with its own /proc can be made here. */
async function canUnshare(): Promise<boolean> {
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

/** Measures forced pid reuse in a private pid namespace. */
export async function benchReuse(): Promise<readonly (Figure | Unmeasured)[]> {
  const name = `${ROUNDS} forced pid reuses: innocents signalled`;
  if (!await canUnshare()) {
    return [{ name, reason: "needs the right to make a pid namespace" }];
  }
  const rig = new URL("reuse_rig.ts", import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command("unshare", {
    args: [
      "-p",
      "-f",
      "--mount-proc",
      Deno.execPath(),
      "run",
      "--allow-all",
      "--quiet",
      rig,
      String(ROUNDS),
    ],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  const { rounds, hits, refusals } = JSON.parse(text.trim() || "{}");
  if (rounds !== ROUNDS) {
    throw new Error(text + new TextDecoder().decode(stderr));
  }
  return [{
    name,
    value: hits,
    limit: 0,
    unit: "innocents",
    note: `${refusals} refused before any signal`,
  }];
}
