/** Who waits for whom, and for how long. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { readEvents } from "#support/environment_events.ts";
import {
  makeEnvironmentWorld,
  pidOf,
  serviceOf,
  unitCommand,
} from "#support/environment_world.ts";
import { freePorts } from "#support/unit_world.ts";
import { waitUntil } from "#support/wait_until.ts";
import { denoHost } from "../../src/host/deno_host.ts";

// The C library stays open for the life of a process.
await denoHost.processes.hold(2 ** 30);

/** A service that runs and, after a moment, does not listen any more. */
async function reloading(timeout: string) {
  const world = await makeEnvironmentWorld();
  const [api = 0, web = 0] = freePorts(2);
  const closed = `${world.root}/closed`;
  const first = {
    "REEVE_SERVICES": "api",
    "REEVE_SERVICE_API_CMD": unitCommand("toggle", "{port}", closed),
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_SERVICE_API_READY_TIMEOUT": timeout,
  };
  await world.settings(first);
  const { run } = await world.start();
  await Deno.writeTextFile(closed, "");
  await waitUntil("it does not listen", async () => {
    const [seen] = await world.look();
    return seen?.units[0]?.truth.status === "starting";
  });
  await world.settings({
    ...first,
    "REEVE_SERVICES": "api,web",
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_WEB_PORT": String(web),
    "REEVE_SERVICE_WEB_DEPENDS_ON": "api",
  });
  world.steps.length = 0;
  return { world, closed, pid: pidOf(run, "api") };
}

Deno.test("nobody starts before a service that is up and not ready", async () => {
  const { world, closed, pid } = await reloading("60s");
  await using _ = world;
  const starting = world.start();
  await waitUntil(
    "it is waited for",
    () =>
      world.steps.includes("web waiting") &&
      world.steps.includes("api starting"),
  );
  await denoHost.clock.sleep(200);
  assert(!world.steps.includes("web starting"), world.steps.join());
  await Deno.remove(closed);
  const report = await starting;
  assertEquals([report.kind, report.failure], ["resumed", undefined]);
  assertEquals(
    world.steps.filter((one) => /ready|starting/.test(one)),
    ["api starting", "api ready", "web starting", "web ready"],
  );
  assertEquals(pidOf(report.run, "api"), pid);
  await world.stop();
});

Deno.test("who needs a service that does not get ready is not started", async () => {
  const { world, pid } = await reloading("3s");
  await using _ = world;
  const report = await world.start();
  assertEquals(report.kind, "failed");
  assertMatch(
    report.failure ?? "",
    /^Main Web was not started: it needs Main Api, which is not ready$/,
  );
  assert(!world.steps.includes("web starting"), world.steps.join());
  // Nobody has said that it is of no use any more.
  assertEquals(await world.running(), [pid]);
  await world.stop();
});

Deno.test("each silent service has its own time, and no more", async () => {
  await using world = await makeEnvironmentWorld();
  const [api = 0, web = 0] = freePorts(2);
  await world.settings({
    "REEVE_SERVICES": "api,web",
    "REEVE_SERVICE_API_CMD": unitCommand("work"),
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_SERVICE_API_READY_TIMEOUT": "300ms",
    "REEVE_SERVICE_API_CRITICAL": "false",
    "REEVE_SERVICE_WEB_CMD": unitCommand("say", "3"),
    "REEVE_SERVICE_WEB_PORT": String(web),
    "REEVE_SERVICE_WEB_READY_TIMEOUT": "900ms",
    "REEVE_SERVICE_WEB_CRITICAL": "false",
  });
  const report = await world.start();
  assertEquals(report.kind, "started");
  const failures = new Map(
    (await readEvents(world)).filter(({ event }) => event === "service.failure")
      .map((line) => [line["unit"], line["reason"]]),
  );
  assertEquals([...failures], [["api", "timeout"], ["web", "timeout"]]);
  const texts = ["api", "web"].map((slug) =>
    serviceOf(report.run, slug).failure ?? ""
  );
  assertMatch(texts[0] ?? "", /after 300 ms: .* has written nothing/);
  assertMatch(texts[1] ?? "", /after 900 ms: .*its log ends with: line 2/);
  assertEquals(await world.running(), []);
});
