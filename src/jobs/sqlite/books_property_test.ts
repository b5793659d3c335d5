import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type FakeJobs, fakeJobs } from "#support/fake_jobs.ts";
import type { Claim, JobOptions, Settlement } from "../job.ts";

const QUEUES = ["mail", "print"];
const ERROR = { name: "Error", message: "it broke" };

/** What a history knows without looking. */
interface Model {
  readonly jobs: FakeJobs;
  /** Ids that were acknowledged and not taken out since, by queue. */
  readonly alive: Set<string>;
  /** Claims that may still be held. */
  readonly held: Claim[];
}

interface Step {
  readonly text: string;
  readonly run: (model: Model) => Promise<void>;
}

const queue = fc.constantFrom(...QUEUES);
const options: fc.Arbitrary<JobOptions> = fc.record({
  id: fc.constantFrom("a", "b", "c"),
  delayMs: fc.constantFrom(0, 50, 500),
  priority: fc.constantFrom(0, 3),
  dedupe: fc.record({
    key: fc.constantFrom("k", "l"),
    mode: fc.constantFrom("ignore" as const, "replace" as const),
    ttlMs: fc.constantFrom(40, 400),
  }, { requiredKeys: ["key"] }),
}, { requiredKeys: [] });
const body = fc.constantFrom("short", "ä".repeat(700), "long".repeat(600));

function step(
  text: string,
  run: (model: Model) => Promise<unknown>,
): Step {
  return { text, run: async (model) => void await run(model) };
}

async function add(
  { jobs, alive }: Model,
  name: string,
  drafts: readonly { data: string; options: JobOptions }[],
): Promise<void> {
  const before = new Set(await idsIn(jobs, name));
  const added = await jobs.backend.enqueueMany(name, drafts);
  for (const { id, status } of added) {
    // A key that holds for a time outlives its job, and names it.
    if (status !== "duplicate") alive.add(`${name} ${id}`);
  }
  if (!added.some(({ status }) => status === "replaced")) return;
  const after = new Set(await idsIn(jobs, name));
  const known = new Set([...before, ...added.map(({ id }) => id)]);
  // Whatever was replaced was still scheduled, so it is not missed.
  for (const id of known) if (!after.has(id)) alive.delete(`${name} ${id}`);
}

async function idsIn({ backend }: FakeJobs, name: string) {
  const all = await backend.list(name, { limit: 10_000 });
  return all.map(({ id }) => id);
}

function endOf(claim: Claim, kind: number, now: number): Settlement {
  switch (kind) {
    case 0:
      return { kind: "complete", claim, result: '"done"' };
    case 1:
      return { kind: "retry", claim, error: ERROR, runAt: now + 60 };
    case 2:
      return { kind: "retry", claim, error: ERROR, runAt: now };
    case 3:
      return { kind: "dead", claim, error: ERROR, reason: "failed" };
    default:
      return { kind: "return", claim };
  }
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(queue, fc.array(fc.tuple(body, options), { maxLength: 4 })).map(
    ([name, drafts]) =>
      step(
        `add ${drafts.length} to ${name}`,
        (model) =>
          add(
            model,
            name,
            drafts.map(([data, how]) => ({ data, options: how })),
          ),
      ),
  ),
  fc.tuple(queue, fc.nat(4), fc.constantFrom(100, 300)).map((
    [name, limit, leaseMs],
  ) =>
    step(`claim ${limit} of ${name}`, async ({ jobs, held }) => {
      held.push(
        ...await jobs.backend.claim({ queue: name, limit, leaseMs }),
      );
    })
  ),
  fc.tuple(fc.nat(5), fc.nat(5), queue).map(([count, kind, name]) =>
    step(`settle ${count}, kind ${kind}`, async ({ jobs, held }) => {
      const claims = held.splice(0, count);
      const now = jobs.host.clock.now();
      const next = { queue: name, limit: 1, leaseMs: 200 };
      const { results, claims: more } = await jobs.backend.settle(
        claims.map((claim, n) => endOf(claim, (kind + n) % 5, now)),
        next,
      );
      assertEquals(results.length, claims.length);
      held.push(...more);
    })
  ),
  fc.constantFrom(10, 60, 250, 2000, -5000).map((ms) =>
    step(`${ms} ms pass`, async ({ jobs }) => {
      const { world } = jobs.host;
      if (ms > 0) await world.advance(ms);
      else world.clock.setWall(world.clock.now() + ms);
    })
  ),
  fc.tuple(queue, fc.nat(20)).map(([name, n]) =>
    step(`cancel ${n} of ${name}`, async ({ jobs, alive }) => {
      const ids = await idsIn(jobs, name);
      const id = ids[n % Math.max(ids.length, 1)] ?? "none";
      const result = await jobs.backend.cancel(name, id);
      if (result === "cancelled") alive.delete(`${name} ${id}`);
    })
  ),
  fc.tuple(queue, fc.nat(20)).map(([name, n]) =>
    step(`promote ${n} of ${name}`, async ({ jobs }) => {
      const ids = await idsIn(jobs, name);
      await jobs.backend.promote(name, ids[n % Math.max(ids.length, 1)] ?? "");
    })
  ),
  fc.tuple(queue, fc.nat(2)).map(([name, limit]) =>
    step(
      `replay ${limit} of ${name}`,
      ({ jobs }) => jobs.backend.replayDead(name, { limit }),
    )
  ),
  queue.map((name) =>
    step(`purge ${name}`, async ({ jobs, alive }) => {
      const dead = await jobs.backend.listDead(name, { limit: 1 });
      await jobs.backend.purgeDead(name, { limit: 1 });
      for (const { id } of dead) alive.delete(`${name} ${id}`);
    })
  ),
);

/** What is written in the counts is what is in the rows. */
function checkBooks({ jobs: { db } }: Model): void {
  const written = db.all(
    `SELECT name, ready, scheduled, active, completed, dead, bytes FROM queues
      ORDER BY name`,
  );
  const counted = db.all(
    `SELECT name, count(*) FILTER (WHERE state = 'ready') AS ready,
       count(*) FILTER (WHERE state = 'scheduled') AS scheduled,
       count(*) FILTER (WHERE state = 'active') AS active,
       count(*) FILTER (WHERE state = 'completed') AS completed,
       count(*) FILTER (WHERE state = 'dead') AS dead,
       coalesce(sum(jobs.bytes) FILTER (WHERE state IN
         ('ready', 'scheduled', 'active')), 0) AS bytes
       FROM queues LEFT JOIN jobs USING (q) GROUP BY name ORDER BY name`,
  );
  assertEquals(written, counted);
}

/** Nothing is left of what is gone, and what is there is whole. */
function checkRows({ jobs: { db } }: Model): void {
  const odd = db.get<Record<string, number>>(
    `SELECT
       (SELECT count(*) FROM bodies WHERE seq NOT IN
         (SELECT seq FROM jobs WHERE body IS NULL)) AS strayBodies,
       (SELECT count(*) FROM jobs WHERE body IS NULL AND seq NOT IN
         (SELECT seq FROM bodies)) AS lostBodies,
       (SELECT count(*) FROM jobs WHERE (state = 'active') <>
         (token IS NOT NULL AND lease_until IS NOT NULL)) AS oddClaims,
       (SELECT count(*) FROM jobs WHERE (state IN ('completed', 'dead')) <>
         (ended IS NOT NULL AND finished_at IS NOT NULL)) AS oddEnds,
       (SELECT count(*) FROM dedupes d WHERE until IS NULL AND NOT EXISTS
         (SELECT 1 FROM jobs j WHERE j.q = d.q AND j.id = d.id
           AND j.dedupe_key = d.key
           AND j.state IN ('ready', 'scheduled', 'active'))) AS oddKeys`,
  );
  assertEquals(odd, {
    strayBodies: 0,
    lostBodies: 0,
    oddClaims: 0,
    oddEnds: 0,
    oddKeys: 0,
  });
}

function checkNothingLost({ jobs: { db }, alive }: Model): void {
  const rows = db.all<{ job: string }>(
    "SELECT name || ' ' || id AS job FROM jobs JOIN queues USING (q)",
  );
  const there = new Set(rows.map(({ job }) => job));
  for (const job of alive) assert(there.has(job), `${job} is lost`);
}

Deno.test("counts, keys and bodies fit the jobs after any history", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps, { minLength: 10, maxLength: 60 }),
      async (story) => {
        const jobs = await fakeJobs();
        const model: Model = { jobs, alive: new Set(), held: [] };
        for (const { run } of story) {
          await run(model);
          checkBooks(model);
          checkRows(model);
          checkNothingLost(model);
        }
        await jobs.backend.stop();
      },
    ),
    { numRuns: 60 },
  );
});
