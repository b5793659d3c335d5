/** A pid that has changed hands is never signalled, whenever that happens. */

import { assertEquals } from "@std/assert";

const ROUNDS = 20;

/** Whether this machine lets us choose the pid of the next process. */
async function canChoosePids(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const probe = "echo 9 > /proc/sys/kernel/ns_last_pid";
  try {
    const { success } = await new Deno.Command("unshare", {
      args: ["-p", "-f", "--mount-proc", "sh", "-c", probe],
      stdin: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

/** Plays all rounds in a pid namespace and returns what came of them. */
async function playRounds(...more: readonly string[]): Promise<unknown> {
  const program = new URL("../programs/reuses_pids.ts", import.meta.url);
  const run = [Deno.execPath(), "run", "-A", "--quiet", program.pathname];
  const isolate = ["-p", "-f", "--mount-proc"];
  const output = await new Deno.Command("unshare", {
    args: [...isolate, ...run, String(ROUNDS), ...more],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assertEquals(output.code, 0, decoder.decode(output.stderr));
  return JSON.parse(decoder.decode(output.stdout));
}

Deno.test({
  name: "an innocent process with a reused pid is never signalled",
  ignore: !await canChoosePids(),
  async fn() {
    const expected = {
      scan: { "survived [] swept null": ROUNDS },
      hold: { "survived [] swept null": ROUNDS },
      proof: { "survived [] swept null": ROUNDS },
      term: { "survived [SIGTERM] swept terminate": ROUNDS },
    };
    const [pinned, numbered] = await Promise.all([
      playRounds(),
      playRounds("by_number"),
    ]);
    assertEquals(pinned, { pinned: [true], ...expected });
    assertEquals(numbered, { pinned: [false], ...expected });
  },
});
