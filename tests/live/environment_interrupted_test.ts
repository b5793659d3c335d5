/** Whoever interrupts a start, in whichever phase, has nothing to clean up. */

import { assert, assertEquals } from "@std/assert";
import {
  makeEnvironmentWorld,
  pidOf,
  unitCommand,
} from "#support/environment_world.ts";
import { freePorts } from "#support/unit_world.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { readIntents } from "../../src/environment/intent_journal.ts";
import { viewPorts } from "../../src/environment/port_ledger.ts";
import { listProjects } from "../../src/environment/projects.ts";
import {
  startEnvironment,
  type StartRequest,
} from "../../src/environment/start.ts";

// The C library stays open for the life of a process.
await denoHost.processes.hold(2 ** 30);

async function twoServices() {
  const world = await makeEnvironmentWorld();
  const [api = 0, web = 0] = freePorts(2);
  await world.settings({
    "REEVE_SERVICES": "api,web",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_WEB_PORT": String(web),
    "REEVE_SERVICE_WEB_DEPENDS_ON": "api",
  });
  /** A start that is interrupted as soon as it comes to a phase or a step. */
  const startUntil = async (
    moment: string,
    command: StartRequest["command"],
  ) => {
    const interrupt = new AbortController();
    const place = await world.open();
    const stopAt = (now: string) => {
      if (now === moment) interrupt.abort("SIGINT");
    };
    const request: StartRequest = {
      command,
      mode: "main",
      projects: await listProjects(world.host, place, "main"),
      chosen: "everything",
      isFresh: false,
      withDependencies: true,
      withDependents: true,
    };
    return await startEnvironment(world.host, place, request, {
      onPhase: stopAt,
      onUnit: ({ state, unit }) => stopAt(`${unit} ${state}`),
    }, interrupt.signal);
  };
  return { world, startUntil };
}

Deno.test.each(
  [
    "state",
    "plan",
    "ports",
    "units",
    "api starting",
    "api ready",
    "web starting",
    "web ready",
    "finish",
  ].map((moment) => ({ moment })),
)(
  "a first start that is interrupted at $moment leaves nothing",
  async ({ moment }) => {
    const { world, startUntil } = await twoServices();
    await using _ = world;
    const { kind, failure } = await startUntil(moment, "start");
    assertEquals(kind, "interrupted");
    assert(failure?.startsWith("The start was interrupted"), failure);
    assertEquals(await world.running(), []);
    const { paths } = await world.open();
    assertEquals((await readIntents(world.host, paths)).unresolved, []);
    assertEquals((await viewPorts(world.host, paths)).entries, []);
    const again = await world.start();
    assertEquals([again.kind, again.failure], ["started", undefined]);
    await world.stop();
  },
);

Deno.test.each(
  [
    { moment: "state", left: ["running", "running"] },
    { moment: "plan", left: ["running", "running"] },
    { moment: "ports", left: ["stopped", "stopped"] },
    { moment: "web starting", left: ["stopped", "stopped"] },
    { moment: "finish", left: ["stopped", "stopped"] },
  ] as const,
)(
  "a restart that is interrupted at $moment leaves what is known",
  async ({ left, moment }) => {
    const { world, startUntil } = await twoServices();
    await using _ = world;
    const { run } = await world.start();
    const before = ["api", "web"].map((slug) => pidOf(run, slug));
    assertEquals((await startUntil(moment, "restart")).kind, "interrupted");
    const now = await world.running();
    const isKept = left[0] === "running";
    assertEquals(now.toSorted(), isKept ? before.toSorted() : []);
    const [seen] = await world.look();
    const statuses = seen?.units.map(({ truth }) => truth.status);
    assertEquals(statuses, [...left]);
    const again = await world.start();
    assertEquals([again.kind === "failed", again.failure], [false, undefined]);
    assertEquals((await world.running()).length, 2);
    await world.stop();
  },
);
