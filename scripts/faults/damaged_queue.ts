/**
 * Files of a queue that are not what we have written.
 *
 * @module
 */

import { makeRoot, RealQueue, startQueueProgram } from "#support/real_queue.ts";
import { type Shape, SHAPES } from "./damage_shapes.ts";
import type { Tally } from "./fault.ts";

/** After so long a program hangs. */
const HANG_MS = 30_000;

const FILES = ["queue.db", "overflow.jsonl"] as const;

/** One shape of one file. */
export interface QueueAttempt {
  readonly name: string;
  readonly act: (tally: Tally) => Promise<void>;
}

/** Every shape of every file. */
export function queueAttempts(): readonly QueueAttempt[] {
  return SHAPES.flatMap((shape) =>
    FILES.map((file) => ({
      name: `${file}, ${shape.name}`,
      act: (tally: Tally) => attempt(file, shape, tally),
    }))
  );
}

async function attempt(
  file: typeof FILES[number],
  shape: Shape,
  tally: Tally,
): Promise<void> {
  await using root = await makeRoot();
  const directory = await fill(root.path);
  const path = `${directory}/${file}`;
  const bytes = await Deno.readFile(path).catch(() => new Uint8Array());
  await Deno.remove(path).catch(() => {});
  await shape.make({ path, bytes, pid: 4000, stranger: 1 });
  const child = startQueueProgram("emits_until_killed", {
    root: root.path,
    seed: 5,
    killAt: 0,
    rounds: 12,
  });
  let hangs = false;
  const timer = setTimeout(() => {
    hangs = true;
    child.kill("SIGKILL");
  }, HANG_MS);
  const text = await new Response(child.stdout).text();
  const { code } = await child.status;
  clearTimeout(timer);
  if (hangs) throw new Error("the program hangs");
  const lines = text.split("\n");
  const kept = lines.filter((line) => line.startsWith("kept "));
  tally.see("events kept beside a damaged file", kept.length);
  tally.see(
    "events refused beside a damaged file",
    lines.filter((line) => line.startsWith("not kept ")).length,
  );
  // The program itself ends with 1 when it may not deliver from the queue.
  tally.see(`programs that ended with ${code}`);
  if (code !== 0 && code !== 1) throw new Error(`it ended with ${code}`);
}

/** A queue with some events. */
async function fill(root: string): Promise<string> {
  using queue = new RealQueue(root, { durability: "relaxed" });
  for (let n = 0; n < 5; n++) {
    queue.emitter.emit("TaskChanged", { aggregateId: "t", payload: { n } });
  }
  return await Promise.resolve(queue.paths.directory);
}
