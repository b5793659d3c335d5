/** `reeve sync now` as a process: killed, interrupted, twice at once. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type LiveProject, liveProject } from "#support/live_project.ts";
import { waitUntil } from "#support/wait_until.ts";
import { residueOf } from "../../src/queue/counts.ts";

const NOW = ["sync", "now", "--json"];

/** Small requests, so that there is a middle. */
const SMALL = { batch: { "max_events": 20 } };

function assertDelivered(project: LiveProject, ids: readonly string[]): void {
  assertEquals(project.stored.toSorted(), [...ids].toSorted());
  const counts = project.counts();
  assertEquals([residueOf(counts), counts.delivered], [0, ids.length]);
}

Deno.test("sync now that is killed loses and doubles nothing", async () => {
  for (let seed = 0; seed < 6; seed++) {
    await using project = await liveProject({ sync: SMALL });
    const { receiver } = project.server;
    receiver.faults.set("slow=5");
    const ids = project.fill(100);
    const { child, ended } = project.startReeve(NOW);
    await waitUntil(
      "some of it is under way",
      () => receiver.log.batches().length > seed % 4,
    );
    child.kill("SIGKILL");
    assertEquals((await ended).signal, "SIGKILL");
    receiver.faults.set();
    const again = await project.reeve(NOW);
    assertEquals([again.code, again.json.queue.residue], [0, 0], again.stderr);
    assertDelivered(project, ids);
  }
});

Deno.test.each(["SIGTERM", "SIGINT"] as const)(
  "%s ends sync now in order, and loses nothing",
  async (signal) => {
    await using project = await liveProject({ sync: SMALL });
    const { receiver } = project.server;
    const ids = project.fill(100);
    receiver.faults.set("slow=200");
    const { child, ended } = project.startReeve(NOW);
    await waitUntil("it delivers", () => receiver.log.batches().length > 1);
    const before = performance.now();
    child.kill(signal);
    const { code, json, stderr } = await ended;
    assert(performance.now() - before < 2000);
    assertEquals(json.pass["stopped_because"], "interrupted", stderr);
    assert(code !== 0);
    // Nothing is left in flight that nobody knows of.
    const { inflight, ready, delivered } = project.counts();
    assertEquals([inflight, ready + delivered], [0, 100]);
    assert(ready > 0);
    receiver.faults.set();
    assertEquals((await project.reeve(NOW)).code, 0);
    assertDelivered(project, ids);
  },
);

Deno.test("two sync now at once send no event at the same time", async () => {
  await using project = await liveProject({ sync: SMALL });
  const { receiver } = project.server;
  receiver.faults.set("slow=10");
  const ids = project.fill(200);
  const results = await Promise.all([
    project.reeve(NOW),
    project.reeve(NOW),
    project.reeve(NOW),
  ]);
  for (const { code, json, stderr } of results) {
    assertEquals(code, 0, stderr);
    assertEquals(json.queue.residue, 0);
  }
  const sent = receiver.log.batches().flatMap(({ ids }) => ids);
  assertEquals(sent.length, 200);
  assertEquals(new Set(sent).size, 200);
  assertDelivered(project, ids);
  const accepted = results.map(({ json }) => json.pass.accepted);
  assertEquals(accepted.reduce((sum, n) => sum + n, 0), 200);
});

Deno.test("sync now beside one that hangs says who has the queue", async () => {
  await using project = await liveProject();
  const { receiver } = project.server;
  project.fill(5);
  receiver.faults.set("slow=20000");
  const first = project.startReeve(NOW);
  await waitUntil("it delivers", () => receiver.log.batches().length > 0);
  const second = await project.reeve(["sync", "now", "--timeout", "1"]);
  assertEquals(second.code, 1, second.stderr);
  assertStringIncludes(second.stdout, `process ${first.child.pid}`);
  first.child.kill("SIGTERM");
  const { json } = await first.ended;
  assertEquals(json.queue.ready, 5);
  assertEquals(project.counts().inflight, 0);
});

Deno.test("sync now waits for a server that asks for a little time", async () => {
  await using project = await liveProject();
  const { receiver } = project.server;
  receiver.faults.set("throttle=1:1");
  const ids = project.fill(5);
  const before = performance.now();
  const { code, json } = await project.reeve(NOW);
  assertEquals([code, json.pass.accepted], [0, 5]);
  assert(performance.now() - before >= 900);
  assertDelivered(project, ids);
});

Deno.test("sync now does not wait for a server that asks for an hour", async () => {
  await using project = await liveProject();
  const { receiver } = project.server;
  receiver.faults.set("throttle=3600");
  project.fill(5);
  const { code, json } = await project.reeve(NOW);
  assertEquals([code, json.pass["stopped_because"]], [3, "throttled"]);
  const waitMs = Date.parse(json.pass["next_attempt_at"]) - Date.now();
  assert(waitMs > 3_500_000 && waitMs <= 3_600_000, `${waitMs}`);
  receiver.faults.set();
  const again = await project.reeve(NOW);
  assertEquals([again.code, again.json.pass.requests], [3, 0]);
});

Deno.test("a signal ends the wait for a server that asks for time", async () => {
  await using project = await liveProject();
  const { receiver } = project.server;
  receiver.faults.set("throttle=20");
  project.fill(5);
  const { child, ended } = project.startReeve(NOW);
  await waitUntil("it is told to wait", () => {
    const [batch] = receiver.log.batches();
    return batch?.status === 429;
  });
  await waitUntil("it waits", () => project.counts().inflight === 0);
  const before = performance.now();
  child.kill("SIGINT");
  const { json } = await ended;
  assert(performance.now() - before < 2000);
  assertEquals(json.pass["stopped_because"], "interrupted");
  assertEquals(project.counts().ready, 5);
});

Deno.test("sync now of one who is not signed in exits with 4", async () => {
  await using project = await liveProject();
  project.fill(2);
  const { code, json } = await project.reeve(NOW, { REEVE_TOKEN: "" });
  assertEquals([code, json.pass["stopped_because"]], [4, "auth_required"]);
  assertEquals(project.server.receiver.log.all(), []);
});

Deno.test("sync now without a server exits with 3 and says that all is safe", async () => {
  await using project = await liveProject();
  project.fill(2);
  const env = { REEVE_SERVER_URL: "http://127.0.0.1:9" };
  const { code, stdout } = await project.reeve(["sync", "now"], env);
  assertEquals(code, 3, stdout);
  assertStringIncludes(stdout, "your events are safe");
});
