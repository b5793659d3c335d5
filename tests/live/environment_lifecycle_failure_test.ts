/** What cannot be started leaves nothing behind, and says why. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type EnvironmentWorld,
  makeEnvironmentWorld,
  pidOf,
  serviceOf,
  unitCommand,
} from "#support/environment_world.ts";
import { freePort, freePorts } from "#support/unit_world.ts";
import { waitUntil } from "#support/wait_until.ts";
import { healthOf } from "../../src/environment/observe.ts";
import { readIntents } from "../../src/environment/intent_journal.ts";

async function unresolved(world: EnvironmentWorld) {
  const { paths } = await world.open();
  return (await readIntents(world.host, paths)).unresolved;
}

Deno.test("a crash at boot ends the start with its last line, and all that it began", async () => {
  await using world = await makeEnvironmentWorld();
  const [api = 0, web = 0] = freePorts(2);
  await world.settings({
    "REEVE_SERVICES": "api,web,job",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}", "delay=60000"),
    "REEVE_SERVICE_WEB_PORT": String(web),
    "REEVE_SERVICE_JOB_CMD": unitCommand(
      "crash",
      "ModuleNotFoundError: No module named shop",
      "3",
    ),
    "REEVE_SERVICE_JOB_READY": "running",
    "REEVE_SERVICE_JOB_DEPENDS_ON": "api",
  });
  const begin = performance.now();
  const report = await world.start();
  assert(performance.now() - begin < 5000);
  assertEquals(report.kind, "failed");
  assertEquals(report.hint, "See its log: reeve logs job");
  assertMatch(
    report.failure ?? "",
    /^Main Job .*ended.*: ModuleNotFoundError: No module named shop.*\(log: \/.*job\.log\)/,
  );
  assertEquals(await world.running(), []);
  assertEquals(await unresolved(world), []);
  const [seen] = await world.look();
  assertEquals(seen?.run.failure, report.failure);
  assertEquals(serviceOf(seen?.run, "api").status, "stopped");
  assertEquals(healthOf(seen === undefined ? [] : [seen]).overall, "unhealthy");
  // A new start has nothing to do with it, not even what is not wanted now.
  await world.settings({
    "REEVE_SERVICES": "api",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(api),
  });
  const again = await world.start();
  assertEquals([again.kind, again.failure], ["started", undefined]);
  assert(again.run?.runId !== seen?.run.runId);
  const now = await world.look();
  assertEquals(now.map(({ units }) => units.map(({ id }) => id)), [["api"]]);
  assertEquals(healthOf(now).overall, "healthy");
  assertEquals((await world.stop()).kept, []);
  assertEquals(await world.look(), []);
});

Deno.test("one that crashes after it was ready ends the start as well", async () => {
  await using world = await makeEnvironmentWorld();
  const web = freePort();
  await world.settings({
    "REEVE_SERVICES": "web,job",
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}", "delay=60000"),
    "REEVE_SERVICE_WEB_PORT": String(web),
    "REEVE_SERVICE_JOB_CMD": unitCommand(
      "crash",
      "fatal: no",
      "3",
      "delay=700",
    ),
    "REEVE_SERVICE_JOB_READY": "running",
  });
  const begin = performance.now();
  const report = await world.start();
  assert(performance.now() - begin < 30_000, "nobody waited for the others");
  assertMatch(report.failure ?? "", /^Main Job was ready, but .*fatal: no/);
  assertEquals(await world.running(), []);
});

Deno.test("a service that is not critical degrades the environment, and nothing else", async () => {
  await using world = await makeEnvironmentWorld();
  const api = freePort();
  await world.settings({
    "REEVE_SERVICES": "api,mail",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_SERVICE_MAIL_CMD": unitCommand("crash", "fatal: no mail", "1"),
    "REEVE_SERVICE_MAIL_PORT": String(freePort()),
    "REEVE_SERVICE_MAIL_CRITICAL": "false",
  });
  const report = await world.start();
  assertEquals([report.kind, report.failure], ["started", undefined]);
  assertMatch(report.degraded.join(), /^Main Mail ended .*fatal: no mail/);
  const runs = await world.look();
  const health = healthOf(runs);
  assertEquals(health.overall, "degraded");
  assertEquals(health.critical, []);
  assertEquals(health.optional.map(({ id }) => id), ["mail"]);
  // It is tried again, and the other one is left alone.
  const second = await world.start();
  assertEquals(second.kind, "resumed");
  assertEquals(second.degraded.length, 1);
  assertEquals(pidOf(second.run, "api"), pidOf(report.run, "api"));
  await world.stop();
});

Deno.test("a service that takes another port is found there at once", async () => {
  await using world = await makeEnvironmentWorld();
  const port = freePort();
  await world.settings({
    "REEVE_SERVICES": "web",
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}", "delta=3"),
    "REEVE_SERVICE_WEB_PORT": String(port),
  });
  const begin = performance.now();
  const { run } = await world.start();
  assert(performance.now() - begin < 3000);
  const web = serviceOf(run, "web");
  assertEquals([web.requestedPort, web.actualPort], [port, port + 3]);
  assertEquals(web.publicUrl, `http://localhost:${port + 3}`);
  assertEquals(run?.ports[0]?.final, port + 3);
  const [seen] = await world.look();
  assertEquals(seen?.units[0]?.truth.actualPort, port + 3);
  await world.stop();
});

Deno.test("a busy port is left to whoever has it", async () => {
  await using world = await makeEnvironmentWorld();
  const port = freePort();
  const stranger = Deno.listen({ hostname: "127.0.0.1", port });
  await world.settings({
    "REEVE_SERVICES": "web",
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_WEB_PORT": String(port),
  });
  const { run } = await world.start();
  const [plan] = run?.ports ?? [];
  assertEquals([plan?.requested, plan?.source], [port, "retry"]);
  assert((plan?.retries ?? 0) >= 1);
  assertEquals(serviceOf(run, "web").actualPort, plan?.assigned);
  stranger.close();
  // Whoever knows its address finds it there after a restart too.
  const again = await world.start({ command: "restart" });
  assertEquals(serviceOf(again.run, "web").actualPort, plan?.assigned);
  assertEquals(again.run?.ports[0]?.source, "restart");
  await world.stop();
});

Deno.test.each([
  {
    text: "program",
    lines: { "REEVE_SERVICE_WEB_CMD": "no-such-program --port {port}" },
    pattern: /^Cannot start Main Web .*there is no program no-such-program/,
    hint: /Install it/,
  },
  {
    text: "directory",
    lines: { "REEVE_SERVICE_WEB_DIR": "front" },
    pattern: /^Cannot start Main Web .*there is no such directory/,
    hint: /directory/,
  },
])("a missing $text is named, and the others end", async (row) => {
  await using world = await makeEnvironmentWorld();
  const [api = 0, web = 0] = freePorts(2);
  await world.settings({
    "REEVE_SERVICES": "api,web",
    "REEVE_SERVICE_API_CMD": unitCommand("wrap", "listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_WEB_PORT": String(web),
    "REEVE_SERVICE_WEB_DEPENDS_ON": "api",
    ...row.lines,
  });
  const report = await world.start();
  assertEquals(report.kind, "failed");
  assertMatch(report.failure ?? "", row.pattern);
  assertMatch(report.hint ?? "", row.hint);
  assert(world.steps.includes("api ready"));
  assertEquals(await world.running(), []);
  assertEquals(await unresolved(world), []);
});

Deno.test("what is not critical takes those with it that need it", async () => {
  await using world = await makeEnvironmentWorld();
  const [api = 0, mail = 0] = freePorts(2);
  await world.settings({
    "REEVE_SERVICES": "api,mail,inbox",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_SERVICE_MAIL_CMD": unitCommand("crash", "fatal: no mail", "1"),
    "REEVE_SERVICE_MAIL_PORT": String(mail),
    "REEVE_SERVICE_MAIL_CRITICAL": "false",
    "REEVE_SERVICE_INBOX_CMD": unitCommand("work"),
    "REEVE_SERVICE_INBOX_READY": "running",
    "REEVE_SERVICE_INBOX_CRITICAL": "false",
    "REEVE_SERVICE_INBOX_DEPENDS_ON": "mail",
  });
  const report = await world.start();
  assertEquals([report.kind, report.failure], ["started", undefined]);
  assert(!world.steps.includes("inbox starting"));
  assert(world.steps.includes("inbox not_started"), `${world.steps}`);
  assertMatch(
    report.degraded.at(-1) ?? "",
    /^Main Inbox was not started: it needs Main Mail, which is not ready$/,
  );
  const health = healthOf(await world.look());
  assertEquals(health.optional.map(({ id }) => id), ["mail", "inbox"]);
  await world.stop();
});

Deno.test("one that ignores SIGTERM is killed after its grace, with its children", async () => {
  await using world = await makeEnvironmentWorld();
  await world.settings({
    "REEVE_SERVICES": "job",
    "REEVE_SERVICE_JOB_CMD": unitCommand("wrap", "work", "stubborn"),
    "REEVE_SERVICE_JOB_READY": "running",
    "REEVE_SERVICE_JOB_GRACE": "200ms",
  });
  await world.start();
  await waitUntil(
    "both run",
    async () => (await world.running()).length === 2,
  );
  assertEquals((await world.stop()).stopped, ["Main Job"]);
  assertEquals(await world.running(), []);
});

Deno.test("one that ends after it was ready fails the start all the same", async () => {
  await using world = await makeEnvironmentWorld();
  await world.settings({
    "REEVE_SERVICES": "job,web",
    "REEVE_SERVICE_JOB_CMD": "sh -c 'sleep 0.2; echo fatal: gone; exit 1'",
    "REEVE_SERVICE_JOB_READY": "running",
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}", "delay=1000"),
    "REEVE_SERVICE_WEB_PORT": String(freePort()),
  });
  const report = await world.start();
  assertEquals(report.kind, "failed");
  assertMatch(report.failure ?? "", /^Main Job was ready, but .*fatal: gone/);
  assertEquals(await world.running(), []);
  await world.stop();
});
