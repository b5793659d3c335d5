/**
 * Whether what a queue has acknowledged was really flushed, as the kernel saw
 * it.
 *
 * @module
 */

import { makeRoot } from "#support/real_queue.ts";

/** What a trace of system calls tells. */
export interface FlushProof {
  /** Acknowledgements that were traced. */
  readonly acknowledged: number;
  /** Those at which a file of the queue had writes that were not flushed. */
  readonly early: number;
  /** Calls that flush. */
  readonly flushes: number;
}

const CALLS = "write,pwrite64,writev,pwritev,fsync,fdatasync,ftruncate";
const LINE = /^\d+\s+(?:<\.\.\. )?(\w+)(?:\((\d+)<([^>]*)>| resumed>)/;

/** Traces a program that emits; `undefined` where nothing can be traced. */
export async function proveFlushes(): Promise<FlushProof | undefined> {
  await using root = await makeRoot();
  const trace = `${root.path}/trace`;
  const program = new URL("power_loss_program.ts", import.meta.url).pathname;
  const run = [Deno.execPath(), "run", "--allow-all", "--quiet", program];
  const output = await new Deno.Command("strace", {
    args: ["-f", "-y", "-o", trace, "-e", `trace=${CALLS}`, ...run, root.path],
    stdin: "null",
  }).output().catch(() => undefined);
  if (output?.success !== true) return undefined;
  return readTrace(await Deno.readTextFile(trace));
}

/** Reads what `strace -f -y` wrote. */
export function readTrace(text: string): FlushProof {
  const unflushed = new Set<string>();
  let [acknowledged, early, flushes] = [0, 0, 0];
  for (const line of text.split("\n")) {
    const [, call = "", fd, path = ""] = LINE.exec(line) ?? [];
    if (fd === "1" && line.includes('"kept ')) {
      acknowledged++;
      if (unflushed.size > 0) early++;
    } else if (!/\/(?:queue\.db(?:-wal)?|overflow\.jsonl)$/.test(path)) {
      continue;
    } else if (/^(?:fsync|fdatasync)$/.test(call)) {
      flushes++;
      // One that another thread has begun may not be over.
      if (!line.includes("unfinished")) unflushed.delete(path);
    } else unflushed.add(path);
  }
  return { acknowledged, early, flushes };
}
