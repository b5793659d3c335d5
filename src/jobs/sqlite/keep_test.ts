import { assert, assertEquals } from "@std/assert";
import { fakeJobs } from "#support/fake_jobs.ts";

const ERROR = { name: "Error", message: "it broke" };

Deno.test("what was deleted gives its room back", async () => {
  const { backend, db } = await fakeJobs();
  const pages = () =>
    db.get<{ "page_count": number }>("PRAGMA page_count")?.page_count ?? 0;
  const count = 2500;
  const data = "x".repeat(3000);
  await backend.enqueueMany(
    "mail",
    Array.from({ length: count }, () => ({ data })),
  );
  const wish = { queue: "mail", limit: count, leaseMs: 1000 };
  await backend.settle(
    (await backend.claim(wish)).map((claim) => ({
      kind: "dead",
      claim,
      error: ERROR,
      reason: "failed",
    })),
  );
  const before = pages();
  assert(before > count / 2);
  assertEquals(await backend.purgeDead("mail"), count);
  assert(pages() < before - 500, `${pages()} of ${before} pages`);
  await backend.stop();
});

Deno.test("keys that held for a time are dropped when others come", async () => {
  const { host, backend, db } = await fakeJobs();
  const add = (key: string) =>
    backend.enqueue("mail", 1, { dedupe: { key, ttlMs: 100 } });
  for (let n = 0; n < 10; n++) await add(`k${n}`);
  await host.world.advance(100);
  await add("late");
  const keys = db.all<{ key: string }>("SELECT key FROM dedupes");
  assertEquals(keys, [{ key: '"late"' }]);
  await backend.stop();
});

Deno.test("a key holds for its time whatever becomes of its job", async () => {
  const { host, backend, claim } = await fakeJobs();
  const dedupe = { key: "k\0", ttlMs: 1000 };
  const first = await backend.enqueue("mail", 1, { dedupe });
  const ends = (await claim()).map((one) =>
    ({ kind: "complete", claim: one, result: undefined }) as const
  );
  await backend.settle(ends);
  const again = () => backend.enqueue("mail", 2, { dedupe });
  assertEquals(await again(), { id: first.id, status: "duplicate" });
  await host.world.advance(999);
  assertEquals((await again()).status, "duplicate");
  await host.world.advance(1);
  const second = await again();
  assertEquals(second.status, "enqueued");
  const moved = await backend.exportJobs(undefined, 10);
  assertEquals(moved.map(({ dedupe: held }) => held), [
    { key: "k\0", until: host.clock.now() + 1000 },
  ]);
  await backend.stop();
});
