import { assert, assertEquals, assertThrows } from "@std/assert";
import { fakeQueue } from "#support/fake_queue.ts";
import { HostError } from "../host/host.ts";
import { newClockEpoch, repair } from "./repair.ts";

Deno.test("repair() gives a damaged queue another name and keeps each byte", async () => {
  const { world, queueHost, paths } = await fakeQueue();
  world.disk.put(paths.queue, "not a database");
  world.disk.put(`${paths.queue}-wal`, "its journal");
  world.disk.put(`${paths.queue}-shm`, "its memory");
  repair(queueHost, paths);
  const aside = `${paths.directory}/queue.corrupt-2026-01-02T03-04-05-000Z.db`;
  assertEquals(world.disk.textOf(aside), "not a database");
  assertEquals(world.disk.textOf(`${aside}-wal`), "its journal");
  assertEquals(world.disk.textOf(`${aside}-shm`), "its memory");
  assertEquals(world.disk.textOf(paths.queue), undefined);
});

Deno.test("repair() leaves a sound queue where it is", async () => {
  const queue = await fakeQueue();
  queue.change("a");
  repair(queue.queueHost, queue.paths);
  assertEquals(queue.open().db.get("SELECT seq FROM meta"), { seq: 1 });
});

Deno.test("repair() leaves alone what others have repaired meanwhile", async () => {
  const queue = await fakeQueue();
  queue.world.disk.put(queue.paths.queue, "not a database");
  repair(queue.queueHost, queue.paths);
  queue.change("a");
  repair(queue.queueHost, queue.paths);
  assertEquals(queue.counts().captured, 1);
});

Deno.test("repair() replaces nothing that it has put aside before", async () => {
  const { world, queueHost, paths } = await fakeQueue();
  for (const text of ["first", "second", "third"]) {
    world.disk.put(paths.queue, text);
    repair(queueHost, paths);
  }
  const kept = Object.entries(world.disk.texts())
    .filter(([path]) => path.includes("queue.corrupt-"))
    .map(([, text]) => text);
  assertEquals(kept, ["first", "second", "third"]);
});

Deno.test("repair() passes on that it may not look", async () => {
  const { world, queueHost, paths } = await fakeQueue();
  world.disk.put(paths.queue, "not a database");
  world.failFiles(paths.queue, "permission_denied", {
    operation: "openDatabase",
  });
  const error = assertThrows(() => repair(queueHost, paths), HostError);
  assertEquals(error.code, "permission_denied");
  assertEquals(world.disk.textOf(paths.queue), "not a database");
});

Deno.test("newClockEpoch() is 1 where nothing was ever damaged", async () => {
  const { queueHost, paths, world } = await fakeQueue();
  assertEquals(newClockEpoch(queueHost, paths), 1);
  world.disk.put(`${paths.directory}/queue.corrupt-by-hand.db`, "");
  assertEquals(newClockEpoch(queueHost, paths), 1);
});

Deno.test("newClockEpoch() grows with each loss, whatever the clock does", async () => {
  const { queueHost, paths, world } = await fakeQueue();
  const year = 365 * 24 * 60 * 60 * 1000;
  const now = world.clock.now();
  const epochs = [newClockEpoch(queueHost, paths)];
  for (const atMs of [now, now, now + 10 * year, now, now - year, now + 1]) {
    world.clock.setWall(atMs);
    world.disk.put(paths.queue, "damaged");
    repair(queueHost, paths);
    epochs.push(newClockEpoch(queueHost, paths));
  }
  assert(
    epochs.every((epoch, at) => at === 0 || epoch > (epochs[at - 1] ?? 0)),
  );
});

Deno.test("newClockEpoch() counts for a queue that somebody else makes anew", async () => {
  const queue = await fakeQueue();
  queue.change("a");
  queue.world.disk.put(queue.paths.queue, "damaged");
  // Its process ends right after, so the next one finds no queue at all.
  repair(queue.queueHost, queue.paths);
  const { db } = (await fakeQueue({ world: queue.world })).store;
  const meta = db.get<{ "clock_epoch": number }>(
    "SELECT clock_epoch FROM meta",
  );
  assert((meta?.clock_epoch ?? 0) > 1);
});
