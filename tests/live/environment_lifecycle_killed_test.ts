/** A start that is interrupted, killed or refused its disk, and what comes after. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  type EnvironmentWorld,
  makeEnvironmentWorld,
  serviceOf,
  unitCommand,
} from "#support/environment_world.ts";
import { freePort, freePorts } from "#support/unit_world.ts";
import { waitUntil } from "#support/wait_until.ts";
import { KnownError } from "../../src/errors.ts";
import { HostError } from "../../src/host/host.ts";
import { readIntents } from "../../src/environment/intent_journal.ts";

const PROGRAM = new URL(
  "../programs/starts_environment.ts",
  import.meta.url,
).pathname;

async function unresolved(world: EnvironmentWorld) {
  const { paths } = await world.open();
  return (await readIntents(world.host, paths)).unresolved;
}

async function slowWorld() {
  const world = await makeEnvironmentWorld();
  const [api = 0, web = 0] = freePorts(2);
  await world.settings({
    "REEVE_SERVICES": "api,web",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}", "delay=60000"),
    "REEVE_SERVICE_WEB_PORT": String(web),
    "REEVE_SERVICE_WEB_READY_TIMEOUT": "60s",
    "REEVE_SERVICE_WEB_DEPENDS_ON": "api",
  });
  return { world, api, web };
}

Deno.test("an interrupt ends what was begun and is written down", async () => {
  const { world } = await slowWorld();
  await using _ = world;
  const interrupt = new AbortController();
  const starting = world.start({}, interrupt.signal);
  await waitUntil("web starts", () => world.steps.includes("web starting"));
  interrupt.abort();
  const report = await starting;
  assertEquals(report.kind, "interrupted");
  assertEquals(await world.running(), []);
  assertEquals(await unresolved(world), []);
  assert(world.steps.includes("web given_up"), `${world.steps}`);
  assert(!world.steps.includes("web failed"), `${world.steps}`);
  const [seen] = await world.look();
  assertEquals(seen?.run.failure, "The start was interrupted");
  await world.stop();
});

Deno.test("a killed command leaves nothing that the next one does not end", async () => {
  const { world, api, web } = await slowWorld();
  await using _ = world;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", PROGRAM, world.root],
    env: { "REEVE_HOME": world.home },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  await waitUntil(
    "both have been spawned",
    async () =>
      (await unresolved(world)).filter(({ identity }) => identity).length === 2,
  );
  child.kill("SIGKILL");
  await child.status;
  const left = await world.running();
  assert(left.length === 2, `${left}`);
  assertEquals(await world.look(), []);
  await world.settings({
    "REEVE_SERVICES": "api,web",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_WEB_PORT": String(web),
  });
  const report = await world.start();
  assertEquals([report.kind, report.failure], ["started", undefined]);
  assertEquals(serviceOf(report.run, "api").actualPort, api);
  assertEquals(serviceOf(report.run, "web").actualPort, web);
  const now = await world.running();
  assertEquals(now.length, 2);
  assert(left.every((pid) => !now.includes(pid)));
  assertEquals(await unresolved(world), []);
  await world.stop();
});

Deno.test("a disk that does not take the run leaves nothing running", async () => {
  await using world = await makeEnvironmentWorld();
  await world.settings({
    "REEVE_SERVICES": "api",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(freePort()),
  });
  const place = await world.open();
  const { files } = world.host;
  const host = {
    ...world.host,
    files: {
      ...files,
      writeAtomic: (path: string, text: string) =>
        path === place.paths.index
          ? Promise.reject(new HostError("no_space", path))
          : files.writeAtomic(path, text),
    },
  };
  const refused = await assertRejects(
    () => world.start({}, new AbortController().signal, host),
    KnownError,
    "index.json: no space",
  );
  assertMatch(refused.hint ?? "", /Free some space/);
  assert(world.steps.includes("api ready"));
  assertEquals(await world.running(), []);
  assertEquals(await world.look(), []);
  assertEquals((await world.start()).kind, "started");
  await world.stop();
});

Deno.test("only one command changes an environment at a time", async () => {
  const { world } = await slowWorld();
  await using _ = world;
  const interrupt = new AbortController();
  const starting = world.start({}, interrupt.signal);
  await waitUntil("web starts", () => world.steps.includes("web starting"));
  const begin = performance.now();
  for (const other of [() => world.stop(), () => world.start()]) {
    const error = await assertRejects(other, KnownError);
    assertMatch(error.message, new RegExp(`process ${Deno.pid} .reeve start`));
  }
  assert(performance.now() - begin < 2000);
  interrupt.abort();
  assertEquals((await starting).kind, "interrupted");
});

Deno.test("what a killed command has left outside of its sessions is left alone", async () => {
  const { world } = await slowWorld();
  await using _ = world;
  const lines = {
    "REEVE_SERVICES": "job,web",
    "REEVE_SERVICE_JOB_CMD": unitCommand("forget", "work"),
    "REEVE_SERVICE_JOB_READY": "exit",
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}", "delay=60000"),
    "REEVE_SERVICE_WEB_PORT": String(freePort()),
    "REEVE_SERVICE_WEB_READY_TIMEOUT": "60s",
    "REEVE_SERVICE_WEB_DEPENDS_ON": "job",
  };
  await world.settings(lines);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", PROGRAM, world.root],
    env: { "REEVE_HOME": world.home },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  await waitUntil(
    "both have been spawned",
    async () =>
      (await unresolved(world)).filter(({ identity }) => identity).length === 2,
  );
  child.kill("SIGKILL");
  await child.status;
  // Whoever started the process of the job may take a moment to end.
  await waitUntil(
    "the job has only its process left",
    async () => (await world.running()).length === 2,
  );
  const before = await world.running();
  const { stopped, kept } = await world.stop();
  assertEquals([stopped, kept], [["Main web"], []]);
  // It was started from a unit, and may be anything by now.
  const after = await world.running();
  assertEquals(after.length, 1);
  assert(before.includes(after[0] ?? 0));
  assertEquals((await unresolved(world)).map(({ intent }) => intent.unit), [
    "job",
  ]);
});
