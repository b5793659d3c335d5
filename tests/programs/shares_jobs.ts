/**
 * Adds jobs and runs what anybody has added, until all are done. Argument: JSON
 * with `path`, `count` to add and `total` of all programs together.
 */
import { openBeside, realJobs, say } from "../support/real_jobs.ts";

const { path, count, total } = JSON.parse(Deno.args[0] ?? "");
const backend = realJobs(path);
await backend.start();
const worker = backend.process("mail", ({ id }) => say(`run ${id}`), {
  concurrency: 4,
});
for (let n = 0; n < count; n++) {
  if (n % 4 === 0) await backend.enqueueMany("mail", [{ data: n }]);
  else await backend.enqueue("mail", n);
}
say("added");
using db = openBeside(path);
const ended = () =>
  db.get<{ ended: number }>("SELECT ended FROM queues")?.ended;
while (ended() !== total) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
await worker.stop();
await backend.stop();
