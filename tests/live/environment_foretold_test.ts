/** What is said about a start is what a start does. */

import { assert, assertEquals } from "@std/assert";
import {
  makeEnvironmentWorld,
  serviceOf,
  unitCommand,
} from "#support/environment_world.ts";
import { freePorts } from "#support/unit_world.ts";
import { previewStart } from "../../src/cli/environment_preview.ts";
import { listProjects } from "../../src/environment/projects.ts";
import type { StartRequest } from "../../src/environment/start.ts";

Deno.test("a start does what was foretold: fingerprint, ports and commands", async () => {
  await using world = await makeEnvironmentWorld();
  const [api = 0, web = 0] = freePorts(2);
  // One base port is taken, and one command holds the port of another service.
  using _ = Deno.listen({ hostname: "127.0.0.1", port: api });
  const settings = (more: Readonly<Record<string, string>> = {}) =>
    world.settings({
      "REEVE_SERVICES": "api,web,job",
      "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
      "REEVE_SERVICE_API_PORT": String(api),
      "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}", "{port:api}"),
      "REEVE_SERVICE_WEB_PORT": String(web),
      "REEVE_SERVICE_WEB_DEPENDS_ON": "api",
      "REEVE_SERVICE_JOB_CMD": unitCommand("work"),
      ...more,
    });
  const foretell = async (asked: Partial<StartRequest> = {}) => {
    const place = await world.open();
    const request: StartRequest = {
      command: "start",
      mode: "main",
      projects: await listProjects(world.host, place, "main"),
      chosen: "everything",
      isFresh: false,
      withDependencies: true,
      withDependents: true,
      ...asked,
    };
    return await previewStart(world.host, place, request);
  };
  const assertForetold = async (asked: Partial<StartRequest> = {}) => {
    const told = await foretell(asked);
    world.steps.length = 0;
    const { failure, run } = await world.start(asked);
    assertEquals([failure, run?.fingerprint], [undefined, told.fingerprint]);
    const [project] = told.projects;
    assert(project !== undefined);
    const started = project.plan.layers.flat().map(({ id }) => id);
    assertEquals(
      world.steps.filter((one) => one.endsWith(" starting")).toSorted(),
      started.map((id) => `${id} starting`).toSorted(),
    );
    assertEquals([...project.argvHashes.keys()].toSorted(), started.toSorted());
    for (const [slug, hash] of project.argvHashes) {
      assertEquals(serviceOf(run, slug).argvHash, hash, slug);
    }
    for (const plan of project.ports) {
      const given = run?.ports.find(({ unit }) => unit === plan.unit);
      assertEquals(given, plan);
      assertEquals(serviceOf(run, plan.unit).actualPort, plan.assigned);
    }
    return started;
  };
  await settings();
  assertEquals(await assertForetold(), ["api", "job", "web"]);
  assertEquals(await assertForetold(), []);
  await settings({ "REEVE_SERVICE_WEB_ENV__MODE": "other" });
  assertEquals(await assertForetold(), ["web"]);
  const restart = { command: "restart", chosen: new Set(["Main\napi"]) };
  assertEquals(
    await assertForetold({ ...restart, command: "restart" }),
    ["api", "web"],
  );
  await world.stop();
});
