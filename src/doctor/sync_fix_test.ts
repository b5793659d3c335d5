import { assert, assertEquals } from "@std/assert";
import { optIn } from "../queue/consent.ts";
import { readHolder } from "../queue/lease.ts";
import { spill } from "../queue/overflow.ts";
import { findPlace } from "../sync/project_sync.ts";
import { collectSyncFacts, type SyncFacts } from "./sync_facts.ts";
import { fixSync } from "./sync_fix.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { draftOf, PROJECT_ID } from "#support/tasks.ts";

async function openQueue(): Promise<FakeQueue> {
  const world = new FakeWorld();
  world.disk.put("/home/ada/code/.reeve", `REEVE_PROJECT_ID=${PROJECT_ID}\n`);
  const queue = await fakeQueue({ world });
  optIn(queue.store, "ada", world.clock.now());
  return queue;
}

async function fix(
  { host, queueHost }: FakeQueue,
  change: (facts: SyncFacts) => SyncFacts = (facts) => facts,
): Promise<readonly string[]> {
  const place = findPlace(host);
  const facts = await collectSyncFacts(host, place, { asksServer: false });
  return fixSync(queueHost, place, change(facts));
}

/** What a fake directory has by itself says nothing here. */
function withoutModes(facts: SyncFacts): SyncFacts {
  return { ...facts, disk: { ...facts.disk, looseModes: [] } };
}

Deno.test("fixSync() takes both overflow files into the queue", async () => {
  const queue = await openQueue();
  const { queueHost, paths, host } = queue;
  const { unassigned } = findPlace(host);
  spill(queueHost, paths.overflow, [draftOf()]);
  const eventId = "01ARZ3NDEKTSV4RRFFQ69G5FAW";
  spill(queueHost, unassigned, [draftOf({ eventId })]);
  const done = await fix(queue, withoutModes);
  assertEquals(done.slice(0, 2), [
    `Imported 1 event from ${paths.overflow}.`,
    `Imported 1 event from ${unassigned}.`,
  ]);
  assertEquals(
    [queue.counts().captured, queue.counts().overflowBytes],
    [2, 0],
  );
  assertEquals((await fix(queue, withoutModes)).length, done.length - 2);
});

Deno.test("fixSync() lets the lease of a process go that is gone", async () => {
  const queue = await openQueue();
  const { world, store } = queue;
  const { pid } = world.addProcess();
  store.db.run(
    `INSERT INTO leases (name, owner, token, expires_at, pid, role)
     VALUES ('drain', 'x', 5, ?, ?, 'daemon')`,
    world.clock.now() + 1000,
    pid,
  );
  assert(!(await fix(queue)).join().includes("lease"));
  world.endProcess(pid);
  const done = await fix(queue);
  assert(
    done.includes(`Released the lease of process ${pid}, which is gone.`),
    done.join(),
  );
  assert((readHolder(store)?.expires_at ?? 0) <= world.clock.now());
  const row = store.db.get<{ token: number }>("SELECT token FROM leases");
  assertEquals(row?.token, 5, "numbers of holders only grow");
});

Deno.test("fixSync() does not write into a queue that may be damaged", async () => {
  const queue = await openQueue();
  spill(queue.queueHost, queue.paths.overflow, [draftOf()]);
  const done = await fix(queue, (facts) =>
    withoutModes({
      ...facts,
      queue: facts.queue.kind === "open"
        ? { ...facts.queue, integrity: { kind: "broken", text: "row 5" } }
        : facts.queue,
    }));
  assertEquals(done, ["The queue was left as it is: it may be damaged."]);
  assertEquals(queue.counts().captured, 0);
});

Deno.test("fixSync() makes no queue where there is none", async () => {
  const world = new FakeWorld();
  world.disk.put("/home/ada/code/.reeve", `REEVE_PROJECT_ID=${PROJECT_ID}\n`);
  const queue = await fakeQueue({ world });
  const done = await fix(queue, withoutModes);
  assertEquals(done, [
    "The queue was left as it is: it is not open to repairs.",
  ]);
  assertEquals(queue.host.blocking.stat(queue.paths.queue), undefined);
});

Deno.test("fixSync() leaves modes to the person and says so", async () => {
  const queue = await openQueue();
  const { world, paths } = queue;
  world.disk.put(paths.pending, "", { mode: 0o644 });
  world.disk.put(paths.overflow, "", { mode: 0o644 });
  const [first] = await fix(queue);
  assertEquals(
    first,
    "File modes were left as they are: the report has the lines to type.",
  );
});

Deno.test("fixSync() goes on after a step that the machine refuses", async () => {
  const queue = await openQueue();
  const { world, paths } = queue;
  spill(queue.queueHost, paths.overflow, [draftOf()]);
  world.failFiles(paths.overflow, "io", { operation: "takeLocked" });
  const done = await fix(queue, withoutModes);
  assertEquals(done[0], `Could not import ${paths.overflow}: io.`);
});
