import { assertEquals, assertRejects } from "@std/assert";
import { FakeWorld } from "#support/fake_host.ts";
import { A, B, request, reserve, ROOT } from "#support/port_claims.ts";
import { KnownError } from "../errors.ts";
import { forgetProjects, reservePorts, viewPorts } from "./port_ledger.ts";

Deno.test("what one command reserves no other one gets", async () => {
  const world = new FakeWorld();
  assertEquals(await reserve(world.host(), A), [8000, 3000]);
  assertEquals(await reserve(world.host(), B), [8001, 3001]);
  assertEquals(await reserve(world.host(), A), [8002, 3002]);
});

Deno.test("a command gets its own reservation again", async () => {
  const world = new FakeWorld();
  const host = world.host();
  assertEquals(await reserve(host), [8000, 3000]);
  assertEquals(await reserve(host), [8000, 3000]);
  assertEquals((await viewPorts(host, ROOT)).entries.length, 2);
});

Deno.test("a reservation ends with its command", async () => {
  const world = new FakeWorld();
  const host = world.host();
  await reserve(host);
  world.endProcess(host.env.pid);
  assertEquals(await reserve(world.host(), B), [8000, 3000]);
});

Deno.test("a stranger's port is passed over and named when it is set", async () => {
  const world = new FakeWorld();
  const stranger = world.addProcess();
  stranger.listen({ port: 8000 });
  const host = world.host();
  const [api] = await reservePorts(host, ROOT, request(A));
  assertEquals([api?.assigned, api?.source, api?.retries], [8001, "retry", 1]);
  const fixed = (port: number) => ({
    ...request(B),
    wishes: [{ project: "Main", unit: "api", fixed: port }],
  });
  await assertRejects(
    () => reservePorts(host, ROOT, fixed(8000)),
    KnownError,
    `: process ${stranger.pid} (`,
  );
  await assertRejects(
    () => reservePorts(host, ROOT, fixed(8001)),
    KnownError,
    `Main api of ${A} (the command ${host.env.pid}) has it`,
  );
});

Deno.test("twenty projects at once have ports that differ and stay", async () => {
  const world = new FakeWorld();
  const projects = Array.from({ length: 20 }, (_, n) => `feat-${n}`);
  const start = async (): Promise<readonly number[]> => {
    const starts = projects.map((project) =>
      reservePorts(world.host(), ROOT, {
        ...request(A, [project]),
        projects,
      })
    );
    await world.advance(60_000);
    const plans = (await Promise.all(starts)).flat();
    return plans.map(({ assigned }) => assigned);
  };
  const ports = await start();
  assertEquals(new Set(ports).size, 40);
  for (const process of world.table.all()) world.endProcess(process.pid);
  assertEquals(await start(), ports);
});

Deno.test("a slot that was given back is given again", async () => {
  const world = new FakeWorld();
  const host = world.host();
  await reserve(host, A, ["a", "b"]);
  await forgetProjects(host, ROOT, A, ["a"]);
  assertEquals(await reserve(world.host(), A, ["c"]), [8020 + 1, 3020 + 1]);
});

Deno.test("a command that cannot see itself reserves nothing", async () => {
  const world = new FakeWorld();
  const host = world.host();
  world.hideProcess(host.env.pid);
  await assertRejects(() => reserve(host), KnownError, "our own process");
});
