/**
 * What every backend promises about how much a tenant may keep.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { KnownError } from "../../src/errors.ts";
import type { JobOptions } from "../../src/jobs/job.ts";
import {
  type BackendWorld,
  type CheckBackend,
  QUEUE,
} from "./backend_world.ts";

const THREE_JOBS = { limits: { maxJobs: 3, maxBytes: 1_000_000 } };
const TEN_BYTES = { limits: { maxJobs: 1000, maxBytes: 10 } };

async function assertFull(
  { backend }: BackendWorld,
  data: string,
  options: JobOptions = {},
): Promise<void> {
  const add = () => backend.enqueue(QUEUE, data, options);
  assertEquals((await assertRejects(add, KnownError)).code, "queue_full");
}

/** Registers the tests about limits. */
export function limitSuite(check: CheckBackend): void {
  check("a full queue takes no more jobs until one ends", async (world) => {
    await world.add("1");
    await world.add("2", { delayMs: 3_600_000 });
    const claim = await world.claimOne();
    await world.add("3");
    await assertFull(world, "4");
    assertEquals((await world.backend.list(QUEUE)).length, 3);
    await world.complete(claim);
    await world.add("4");
    await assertFull(world, "5");
    await world.kill(await world.claimOne());
    await world.add("5");
    await assertFull(world, "6");
    const [next] = await world.backend.list(QUEUE, { states: ["ready"] });
    assertEquals(
      await world.backend.cancel(QUEUE, next?.id ?? ""),
      "cancelled",
    );
    await world.add("6");
    await assertFull(world, "7");
  }, THREE_JOBS);

  check("a job that is to be tried again still counts", async (world) => {
    for (const data of ["1", "2", "3"]) await world.add(data);
    const error = { name: "Error", message: "no" };
    const [one, two] = await world.claim(2);
    if (one === undefined || two === undefined) throw new Error("no claims");
    await world.backend.settle([
      { kind: "retry", claim: one, error, runAt: Date.now() + 3_600_000 },
      { kind: "return", claim: two },
    ]);
    await assertFull(world, "4");
  }, THREE_JOBS);

  check("a bulk that does not fit adds nothing", async (world) => {
    await world.add("1");
    const bulk = ["2", "3", "4"].map((id) => ({
      data: id,
      options: { id: `id-${id}` },
    }));
    const error = await assertRejects(
      () => world.backend.enqueueMany(QUEUE, bulk),
      KnownError,
    );
    assertEquals(error.code, "queue_full");
    assertEquals((await world.stats()).counts.ready, 1);
    await world.backend.enqueueMany(QUEUE, bulk.slice(1));
    assertEquals((await world.claim(9)).map(({ body }) => body), [
      '"1"',
      '"3"',
      '"4"',
    ]);
  }, THREE_JOBS);

  check("limits are over all queues of a tenant", async (world) => {
    await world.backend.enqueue("one", 1);
    await world.backend.enqueue("two", 1);
    await world.add("1");
    await assertFull(world, "2");
    const add = () => world.backend.enqueue("three", 1);
    assertEquals((await assertRejects(add, KnownError)).code, "queue_full");
    const known = (await world.backend.stats()).map(({ queue }) => queue);
    assertEquals(known, ["one", "two", QUEUE]);
    const other = await world.elsewhere();
    assertEquals((await other.enqueue(QUEUE, 1)).status, "enqueued");
  }, THREE_JOBS);

  check("a full queue knows duplicates, and replaces", async (world) => {
    const dedupe = { key: "k", mode: "replace" } as const;
    await world.addAs("a");
    await world.addAs("b", { dedupe, delayMs: 3_600_000 });
    await world.addAs("c");
    assertEquals((await world.addAs("a")).status, "duplicate");
    const { id, status } = await world.addAs("d", { dedupe });
    assertEquals([id, status], ["d", "replaced"]);
    assertEquals((await world.addAs("e", { dedupe })).status, "duplicate");
    await assertFull(world, "f");
  }, THREE_JOBS);

  check("a queue that is more than full knows duplicates", async (world) => {
    await world.addDead("dead");
    for (const id of ["a", "b", "c"]) await world.addAs(id);
    assertEquals(await world.backend.replayDead(QUEUE), 1);
    assertEquals((await world.addAs("b")).status, "duplicate");
    await assertFull(world, "d");
    assertEquals((await world.stats()).counts.ready, 4);
  }, THREE_JOBS);

  check("a refused bulk puts back what it replaced", async (world) => {
    const dedupe = { key: "k", mode: "replace" } as const;
    const delayMs = 3_600_000;
    await world.addAs("a");
    await world.addAs("b", { dedupe, delayMs });
    await world.addAs("z");
    const bulk = ["c", "d", "e"].map((id) => ({
      data: id,
      options: id === "e" ? { id } : { id, dedupe, delayMs },
    }));
    const error = await assertRejects(
      () => world.backend.enqueueMany(QUEUE, bulk),
      KnownError,
    );
    assertEquals(error.code, "queue_full");
    const jobs = await world.backend.list(QUEUE);
    assertEquals(jobs.map(({ id, state }) => [id, state]), [
      ["a", "ready"],
      ["b", "scheduled"],
      ["z", "ready"],
    ]);
    const again = await world.addAs("g", { dedupe: { key: "k" } });
    assertEquals(again, { id: "b", status: "duplicate" });
  }, THREE_JOBS);

  check("a queue with too many bytes knows duplicates", async (world) => {
    const options = { id: "a" };
    await world.backend.enqueue(QUEUE, "dead", options);
    await world.kill(await world.claimOne());
    await world.backend.enqueue(QUEUE, "12345678", { id: "b" });
    assertEquals(await world.backend.replayDead(QUEUE), 1);
    const again = await world.backend.enqueue(QUEUE, "dead", options);
    assertEquals(again, { id: "a", status: "duplicate" });
    await assertFull(world, "");
  }, TEN_BYTES);

  check("bytes are limited too", async (world) => {
    await world.add("1234");
    await assertFull(world, "123");
    await world.add("12");
    await assertFull(world, "");
    await world.complete(await world.claimOne());
    await assertFull(world, "é234");
    await world.add("é23");
    assertEquals((await world.stats()).counts.ready, 2);
  }, TEN_BYTES);
}
