/**
 * A handler of jobs. Its file is all there is to it: the queue is named after
 * the file, and the payload is checked before `run` is called.
 *
 * Try it in any directory:
 *
 * ```sh
 * reeve queue enqueue thumbnails '{"file":"holiday.jpg","width":200}'
 * reeve queue worker --handler docs/examples/thumbnails.ts --until-empty
 * reeve queue list thumbnails
 * ```
 */

import * as z from "npm:zod@4.6.7";
import type { RunningJob } from "../../mod.ts";

/** What a job must say; anything else is dead at once, with the reason. */
export const payload = z.object({
  file: z.string().min(1),
  width: z.int().min(16).max(4096).default(320),
});

/** At most two pictures at the same time, whatever the worker may run. */
export const concurrency = 2;

/** Does the work. What it returns is kept; what it throws is tried again. */
export async function run(
  job: RunningJob<z.infer<typeof payload>>,
): Promise<{ readonly thumbnail: string }> {
  const { file, width } = job.data;
  job.log(`making ${file} ${width} pixels wide, attempt ${job.attempt}`);
  for (let done = 0; done < 100; done += 25) {
    // Ctrl-C and a time limit reach the work through this signal.
    job.signal.throwIfAborted();
    await job.progress(done);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { thumbnail: `${file}.${width}.jpg` };
}
