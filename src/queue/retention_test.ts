import { assert, assertEquals } from "@std/assert";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { writeArchive } from "./archive.ts";
import { readAudit } from "./audit.ts";
import { optIn } from "./consent.ts";
import { verifyArchive } from "./read_archive.ts";
import {
  applyRetention,
  checkpoint,
  planRetention,
  removeArchived,
  vacuum,
} from "./retention.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** A queue whose first events are delivered. */
async function withDelivered(delivered: number, open: number) {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", queue.host.clock.now());
  for (let at = 1; at <= delivered + open; at++) queue.change(`t${at}`);
  const lease = queue.takeLease();
  const limits = { maxEvents: delivered, maxBytes: 1e8 };
  const batch = queue.claim(lease, limits);
  if (batch !== undefined) queue.settle(lease, batch, { kind: "delivered" });
  return queue;
}

const policy = { bodyMs: 7 * DAY_MS, rowMs: 30 * DAY_MS, maxRows: 1000 };
const optionsOf = (queue: FakeQueue, changes: Partial<typeof policy> = {}) => ({
  ...policy,
  nowMs: queue.host.clock.now(),
  actor: "ada",
  ...changes,
});

function turn({ host }: FakeQueue, days: number): void {
  host.world.clock.setWall(host.clock.now() + days * DAY_MS);
}

Deno.test.each([
  { days: 6, bodies: 0, rows: 0, left: 5 },
  { days: 7, bodies: 3, rows: 0, left: 5 },
  { days: 30, bodies: 3, rows: 3, left: 2 },
])("applyRetention() after $days days", async (row) => {
  const queue = await withDelivered(3, 2);
  turn(queue, row.days);
  const options = optionsOf(queue);
  const plan = planRetention(queue.store, options);
  assertEquals([plan.bodies.count, plan.rows], [row.bodies, row.rows]);
  const { bodies, rows } = await applyRetention(
    queue.host,
    queue.store,
    options,
  );
  assertEquals([bodies, rows], [row.bodies, row.rows]);
  assertEquals(queue.rows("SELECT seq FROM events").length, row.left);
  const { liveRows, ready, delivered } = queue.counts();
  assertEquals([liveRows, ready, delivered], [5 - row.bodies, 2, 3]);
});

Deno.test("applyRetention() keeps only so many rows, the latest", async () => {
  const queue = await withDelivered(5, 0);
  turn(queue, 8);
  const options = optionsOf(queue, { maxRows: 2 });
  assertEquals(planRetention(queue.store, options).rows, 3);
  const report = await applyRetention(queue.host, queue.store, options);
  assertEquals(report, { bodies: 5, rows: 3 });
  const rows = queue.rows<{ seq: number }>("SELECT seq FROM events");
  assertEquals(rows.map(({ seq }) => seq), [4, 5]);
  assertEquals(queue.meta()["removed"], 3);
  const [entry] = readAudit(queue.store, 1);
  assertEquals([entry?.action, entry?.actor], ["gc", "ada"]);
});

Deno.test("applyRetention() keeps bodies that are to be kept longer than rows", async () => {
  const queue = await withDelivered(2, 0);
  turn(queue, 40);
  const options = optionsOf(queue, { bodyMs: 60 * DAY_MS });
  const report = await applyRetention(queue.host, queue.store, options);
  assertEquals(report, { bodies: 0, rows: 0 });
});

Deno.test("applyRetention() works in steps and tells of each", async () => {
  const queue = await withDelivered(1200, 0);
  turn(queue, 31);
  const steps: number[] = [];
  await applyRetention(queue.host, queue.store, {
    ...optionsOf(queue),
    onDone: (count) => void steps.push(count),
  });
  assertEquals(steps, [500, 500, 200, 1000, 200]);
});

Deno.test("removeArchived() removes delivered events with their bodies", async () => {
  const queue = await withDelivered(3, 2);
  const { host, store } = queue;
  const written = await writeArchive(host, store, {
    filter: { toSeq: 4 },
    directory: "/a",
  });
  if (typeof written === "string") throw new Error(written);
  const read = await verifyArchive(host, written.path);
  if (read.kind === "broken") throw new Error(read.faults.join());
  const { archive } = read;
  const removed = await removeArchived(host, store, {
    archive,
    ...optionsOf(queue),
  });
  assertEquals(removed.count, 3);
  const { liveRows, ready } = queue.counts();
  assertEquals([liveRows, ready], [2, 2], "what is not delivered stays");
});

Deno.test("vacuum() gives pages back as long as it may", async () => {
  const queue = await withDelivered(2000, 0);
  turn(queue, 31);
  await applyRetention(queue.host, queue.store, optionsOf(queue));
  const { freeBytes } = planRetention(queue.store, optionsOf(queue));
  assert(freeBytes > 0);
  const left = vacuum(queue.host, queue.store, { forMs: 0 });
  assert(left > 0, "no time");
  assert(vacuum(queue.host, queue.store, { forMs: 50 }) < left);
});

Deno.test("checkpoint() empties the log", async () => {
  const { store } = await withDelivered(1, 0);
  assertEquals(checkpoint(store), "emptied");
});
