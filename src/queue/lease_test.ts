import { assert, assertEquals, assertThrows } from "@std/assert";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import { optIn, optOut } from "./consent.ts";
import {
  acquireLease,
  LEASE_MS,
  LeaseLost,
  proveLease,
  readHolder,
} from "./lease.ts";

function acquire(queue: FakeQueue, host = queue.host) {
  return acquireLease(host, queue.store, { role: "command", waitMs: 0 });
}

Deno.test("acquireLease() gives each holder a higher token", async () => {
  const queue = await fakeQueue();
  const tokens: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const lease = await acquire(queue);
    assert("token" in lease);
    tokens.push(lease.token);
    lease[Symbol.dispose]();
  }
  assertEquals(tokens, [1, 2, 3]);
});

Deno.test("acquireLease() says who has it", async () => {
  const queue = await fakeQueue();
  using lease = await acquire(queue) as Disposable;
  assert(lease !== undefined);
  const other = queue.world.host();
  const now = queue.host.clock.now();
  assertEquals(await acquire(queue, other), {
    busy: {
      pid: queue.host.env.pid,
      role: "command",
      "expires_at": now + LEASE_MS,
    },
  });
});

Deno.test("acquireLease() gets the lease of a process that was killed", async () => {
  const queue = await fakeQueue();
  const other = queue.world.host();
  const lost = await acquire(queue, other);
  assert("token" in lost);
  queue.world.endProcess(other.env.pid);
  using lease = await acquire(queue) as { token: number } & Disposable;
  assertEquals(lease.token, lost.token + 1);
  assertEquals(readHolder(queue.store)?.pid, queue.host.env.pid);
});

Deno.test("acquireLease() releases the lock when the queue refuses", async () => {
  const queue = await fakeQueue();
  const { db } = queue.store;
  db.exec("ALTER TABLE leases RENAME TO gone");
  let message = "";
  await acquire(queue).catch((error) => message = error.message);
  assertEquals(message, "no such table: leases");
  db.exec("ALTER TABLE gone RENAME TO leases");
  using lease = await acquire(queue) as Disposable;
  assert("token" in lease);
});

Deno.test("readHolder() knows nobody at first", async () => {
  const queue = await fakeQueue();
  assertEquals(readHolder(queue.store), undefined);
});

Deno.test("proveLease() renews the lease of its holder", async () => {
  const queue = await fakeQueue();
  proveLease(queue.store, queue.takeLease(), 5000);
  assertEquals(readHolder(queue.store)?.expires_at, 5000 + LEASE_MS);
});

Deno.test.each([{ token: 0 }, { token: 1 }, { token: 3 }])(
  "proveLease() refuses token $token when the lease has token 2",
  async (lease) => {
    const queue = await fakeQueue();
    queue.takeLease();
    queue.takeLease();
    assertThrows(() => proveLease(queue.store, lease, 1), LeaseLost);
    assertEquals(readHolder(queue.store)?.expires_at, 0);
  },
);

Deno.test("an old token changes nothing at all", async () => {
  const queue = await fakeQueue();
  optIn(queue.store, "ada", 1);
  queue.change("t1");
  queue.change("t2");
  const old = queue.takeLease();
  const batch = queue.claim(old, { maxEvents: 1 });
  assert(batch !== undefined);
  queue.takeLease();
  const dump = () =>
    ["meta", "events", "deliveries", "batches", "leases", "target"]
      .map((table) => queue.rows(`SELECT * FROM ${table}`));
  const before = dump();
  assertThrows(() => queue.claim(old), LeaseLost);
  assertThrows(
    () => queue.settle(old, batch, { kind: "delivered" }),
    LeaseLost,
  );
  assertThrows(() => queue.requeue(old, "asked"), LeaseLost);
  assertEquals(dump(), before);
  optOut(queue.store, "ada", 2);
});
