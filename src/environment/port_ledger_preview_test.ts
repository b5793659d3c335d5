import { assertEquals } from "@std/assert";
import { FakeWorld } from "#support/fake_host.ts";
import {
  A,
  API,
  identityOf,
  request,
  reserve,
  ROOT,
} from "#support/port_claims.ts";
import { handOverPorts, previewPorts, reservePorts } from "./port_ledger.ts";

Deno.test("a preview is what a start then reserves, and changes nothing", async () => {
  const world = new FakeWorld();
  world.addProcess().listen({ port: 8020 });
  const projects = ["Main", "a", "b"];
  const shown = await previewPorts(world.host(), ROOT, request(A, projects));
  assertEquals(world.disk.texts(), {});
  // Only the last one starts: it has the slot that the preview showed.
  const one = {
    ...request(A, projects),
    wishes: [{ project: "b", unit: "api" }],
  };
  const [plan] = await reservePorts(world.host(), ROOT, one);
  assertEquals(plan, shown.find(({ project }) => project === "b"));
  assertEquals(plan?.assigned, 8040);
  const again = await previewPorts(world.host(), ROOT, request(A, projects));
  assertEquals(
    again.map(({ assigned }) => assigned),
    shown.map(({ assigned }) => assigned),
  );
});

Deno.test("a unit that runs is shown with the port that it has", async () => {
  const world = new FakeWorld();
  const host = world.host();
  await reserve(host);
  const { pid } = world.addProcess();
  world.table.find(pid)?.listen({ port: 8004 });
  const identity = identityOf(host, pid);
  await handOverPorts(host, ROOT, [{ ...API, port: 8004, identity }]);
  const [api] = await previewPorts(world.host(), ROOT, request(A));
  assertEquals(api?.assigned, 8004);
});
