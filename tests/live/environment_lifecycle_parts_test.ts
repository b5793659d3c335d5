/** One service is restarted or stopped, and the others do not notice. */

import { assert, assertEquals } from "@std/assert";
import {
  makeEnvironmentWorld,
  pidOf,
  serviceOf,
  unitCommand,
} from "#support/environment_world.ts";
import { freePorts } from "#support/unit_world.ts";
import { unitKey } from "../../src/environment/selectable_units.ts";

const chosen = (...ids: readonly string[]) =>
  new Set(ids.map((id) => unitKey({ project: "Main", id })));

/** `web` needs `api`, and nobody needs `mail`. */
async function threeServices() {
  const world = await makeEnvironmentWorld();
  const ports = freePorts(3);
  const lines: Record<string, string> = { "REEVE_SERVICES": "api,web,mail" };
  for (const [at, name] of ["API", "WEB", "MAIL"].entries()) {
    lines[`REEVE_SERVICE_${name}_CMD`] = unitCommand("listen", "{port}");
    lines[`REEVE_SERVICE_${name}_PORT`] = String(ports[at]);
  }
  lines["REEVE_SERVICE_WEB_DEPENDS_ON"] = "api";
  await world.settings(lines);
  return world;
}

Deno.test("a restart takes those that need the service with it, and keeps ports", async () => {
  await using world = await threeServices();
  const first = await world.start();
  const second = await world.start({
    command: "restart",
    chosen: chosen("api"),
  });
  assertEquals([second.kind, second.failure], ["started", undefined]);
  for (const slug of ["api", "web", "mail"]) {
    const [before, after] = [first.run, second.run].map((run) =>
      serviceOf(run, slug)
    );
    assertEquals(after?.actualPort, before?.actualPort, slug);
    const isSame = pidOf(first.run, slug) === pidOf(second.run, slug);
    assertEquals(isSame, slug === "mail", slug);
  }
  const alone = await world.start({
    command: "restart",
    chosen: chosen("api"),
    withDependents: false,
  });
  assertEquals(pidOf(alone.run, "web"), pidOf(second.run, "web"));
  assert(pidOf(alone.run, "api") !== pidOf(second.run, "api"));
  assertEquals((await world.running()).length, 3);
  await world.stop();
});

Deno.test("a stopped service stays visible and comes back alone", async () => {
  await using world = await threeServices();
  const first = await world.start();
  const stop = await world.stop({ chosen: chosen("mail") });
  assertEquals(stop, { stopped: ["Main Mail"], gone: [], kept: [] });
  const [seen] = await world.look();
  assertEquals(
    seen?.units.map(({ id, truth }) => [id, truth.status]),
    [["api", "running"], ["web", "running"], ["mail", "stopped"]],
  );
  assertEquals((await world.running()).length, 2);
  const second = await world.start();
  assertEquals(second.kind, "resumed");
  assertEquals(pidOf(second.run, "api"), pidOf(first.run, "api"));
  assertEquals(pidOf(second.run, "web"), pidOf(first.run, "web"));
  assertEquals(
    serviceOf(second.run, "mail").actualPort,
    serviceOf(first.run, "mail").actualPort,
  );
  await world.stop();
});

Deno.test("a resume brings back what is recorded", async () => {
  await using world = await threeServices();
  assertEquals(
    (await world.start({ command: "resume" })).kind,
    "nothing_to_resume",
  );
  const first = await world.start({ chosen: chosen("web") });
  assertEquals(first.run?.services.map(({ slug }) => slug), ["api", "web"]);
  Deno.kill(pidOf(first.run, "web"), "SIGKILL");
  const second = await world.start({ command: "resume" });
  assertEquals([second.kind, second.failure], ["resumed", undefined]);
  assertEquals(second.run?.runId, first.run?.runId);
  assertEquals(second.run?.services.map(({ slug }) => slug), ["api", "web"]);
  assertEquals(pidOf(second.run, "api"), pidOf(first.run, "api"));
  await world.stop();
});

Deno.test("a changed service is replaced, and only that one", async () => {
  await using world = await threeServices();
  const first = await world.start();
  const path = `${world.root}/.reeve`;
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, `${text}REEVE_SERVICE_MAIL_ENV__A="1"\n`);
  const second = await world.start();
  assertEquals([second.kind, second.failure], ["started", undefined]);
  assert(second.run?.runId !== first.run?.runId);
  assertEquals(pidOf(second.run, "api"), pidOf(first.run, "api"));
  assert(pidOf(second.run, "mail") !== pidOf(first.run, "mail"));
  assertEquals((await world.look()).length, 1);
  const third = await world.start();
  assertEquals(third.kind, "resumed");
  assertEquals(pidOf(third.run, "mail"), pidOf(second.run, "mail"));
  // What the settings do not know any more goes, whether it runs or not.
  Deno.kill(pidOf(third.run, "mail"), "SIGKILL");
  await Deno.writeTextFile(
    path,
    text.replace("api,web,mail", "api,web"),
  );
  const fourth = await world.start();
  assertEquals(fourth.run?.services.map(({ slug }) => slug), ["api", "web"]);
  assertEquals(pidOf(fourth.run, "api"), pidOf(first.run, "api"));
  await Deno.writeTextFile(path, text);
  const fresh = await world.start({ isFresh: true });
  assertEquals([fresh.kind, fresh.failure], ["started", undefined]);
  assert(pidOf(fresh.run, "api") !== pidOf(third.run, "api"));
  assertEquals((await world.running()).length, 3);
  await world.stop();
  assertEquals(await world.running(), []);
});
