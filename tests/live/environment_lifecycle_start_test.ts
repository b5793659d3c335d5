/** What was started is there, stays there, and comes back when it is killed. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  makeEnvironmentWorld,
  pidOf,
  serviceOf,
  unitCommand,
} from "#support/environment_world.ts";
import { freePorts } from "#support/unit_world.ts";
import { waitUntil } from "#support/wait_until.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { viewPorts } from "../../src/environment/port_ledger.ts";
import { readRuns } from "../../src/environment/run_repository.ts";
import { healthOf } from "../../src/environment/observe.ts";

async function isAlive(pid: number): Promise<boolean> {
  const seen = (await denoHost.processes.inspect([pid])).get(pid);
  return seen?.kind === "found" && seen.facts.state !== "zombie";
}

async function twoServices() {
  const world = await makeEnvironmentWorld();
  const [api = 0, web = 0] = freePorts(2);
  await world.settings({
    "REEVE_SERVICES": "api,web",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}", "delay=100"),
    "REEVE_SERVICE_WEB_PORT": String(web),
    "REEVE_SERVICE_WEB_DEPENDS_ON": "api",
  });
  return { world, api, web };
}

Deno.test("two services start, listen and are written down", async () => {
  const { world, api, web } = await twoServices();
  await using _ = world;
  const report = await world.start();
  assertEquals([report.kind, report.failure], ["started", undefined]);
  assertEquals(serviceOf(report.run, "api").actualPort, api);
  assertEquals(serviceOf(report.run, "web").actualPort, web);
  assert(
    world.steps.indexOf("api ready") < world.steps.indexOf("web starting"),
    `${world.steps}`,
  );
  const [run] = await world.look();
  assertEquals(run?.run.runId, report.run?.runId);
  assertEquals(run?.units.map(({ truth }) => truth.status), [
    "running",
    "running",
  ]);
  assertEquals(healthOf(run === undefined ? [] : [run]).overall, "healthy");
  const { paths } = await world.open();
  const names = ["run_state", "runtime_map", "ports_manifest"];
  for (const name of [...names, "error_report", "readiness_report"]) {
    const text = await Deno.readTextFile(`${paths.directory}/${name}.json`);
    assertEquals(JSON.parse(text).run_id, report.run?.runId, name);
  }
  const events = await Deno.readTextFile(paths.events);
  assertMatch(events, /"event":"service.ready"/);
  const listeners = await denoHost.processes.listeners({
    first: api,
    end: api + 1,
  });
  assert(listeners.kind === "table");
  assertEquals(listeners.listeners[0]?.pids, [pidOf(report.run, "api")]);
  const ledger = await viewPorts(world.host, paths);
  assertEquals(
    ledger.entries.map(({ port, owner }) => [port, owner.kind, owner.pid])
      .toSorted(),
    [
      [api, "unit", pidOf(report.run, "api")],
      [web, "unit", pidOf(report.run, "web")],
    ].toSorted(),
  );
  const stopped = await world.stop();
  assertEquals((await viewPorts(world.host, paths)).entries, []);
  assertEquals(stopped.stopped.toSorted(), ["Main Api", "Main Web"]);
  assertEquals(await world.running(), []);
  assertEquals(await world.look(), []);
});

Deno.test("a second start goes on with the same run and the same processes", async () => {
  const { world } = await twoServices();
  await using _ = world;
  const first = await world.start();
  const { paths } = await world.open();
  const { generation } = await readRuns(world.host, paths);
  const second = await world.start();
  assertEquals([second.kind, second.failure], ["resumed", undefined]);
  // What has not changed is not written again.
  assertEquals((await readRuns(world.host, paths)).generation, generation);
  assertEquals(second.run?.runId, first.run?.runId);
  for (const slug of ["api", "web"]) {
    assertEquals(pidOf(second.run, slug), pidOf(first.run, slug));
  }
  assertEquals((await world.running()).length, 2);
  await world.stop();
});

Deno.test("only what was killed is started again", async () => {
  const { world, api } = await twoServices();
  await using _ = world;
  const first = await world.start();
  const killed = pidOf(first.run, "api");
  Deno.kill(killed, "SIGKILL");
  await waitUntil("it has ended", async () => !await isAlive(killed));
  const [seen] = await world.look();
  assertEquals(seen?.units.map(({ truth }) => truth.status), [
    "stale",
    "running",
  ]);
  const second = await world.start();
  assertEquals(second.kind, "resumed");
  assert(pidOf(second.run, "api") !== killed);
  assertEquals(serviceOf(second.run, "api").actualPort, api);
  assertEquals(pidOf(second.run, "web"), pidOf(first.run, "web"));
  await world.stop();
});

Deno.test("a stranger on a dead service's port is named, left alone and avoided", async () => {
  const { world, api } = await twoServices();
  await using _ = world;
  const first = await world.start();
  const killed = pidOf(first.run, "api");
  Deno.kill(killed, "SIGKILL");
  await waitUntil("it has ended", async () => !await isAlive(killed));
  using stranger = Deno.listen({ hostname: "127.0.0.1", port: api });
  const [seen] = await world.look();
  const truth = seen?.units.find(({ id }) => id === "api")?.truth;
  assertEquals([truth?.status, truth?.foreignOwner?.pid], ["stale", Deno.pid]);
  const second = await world.start();
  assertEquals(second.failure, undefined);
  const moved = serviceOf(second.run, "api").actualPort;
  assert(moved !== undefined && moved !== api);
  const third = pidOf(second.run, "api");
  Deno.kill(third, "SIGKILL");
  await waitUntil("it has ended", async () => !await isAlive(third));
  const stopped = await world.stop();
  assertEquals(stopped.kept, []);
  assertEquals(stopped.gone, ["Main Api"]);
  assertEquals(stranger.addr.port, api);
});

Deno.test("one that runs and does not listen any more is replaced", async () => {
  await using world = await makeEnvironmentWorld();
  const [port = 0] = freePorts(1);
  await world.settings({
    "REEVE_SERVICES": "api",
    "REEVE_SERVICE_API_CMD": `sh -c '${
      unitCommand("listen", "$0")
    } & wait; exec sleep 600' {port}`,
    "REEVE_SERVICE_API_PORT": String(port),
    "REEVE_SERVICE_API_READY_TIMEOUT": "1s",
  });
  const first = await world.start();
  const shell = pidOf(first.run, "api");
  const [child = 0] = (await world.running()).filter((pid) => pid !== shell);
  Deno.kill(child, "SIGKILL");
  await waitUntil("it is unreachable", async () => {
    const [seen] = await world.look();
    return seen?.units[0]?.truth.status === "unreachable";
  });
  const second = await world.start();
  assertEquals([second.kind, second.failure], ["resumed", undefined]);
  assert(!await isAlive(shell));
  assertEquals(serviceOf(second.run, "api").actualPort, port);
  assertEquals((await world.running()).length, 2);
  await world.stop();
});
