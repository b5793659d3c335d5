/**
 * Adds, claims and ends jobs until somebody kills it, and says what was
 * acknowledged. Argument: JSON with `path` and `completions`, the most jobs that
 * it completes; afterwards it gives them back.
 */
import type { Settlement } from "../../src/jobs/job.ts";
import { realJobs, say } from "../support/real_jobs.ts";

const { path, completions } = JSON.parse(Deno.args[0] ?? "");
const backend = realJobs(path);
await backend.start();
let left = completions;
say("begun");
for (let n = 0;; n++) {
  const draft = { data: { n, text: "x".repeat(n % 7 === 0 ? 5000 : 50) } };
  if (n % 5 === 0) {
    const drafts = [draft, draft, draft];
    for (const { id } of await backend.enqueueMany("mail", drafts)) {
      say(`kept ${id}`);
    }
  } else if (n % 3 === 0) {
    say(`kept ${(await backend.enqueue("mail", draft.data)).id}`);
  }
  const wish = { queue: "mail", limit: 2, leaseMs: 150 };
  const claims = await backend.claim(wish);
  for (const { id } of claims) say(`run ${id}`);
  await backend.heartbeat(claims, 150);
  const ends: readonly Settlement[] = claims.map((claim) =>
    left-- > 0
      ? { kind: "complete", claim, result: undefined }
      : { kind: "return", claim }
  );
  const { results } = await backend.settle(ends);
  for (const [at, { kind, claim }] of ends.entries()) {
    const isDone = kind === "complete" && results[at] === "settled";
    if (isDone) say(`done ${claim.id}`);
  }
}
