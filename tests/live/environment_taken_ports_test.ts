/** Ports that somebody takes between their reservation and their use. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type EnvironmentWorld,
  makeEnvironmentWorld,
  pidOf,
  serviceOf,
  unitCommand,
} from "#support/environment_world.ts";
import { freePort } from "#support/unit_world.ts";
import { takeLease } from "../../src/environment/lifecycle_lease.ts";
import { retireRun } from "../../src/environment/run_repository.ts";
import type { Host } from "../../src/host/host.ts";
import { readEvents } from "#support/environment_events.ts";

/** A machine on which somebody takes the ports of the first services. */
function withThief(
  { host }: EnvironmentWorld,
  times: number,
): { readonly host: Host; readonly taken: Deno.Listener[] } & Disposable {
  const taken: Deno.Listener[] = [];
  const { processes } = host;
  return {
    taken,
    host: {
      ...host,
      processes: {
        ...processes,
        spawnService(command) {
          const port = Number(command.env["PORT"]);
          if (taken.length < times) {
            taken.push(Deno.listen({ hostname: "127.0.0.1", port }));
          }
          return processes.spawnService(command);
        },
      },
    },
    [Symbol.dispose]() {
      for (const one of taken) one.close();
    },
  };
}

function oneService(port: number): Record<string, string> {
  return {
    "REEVE_SERVICES": "api",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(port),
  };
}

const NOBODY = new AbortController().signal;

Deno.test("a port that is taken meanwhile is no failure", async () => {
  await using world = await makeEnvironmentWorld();
  await world.settings(oneService(freePort()));
  using thief = withThief(world, 2);
  const report = await world.start({}, NOBODY, thief.host);
  assertEquals([report.kind, report.failure], ["started", undefined]);
  const stolen = thief.taken.map(({ addr }) => (addr as Deno.NetAddr).port);
  const service = serviceOf(report.run, "api");
  const [plan] = report.run?.ports ?? [];
  assert(!stolen.includes(service.actualPort ?? 0), `${service.actualPort}`);
  assertEquals(
    [plan?.source, plan?.final, plan?.requested, (plan?.retries ?? 0) >= 2],
    ["retry", service.actualPort, stolen[0], true],
  );
  const retried = (await readEvents(world)).filter(({ event }) =>
    event === "port.retried"
  );
  assertEquals(retried.map(({ taken }) => taken), stolen);
  assertEquals(retried.at(-1)?.["next"], service.actualPort);
  // Nothing of the vain attempts is left.
  assertEquals((await world.running()).length, 1);
  assertEquals((await world.stop()).kept, []);
});

Deno.test("after three other ports it fails, and names who is in the way", async () => {
  await using world = await makeEnvironmentWorld();
  await world.settings(oneService(freePort()));
  using thief = withThief(world, 9);
  const report = await world.start({}, NOBODY, thief.host);
  assertEquals([report.kind, thief.taken.length], ["failed", 4]);
  assertMatch(
    report.failure ?? "",
    new RegExp(`taken by process ${Deno.pid} \\(deno\\)`),
  );
  assertMatch(report.hint ?? "", /Free the port/);
  assertEquals(await world.running(), []);
});

Deno.test("words about a port are no evidence that it is taken", async () => {
  await using world = await makeEnvironmentWorld();
  await world.settings({
    ...oneService(freePort()),
    "REEVE_SERVICE_API_CMD": unitCommand(
      "crash",
      "OSError: [Errno 98] Address already in use",
      "1",
    ),
  });
  const report = await world.start();
  assertEquals(report.kind, "failed");
  assertMatch(report.failure ?? "", /Address already in use/);
  assertEquals(world.steps.filter((one) => one === "api starting").length, 1);
  const events = await readEvents(world);
  assertEquals(events.filter(({ event }) => event === "port.retried"), []);
});

Deno.test("a port that the environment sets is taken as it is, or not at all", async () => {
  const [port, other] = [freePort(), freePort()];
  await using world = await makeEnvironmentWorld({
    "REEVE_SERVICE_API_PORT": String(port),
  });
  await world.settings(oneService(other));
  {
    using _ = Deno.listen({ hostname: "127.0.0.1", port });
    const refused = await world.start();
    assertEquals(refused.kind, "failed");
    assertMatch(
      refused.failure ?? "",
      new RegExp(
        `^Cannot give port ${port} to Main api: process ${Deno.pid} \\(deno\\) has it`,
      ),
    );
    assertMatch(refused.hint ?? "", /Free it, or set another port/);
    assertEquals(await world.running(), []);
  }
  {
    using thief = withThief(world, 1);
    const refused = await world.start({}, NOBODY, thief.host);
    assertEquals(refused.kind, "failed");
    assertMatch(
      refused.failure ?? "",
      new RegExp(`its port ${port} is taken by process ${Deno.pid}`),
    );
  }
  const report = await world.start();
  const [plan] = report.run?.ports ?? [];
  assertEquals(
    [report.kind, plan?.source, plan?.final],
    ["started", "env", port],
  );
  assertEquals((await world.stop()).kept, []);
});

Deno.test("what a run that is over has left gives its port back", async () => {
  await using world = await makeEnvironmentWorld();
  const port = freePort();
  await world.settings(oneService(port));
  const first = await world.start();
  const before = pidOf(first.run, "api");
  const { paths } = await world.open();
  {
    using lease = await takeLease(world.host, paths, "a test");
    await retireRun(world.host, paths, lease, first.run?.runId ?? "");
  }
  const second = await world.start();
  const service = serviceOf(second.run, "api");
  assertEquals([second.kind, service.actualPort], ["started", port]);
  assertEquals(await world.running(), [pidOf(second.run, "api")]);
  assert(pidOf(second.run, "api") !== before);
  assertEquals((await world.stop()).kept, []);
});
