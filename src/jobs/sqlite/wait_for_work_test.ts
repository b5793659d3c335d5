import { assert, assertEquals } from "@std/assert";
import { type FakeJobs, fakeJobs, LEASE_MS } from "#support/fake_jobs.ts";
import type { QueueBackend } from "../backend.ts";

const HOUR_MS = 3_600_000;

/** Waits, and says when it was over. */
function wait(
  { host, backend }: Pick<FakeJobs, "host" | "backend">,
  signal: AbortSignal = new AbortController().signal,
) {
  const began = host.clock.elapsed();
  const state: { endedAfter?: number } = {};
  const done = backend.waitForWork("mail", signal).then(() => {
    state.endedAfter = host.clock.elapsed() - began;
  });
  return { done, state };
}

const CHANGES: readonly {
  readonly what: string;
  readonly prepare: (backend: QueueBackend) => Promise<unknown>;
  readonly change: (backend: QueueBackend) => Promise<unknown>;
}[] = [
  {
    what: "a job is added",
    prepare: () => Promise.resolve(),
    change: (backend) => backend.enqueue("mail", 1),
  },
  {
    what: "a job is promoted",
    prepare: (backend) =>
      backend.enqueue("mail", 1, { id: "a", delayMs: HOUR_MS }),
    change: (backend) => backend.promote("mail", "a"),
  },
  {
    what: "a queue is resumed",
    prepare: async (backend) => {
      await backend.enqueue("mail", 1);
      await backend.pause("mail");
    },
    change: (backend) => backend.resume("mail"),
  },
  {
    what: "a dead job is replayed",
    prepare: async (backend) => {
      await backend.enqueue("mail", 1);
      const wish = { queue: "mail", limit: 1, leaseMs: LEASE_MS };
      const error = { name: "Error", message: "it broke" };
      const claims = await backend.claim(wish);
      await backend.settle(claims.map((claim) => ({
        kind: "dead",
        claim,
        error,
        reason: "failed",
      })));
    },
    change: (backend) => backend.replayDead("mail"),
  },
];

Deno.test.each(CHANGES)(
  "waitForWork() ends at once when $what by another backend of the process",
  async ({ prepare, change }) => {
    const jobs = await fakeJobs();
    const other = jobs.another();
    await other.start();
    await prepare(other);
    const { done, state } = wait(jobs);
    await jobs.host.world.advance(1);
    assertEquals(state.endedAfter, undefined);
    await change(other);
    await done;
    assertEquals(state.endedAfter, 1);
    await other.stop();
    await jobs.backend.stop();
  },
);

Deno.test("waitForWork() ends at the time of a scheduled job", async () => {
  const jobs = await fakeJobs();
  await jobs.backend.enqueue("mail", 1, { delayMs: 10_123 });
  const { done, state } = wait(jobs);
  await done;
  assertEquals(state.endedAfter, 10_123);
  assertEquals((await jobs.claim()).length, 1);
  await jobs.backend.stop();
});

Deno.test("waitForWork() ends when the lease of a vanished worker does", async () => {
  const jobs = await fakeJobs();
  await jobs.backend.enqueue("mail", 1);
  await jobs.claim();
  const { done, state } = wait(jobs);
  await done;
  assertEquals(state.endedAfter, LEASE_MS);
  assertEquals((await jobs.claim()).length, 1);
  await jobs.backend.stop();
});

Deno.test("waitForWork() follows a wall clock that is set forward", async () => {
  const jobs = await fakeJobs();
  const { world } = jobs.host;
  await jobs.backend.enqueue("mail", 1, { delayMs: HOUR_MS });
  const { done, state } = wait(jobs);
  await world.advance(10);
  world.clock.setWall(world.clock.now() + HOUR_MS);
  await done;
  assert((state.endedAfter ?? Infinity) <= 2010, `${state.endedAfter} ms`);
  await jobs.backend.stop();
});

Deno.test.each([
  { addedAfter: 10, foundAfter: 250 },
  { addedAfter: 300, foundAfter: 750 },
  { addedAfter: 60_000, foundAfter: 61_750 },
])(
  "waitForWork() finds after $foundAfter ms what another process has added after $addedAfter ms",
  async ({ addedAfter, foundAfter }) => {
    const jobs = await fakeJobs();
    const { world } = jobs.host;
    const { done, state } = wait(jobs);
    await world.advance(addedAfter);
    // Another process does not tell us, so the rows just appear.
    jobs.db.exec(
      `INSERT INTO queues (name, had_jobs, ready, bytes)
         VALUES ('mail', 1, 1, 1);
       INSERT INTO jobs (q, id, state, priority, run_at, created_at,
         max_attempts, timeout_ms, expires_at, bytes, body)
         VALUES (1, 'a', 'ready', 0, 0, 0, 5, 0, 0, 1, '1')`,
    );
    await world.advance(2000);
    await done;
    assertEquals(state.endedAfter, foundAfter);
    await jobs.backend.stop();
  },
);

Deno.test("waitForWork() ends when its signal aborts or the backend stops", async () => {
  const jobs = await fakeJobs();
  const abort = new AbortController();
  const first = wait(jobs, abort.signal);
  const second = wait(jobs);
  await jobs.host.world.advance(1);
  abort.abort();
  await first.done;
  assertEquals(second.state.endedAfter, undefined);
  await jobs.backend.stop();
  await second.done;
  await jobs.backend.start();
  await jobs.backend.waitForWork("mail", AbortSignal.abort());
  await jobs.backend.stop();
});
