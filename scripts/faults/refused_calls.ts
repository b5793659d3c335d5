/**
 * A kernel that refuses: full and broken disks, no more open files.
 *
 * @module
 */

import { makeRoot, RealQueue } from "#support/real_queue.ts";
import { mountSmallDisk } from "#support/small_disk.ts";
import { type Fault, inParallel, Tally, wantedOf } from "./fault.ts";
import { look } from "./power_loss.ts";

/** Calls of SQLite and of the overflow file, and what they may be refused. */
const CALLS = ["pwrite64", "fdatasync", "fsync", "ftruncate"];
const ERRORS = ["EIO", "ENOSPC", "EDQUOT", "ENOMEM", "EINTR"];

/** A machine on which something is refused. */
interface Refusal {
  readonly name: string;
  /** The words before the program. */
  readonly words: readonly string[];
}

function injections(amount: number): readonly Refusal[] {
  return Array.from({ length: amount }, (_, at) => {
    const call = CALLS[at % CALLS.length] ?? "";
    const error = ERRORS[at % ERRORS.length] ?? "";
    const when = 1 + (at * 7) % 90;
    // Every second one goes on to the end, as a disk that has died does.
    const times = at % 2 === 0 ? `${when}` : `${when}+`;
    const inject = `inject=${call}:error=${error}:when=${times}`;
    return {
      name: `${call} ${error} at ${times}`,
      words: ["strace", "-f", "-o", "/dev/null", "-e", inject],
    };
  });
}

/** So few open files that some step finds none left. */
function limits(amount: number): readonly Refusal[] {
  return Array.from({ length: amount }, (_, at) => {
    const files = 14 + at % 24;
    const script = `ulimit -n ${files}; exec "$@"`;
    return {
      name: `EMFILE with ${files} files`,
      words: ["sh", "-c", script, "sh"],
    };
  });
}

/** Emits under the refusal, and looks without it. */
async function emitUnder({ words }: Refusal, tally: Tally): Promise<void> {
  await using root = await makeRoot();
  const program = new URL("power_loss_program.ts", import.meta.url).pathname;
  const run = [Deno.execPath(), "run", "--allow-all", "--quiet", program];
  const [first = "", ...args] = [...words, ...run, root.path];
  const { stdout, code } = await new Deno.Command(first, {
    args,
    stdin: "null",
    stderr: "null",
  }).output();
  const kept = new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.startsWith("kept "))
    .map((line) => line.slice("kept ".length));
  tally.see(`programs that ended with ${code}`);
  tally.see("events acknowledged", kept.length);
  using queue = new RealQueue(root.path, { durability: "relaxed" });
  look(queue, kept, [], tally);
}

/** Fills a small disk, and looks when there is room again. */
async function fillDisk(tally: Tally): Promise<void> {
  await using disk = await mountSmallDisk(2048);
  if (!disk.isMounted) return tally.note("No small disk could be mounted.");
  const limits = { minFreeBytes: 0 };
  const kept: string[] = [];
  {
    using queue = new RealQueue(disk.path, { limits });
    for (let n = 0; n < 4000; n++) {
      const outcome = queue.emitter.emit("TaskChanged", {
        aggregateId: `t${n}`,
        payload: { n, text: "x".repeat(400) },
      });
      tally.see(`full disk: ${outcome.kind}`);
      const isKept = outcome.kind === "captured" || outcome.kind === "spilled";
      if (isKept) kept.push(outcome.eventId);
    }
  }
  if (!await disk.remount("size=16384k")) throw new Error("no more room");
  using queue = new RealQueue(disk.path, { limits });
  look(queue, kept, [], tally);
}

async function hasStrace(): Promise<boolean> {
  const { success } = await new Deno.Command("strace", {
    args: ["-o", "/dev/null", "true"],
  }).output().catch(() => ({ success: false }));
  return success;
}

/** Refusals of the kernel. */
export const refusedCalls: Fault = {
  id: "F7",
  title: "the kernel refuses: disk full or broken, no memory, no more files",
  promise: "an acknowledged event is there afterwards; what is not " +
    "acknowledged was refused in words",
  how: "A program emits while strace lets one call of its disk, or all from " +
    "one on, fail with EIO, ENOSPC, EDQUOT, ENOMEM or EINTR; with so few open " +
    "files that it runs out of them; and on a small disk that fills up. The " +
    "queue is opened again without that. Read-only disks and EACCES are tried " +
    "by the live tests; ENFILE was not tried, as it would hit the whole machine.",
  atLeast: { short: 8, long: 200 },
  unavailable: () =>
    Promise.resolve(Deno.build.os === "linux" ? undefined : "needs Linux"),
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    await tally.attempt("a full disk", () => fillDisk(tally));
    const canInject = await hasStrace();
    if (!canInject) tally.note("Calls were not refused: strace is not there.");
    const all = [
      ...limits(options.isLong ? 48 : 4),
      ...injections(canInject ? (options.isLong ? 200 : 8) : 0),
    ];
    await inParallel(all, 2, async (refusal) => {
      await tally.attempt(refusal.name, () => emitUnder(refusal, tally));
      options.onProgress(tally.tried, wanted);
    });
    return tally.result(canInject ? wanted : 5);
  },
};
