import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fakeJobs, JOBS_PATH } from "#support/fake_jobs.ts";
import { KnownError } from "../errors.ts";
import type { HostErrorCode } from "../host/host.ts";
import { QueueNotReadyError } from "./readiness.ts";

const wish = { queue: "mail", limit: 10, leaseMs: 1000 };
const DAY_MS = 86_400_000;

Deno.test("creating a backend touches nothing", async () => {
  const { host, another } = await fakeJobs();
  const before = host.world.writes.length;
  another({ path: "/home/ada/.reeve/jobs/acme.db", tenant: "acme" });
  assertEquals(host.world.writes.length, before);
});

Deno.test("jobs that are added in one turn share one commit", async () => {
  const { host, backend } = await fakeJobs();
  host.world.failDatabase(JOBS_PATH, "no_space", { times: 1 });
  const results = await Promise.allSettled(
    ["a", "b", "c"].map((id) => backend.enqueue("mail", 1, { id })),
  );
  // One failure met all three, so there was one commit.
  assertEquals(results.map(({ status }) => status), [
    "rejected",
    "rejected",
    "rejected",
  ]);
  assertEquals(await backend.list("mail"), []);
  assertEquals((await backend.enqueue("mail", 1)).status, "enqueued");
  await backend.stop();
});

Deno.test("a full queue refuses one job and takes those beside it", async () => {
  const { backend } = await fakeJobs({
    limits: { maxJobs: 10, maxBytes: 20 },
  });
  const results = await Promise.allSettled([
    backend.enqueue("mail", "0123456789"),
    backend.enqueue("mail", "0123456789"),
    backend.enqueue("print", "0"),
  ]);
  assertEquals(results.map(({ status }) => status), [
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  const refused = results[1];
  assert(refused?.status === "rejected");
  assertEquals(refused.reason.code, "queue_full");
  await backend.stop();
});

const REFUSALS: readonly {
  readonly code: HostErrorCode;
  readonly known: string;
  readonly text: string;
}[] = [
  { code: "busy", known: "lock_busy", text: "another process holds it" },
  { code: "no_space", known: "unusable", text: "the disk is full" },
  {
    code: "damaged",
    known: "damaged_file",
    text: "it is damaged, or no file of jobs",
  },
  { code: "read_only", known: "unusable", text: "it cannot be written" },
  {
    code: "io",
    known: "unusable",
    text: "the disk or the file system refuses it",
  },
];

Deno.test.each(REFUSALS)(
  "a file that is $code is told as $known, and nothing has changed",
  async ({ code, known, text }) => {
    const { host, backend, claim } = await fakeJobs();
    await backend.enqueue("mail", 1, { id: "a" });
    const [held] = await claim();
    assert(held !== undefined);
    host.world.failDatabase(JOBS_PATH, code, { times: 2 });
    const end = { kind: "complete", claim: held, result: undefined } as const;
    for (
      const use of [
        () => backend.settle([end]),
        () => backend.enqueue("mail", 2),
      ]
    ) {
      const error = await assertRejects(use, KnownError);
      assertEquals<string>(error.code, known);
      const message = `Cannot use the job queue ${JOBS_PATH}: ${text}`;
      assertEquals(error.message, message);
      assert(error.hint !== undefined);
    }
    assertEquals((await backend.settle([end])).results, ["settled"]);
    assertEquals((await backend.stats())[0]?.counts.completed, 1);
    await backend.stop();
  },
);

Deno.test("an empty claim writes nothing", async () => {
  const { host, backend } = await fakeJobs();
  await backend.enqueue("mail", 1, { delayMs: 1000 });
  const heal = host.world.failDatabase(JOBS_PATH, "read_only", { times: 9 });
  assertEquals(await backend.claim(wish), []);
  assertEquals(await backend.claim({ ...wish, queue: "none" }), []);
  assertEquals(await backend.settle([], wish), { results: [], claims: [] });
  heal();
  await host.world.advance(1000);
  assertEquals((await backend.claim(wish)).length, 1);
  await backend.stop();
});

Deno.test("jobs that have moved can be looked at, ended and taken out", async () => {
  const { backend, another } = await fakeJobs();
  await backend.enqueueMany("mail", [{ data: 1 }, { data: 2 }]);
  const [held] = await backend.claim({ ...wish, limit: 1 });
  assert(held !== undefined);
  await backend.seal("redis://queue");
  const late = another();
  await late.start();
  for (const one of [backend, late]) {
    for (
      const use of [
        () => one.enqueue("mail", 3),
        () => one.enqueueMany("mail", [{ data: 3 }]),
        () => one.claim(wish),
        () => one.promote("mail", "a"),
        () => one.replayDead("mail"),
      ]
    ) {
      const error = await assertRejects(use, QueueNotReadyError);
      assertEquals(error.reason, "QUEUE_MOVED");
      assert(error.message.includes("redis://queue"));
    }
    assertThrows(() => one.process("mail", () => {}), QueueNotReadyError);
  }
  assertEquals((await late.list("mail")).length, 2);
  assertEquals(await late.cancel("mail", "none"), "missing");
  assertEquals(await late.purgeDead("mail"), 0);
  assertEquals((await late.checkReady()).checks.at(-1)?.code, "QUEUE_MOVED");
  const end = { kind: "complete", claim: held, result: undefined } as const;
  assertEquals(await backend.settle([end], wish), {
    results: ["settled"],
    claims: [],
  });
  await late.seal(undefined);
  assertEquals((await backend.claim(wish)).length, 1);
  await backend.stop();
  await late.stop();
});

Deno.test("a lease is not longer because the wall clock went back", async () => {
  const { host, backend } = await fakeJobs();
  await backend.enqueue("mail", 1, { id: "a" });
  await backend.claim(wish);
  const { clock } = host.world;
  clock.setWall(clock.now() - DAY_MS);
  await backend.enqueue("mail", 2, { id: "b" });
  const next = await backend.claim({ ...wish, limit: 1 });
  assertEquals(next.map(({ id }) => id), ["b"]);
  await host.world.advance(1001);
  const again = await backend.claim(wish);
  assertEquals(again.map(({ id }) => id).toSorted(), ["a", "b"]);
  await backend.stop();
});

Deno.test("a claim of a job that is gone does not fit the job in its row", async () => {
  const { host, backend } = await fakeJobs();
  await backend.enqueue("mail", 1, { id: "a" });
  const [lost] = await backend.claim(wish);
  assert(lost !== undefined);
  await host.world.advance(1001);
  // Once more it is claimed, and vanishes for good.
  assertEquals((await backend.claim(wish)).length, 1);
  await host.world.advance(1001);
  assertEquals(await backend.claim(wish), []);
  assertEquals(await backend.purgeDead("mail"), 1);
  await backend.enqueue("mail", 2, { id: "a" });
  await backend.claim(wish);
  const end = { kind: "complete", claim: lost, result: undefined } as const;
  assertEquals((await backend.settle([end])).results, ["lost"]);
  assertEquals(await backend.heartbeat([lost], 1000), [false]);
  assert(!await backend.progress(lost, 1));
  await backend.stop();
});

Deno.test("completed jobs are kept 1,000 for each queue and for a day", async () => {
  const { host, backend } = await fakeJobs();
  const finish = async (queue: string, count: number) => {
    const drafts = Array.from({ length: count }, (_, data) => ({ data }));
    await backend.enqueueMany(queue, drafts);
    const claims = await backend.claim({ queue, limit: count, leaseMs: 1000 });
    await backend.settle(claims.map((claim) => ({
      kind: "complete",
      claim,
      result: undefined,
    })));
  };
  await finish("mail", 900);
  await finish("print", 5);
  await finish("mail", 150);
  const counts = async () =>
    Object.fromEntries(
      (await backend.stats()).map((one) => [one.queue, one.counts.completed]),
    );
  assertEquals(await counts(), { mail: 1000, print: 5 });
  const [first] = await backend.list("mail", { limit: 1 });
  assertEquals(first?.data, 50);
  await host.world.advance(DAY_MS + 1);
  await finish("print", 1);
  assertEquals((await counts())["print"], 1);
  await backend.stop();
});

Deno.test("dead jobs are kept for 90 days", async () => {
  const { host, backend } = await fakeJobs();
  const die = async (id: string) => {
    await backend.enqueue("mail", 1, { id });
    const [claim] = await backend.claim(wish);
    assert(claim !== undefined);
    const error = { name: "Error", message: "it broke\0" };
    await backend.settle([{ kind: "dead", claim, error, reason: "failed" }]);
  };
  await die("a");
  const pass = (ms: number) => {
    const { clock } = host.world;
    clock.setWall(clock.now() + ms);
  };
  pass(89 * DAY_MS);
  await die("b");
  const ids = async () => (await backend.listDead("mail")).map(({ id }) => id);
  assertEquals(await ids(), ["a", "b"]);
  const [a] = await backend.listDead("mail");
  assertEquals(a?.error?.message, "it broke\0");
  pass(DAY_MS + 1);
  await die("c");
  assertEquals(await ids(), ["b", "c"]);
  await backend.stop();
});
