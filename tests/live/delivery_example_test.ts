/** The example of the documentation, from its first event to the last. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { liveProject } from "#support/live_project.ts";
import { waitUntil } from "#support/wait_until.ts";

const EXAMPLE = "docs/examples/notes.ts";
const EVENTS = 10_000;
const NOBODY = { REEVE_TOKEN: "" };

Deno.test("ten thousand events survive being offline and a kill", async () => {
  await using project = await liveProject({ sync: { durability: "relaxed" } });
  const { receiver } = project.server;
  const offline = await project.start(EXAMPLE, [`${EVENTS}`], NOBODY).ended;
  assertEquals(offline.code, 0, offline.stderr);
  assertStringIncludes(offline.stdout, `${EVENTS} captured`);
  assertEquals(receiver.log.all(), []);
  assertEquals(project.counts().captured, EVENTS);
  receiver.faults.set("slow=100");
  const { child, ended } = project.startReeve(["sync", "now"]);
  await waitUntil("it delivers", () => receiver.countEvents() > 0);
  child.kill("SIGKILL");
  await ended;
  assert(receiver.countEvents() < EVENTS);
  receiver.faults.set();
  const again = await project.reeve(["sync", "now", "--json"]);
  assertEquals(again.code, 0, again.stderr);
  const { json } = await project.reeve(["sync", "status", "--json"]);
  assertEquals(json.queue.delivered, EVENTS);
  assertEquals([json.queue.ready, json.queue.inflight], [0, 0]);
  assertEquals(new Set(project.stored).size, EVENTS);
  assertEquals(receiver.countEvents(), EVENTS);
});

Deno.test("the example delivers a few events by itself when it ends", async () => {
  await using project = await liveProject();
  const { code, stderr } = await project.start(EXAMPLE, ["10"]).ended;
  assertEquals([code, stderr], [0, ""]);
  assertEquals(project.server.receiver.countEvents(), 10);
  assertEquals(project.counts().delivered, 10);
});
