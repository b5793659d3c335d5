/** Another workspace, person or server between a capture and its delivery. */

import { assertEquals } from "@std/assert";
import { liveProject } from "#support/live_project.ts";
import { realDelivery } from "#support/real_delivery.ts";
import { startReceiver } from "#support/receiver.ts";
import { PROJECT_ID } from "#support/tasks.ts";
import { readTarget } from "../../src/queue/target.ts";

const NOW = ["sync", "now", "--json"];

interface Bound {
  readonly url: string;
  readonly workspace: string;
  readonly account: string;
  readonly former: Omit<Bound, "former">;
}

Deno.test("another workspace gets what is left, the project stays the same", async () => {
  await using project = await liveProject();
  const { queue, server } = project;
  const first = project.fill(3);
  assertEquals((await project.reeve(NOW)).code, 0);
  const second = project.fill(2);
  await Deno.writeTextFile(
    `${project.sandbox.root}/config.json`,
    JSON.stringify({ "schema_version": 1, sync: { workspace: "other" } }),
  );
  // The receiver knows no such workspace: nothing goes anywhere else instead.
  const { code, json } = await project.reeve(NOW);
  assertEquals([code, json.pass["stopped_because"]], [1, "forbidden"]);
  assertEquals(project.stored, first);
  assertEquals(readTarget(queue.store).workspace, "other");
  const audit = queue.store.db.all<{ details: string }>(
    "SELECT details FROM audit WHERE action = 'bind_target' ORDER BY a_id",
  ).map(({ details }): Bound => JSON.parse(details));
  assertEquals(audit.map(({ workspace }) => workspace), [
    server.workspace,
    "other",
  ]);
  assertEquals(audit[1]?.former.workspace, server.workspace);
  await Deno.writeTextFile(
    `${project.sandbox.root}/config.json`,
    JSON.stringify({
      "schema_version": 1,
      sync: { workspace: server.workspace },
    }),
  );
  assertEquals((await project.reeve(NOW)).code, 0);
  assertEquals(project.stored, [...first, ...second]);
  const projects = server.receiver.bodies().map((body) =>
    JSON.parse(body)["project_uuid"]
  );
  assertEquals(new Set(projects), new Set([PROJECT_ID]));
});

Deno.test("another server gets only what is left, and starts afresh", async () => {
  await using delivery = await realDelivery();
  await using other = await startReceiver();
  const first = delivery.emit(4);
  await delivery.drain({ maxEvents: 2 });
  delivery.server.receiver.faults.set("error=503");
  await delivery.drain();
  assertEquals(readTarget(delivery.queue.store).circuit, "open");
  const { workspace, token: accessToken, url: server } = other;
  const token = { accessToken, workspace, account: "bob", server };
  const tokens = {
    current: () => Promise.resolve(token),
    refresh: () => Promise.resolve(token),
  };
  const report = await delivery.drain({ tokens });
  assertEquals([report.stoppedBecause, report.accepted], ["done", 2]);
  assertEquals(delivery.stored, first.slice(0, 2));
  const ids = other.receiver.bodies().map((body) =>
    JSON.parse(body)["event_id"]
  );
  assertEquals(ids, first.slice(2));
  const target = readTarget(delivery.queue.store);
  assertEquals([target.account, target.circuit, target.failures], [
    "bob",
    "closed",
    0,
  ]);
});

Deno.test("a person who changes during a pass gets nothing of it", async () => {
  await using delivery = await realDelivery();
  await using other = await startReceiver();
  delivery.emit(3);
  delivery.server.receiver.faults.set("expire-tokens=0");
  const { token } = delivery;
  const next = {
    ...token,
    accessToken: other.token,
    account: "bob",
    server: other.url,
  };
  const report = await delivery.drain({
    tokens: {
      current: () => Promise.resolve(token),
      refresh: () => Promise.resolve(next),
    },
  });
  assertEquals(report.stoppedBecause, "transient");
  assertEquals(other.receiver.log.all(), []);
  assertEquals(delivery.stored, []);
  const { ready, inflight } = delivery.counts();
  assertEquals([ready, inflight], [3, 0]);
  delivery.server.receiver.faults.set();
  assertEquals((await delivery.drain()).accepted, 3);
});
