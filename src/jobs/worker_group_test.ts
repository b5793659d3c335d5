import { assertEquals } from "@std/assert";
import { QUEUE, workerWorld } from "#support/scripted_backend.ts";
import { WorkerGroup } from "./worker_group.ts";

Deno.test("a group stops its workers at the same time and adds up", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a", "b", "c"]);
  const group = new WorkerGroup(host);
  const handles = [1, 2, 3].map(() =>
    group.process(backend, QUEUE, async ({ id, signal }) => {
      await clock.sleep(id === "a" ? 500 : 60_000, signal);
      signal.throwIfAborted();
    })
  );
  await clock.advance(1);
  assertEquals(handles.map(({ running }) => running), [1, 1, 1]);
  assertEquals(handles.map(({ queue }) => queue), [QUEUE, QUEUE, QUEUE]);
  const report = await group.stop({ deadlineMs: 1000 });
  assertEquals([report.finished, report.returned], [1, 2]);
  assertEquals((await group.stop()).returned, 0);
  assertEquals(report.ms, 1000);
  assertEquals(handles.map(({ counts }) => counts.returned), [0, 1, 1]);
  assertEquals(clock.open, 0);
});

Deno.test("a group without workers stops at once, also twice", async () => {
  const { host, backend } = workerWorld();
  const group = new WorkerGroup(host);
  const nothing = { finished: 0, returned: 0, ms: 0 };
  assertEquals(await group.stop(), nothing);
  group.process(backend, QUEUE, () => {});
  const stops = [group.stop(), group.stop()];
  assertEquals(await Promise.all(stops), [nothing, nothing]);
});

Deno.test("a group forgets a worker that was stopped alone", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a", "b"]);
  const group = new WorkerGroup(host);
  const sleep = () => host.clock.sleep(100);
  const alone = group.process(backend, QUEUE, sleep);
  group.process(backend, QUEUE, sleep);
  await host.clock.advance(1);
  assertEquals((await alone.stop()).finished, 1);
  await host.clock.advance(1);
  assertEquals((await group.stop()).finished, 0);
});

Deno.test("a group takes workers again after a stop", async () => {
  const { host, backend } = workerWorld();
  const group = new WorkerGroup(host);
  await group.stop();
  backend.add(["a"]);
  group.process(backend, QUEUE, () => {});
  await host.clock.advance(1);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  await group.stop();
});
