/** Dependencies over a whole life: conflict, resume, death, replacement, end. */

import { assert, assertEquals } from "@std/assert";
import { readEvents, readSignals } from "#support/environment_events.ts";
import {
  type EnvironmentWorld,
  makeEnvironmentWorld,
  unitCommand,
} from "#support/environment_world.ts";
import { startRedis } from "#support/redis_server.ts";
import { freePort } from "#support/unit_world.ts";
import { waitUntil } from "#support/wait_until.ts";
import type { Host } from "../../src/host/host.ts";
import type { RunState } from "../../src/environment/model.ts";

// The program may have to be installed first.
await (await startRedis())[Symbol.asyncDispose]();

const NOBODY = new AbortController().signal;

function recordOf(run: RunState | undefined, id: string) {
  const found = run?.dependencies.find((one) => one.id === id);
  assert(found?.identity !== undefined, id);
  return { ...found, pid: found.identity.pid, port: found.ports["primary"] };
}

/** A machine on which somebody takes the port of the first Redis meanwhile. */
function withThief({ host }: EnvironmentWorld, port: number) {
  let thief: Deno.Listener | undefined;
  const { processes } = host;
  const through: Host = {
    ...host,
    processes: {
      ...processes,
      spawnService(command) {
        if (command.command.at(-1)?.endsWith("/redis.conf")) {
          thief ??= Deno.listen({ hostname: "127.0.0.1", port });
        }
        return processes.spawnService(command);
      },
    },
  };
  return { through, [Symbol.dispose]: () => thief?.close() };
}

Deno.test("dependencies move, stay, come back alone, and end", async (t) => {
  await using world = await makeEnvironmentWorld();
  const [redis, n8n] = [freePort(), freePort()];
  await world.settings({
    "REEVE_SERVICES": "web",
    "REEVE_SERVICE_WEB_CMD": "sh -c 'echo told $REDIS $N8N; exec sleep 600'",
    "REEVE_SERVICE_WEB_READY": "log:told redis",
    "REEVE_SERVICE_WEB_ENV__REDIS": "${REDIS_URL}",
    "REEVE_SERVICE_WEB_ENV__N8N": "${N8N_URL}",
    "REEVE_DEPENDENCIES": "redis,n8n",
    "REEVE_DEPENDENCY_REDIS_MODE": "native",
    "REEVE_DEPENDENCY_REDIS_PORT": String(redis),
    "REEVE_DEPENDENCY_N8N_MODE": "command",
    "REEVE_DEPENDENCY_N8N_CMD": unitCommand(
      "wrap",
      "listen",
      "{port}",
      "http=200",
    ),
    "REEVE_DEPENDENCY_N8N_PORT": String(n8n),
  });
  let run: RunState | undefined;
  const statuses = async () => {
    const [seen] = await world.look();
    return seen?.units.map(({ id, truth }) => `${id} ${truth.status}`)
      .toSorted();
  };
  const ALL = ["n8n running", "redis running", "web running"];
  await t.step(
    "a port that is taken meanwhile gives way to the next",
    async () => {
      using thief = withThief(world, redis);
      const report = await world.start({}, NOBODY, thief.through);
      assertEquals([report.kind, report.failure], ["started", undefined]);
      run = report.run;
      const { port, retries } = recordOf(run, "redis");
      assert(port !== redis);
      const plan = run?.ports.find(({ unit }) => unit === "redis.primary");
      assertEquals([retries, plan?.source, plan?.final], [1, "retry", port]);
      assert((plan?.retries ?? 0) >= 1);
      assertEquals(recordOf(run, "n8n").port, n8n);
      const events = await readEvents(world);
      const retried = events.filter(({ event }) => event === "port.retried");
      assertEquals(
        retried.map(({ next, taken, unit }) => [unit, taken, next]),
        [["redis.primary", redis, port]],
      );
      const log = run?.services[0]?.logPath ?? "";
      const told = await Deno.readTextFile(log);
      assert(told.includes(`redis://localhost:${port}`), told);
      assert(told.includes(`http://localhost:${n8n}`), told);
      assertEquals(await statuses(), ALL);
    },
  );
  await t.step("the next start leaves them as they are", async () => {
    const again = await world.start();
    assertEquals(again.kind, "resumed");
    for (const id of ["redis", "n8n"]) {
      assertEquals(recordOf(again.run, id).pid, recordOf(run, id).pid);
    }
  });
  await t.step("one that dies is seen, and comes back alone", async () => {
    const before = await world.running();
    Deno.kill(recordOf(run, "redis").pid, "SIGKILL");
    await waitUntil(
      "it is gone",
      async () => (await world.running()).length === before.length - 1,
    );
    assertEquals(await statuses(), [
      "n8n running",
      "redis stale",
      "web running",
    ]);
    const again = await world.start();
    assertEquals([again.kind, again.failure], ["resumed", undefined]);
    assert(recordOf(again.run, "redis").pid !== recordOf(run, "redis").pid);
    assertEquals(
      recordOf(again.run, "redis").port,
      recordOf(run, "redis").port,
    );
    assertEquals(recordOf(again.run, "n8n").pid, recordOf(run, "n8n").pid);
    run = again.run;
  });
  await t.step("one that is stopped comes back with a resume", async () => {
    await world.stop({ chosen: new Set(["Main\nn8n"]) });
    assertEquals(await statuses(), [
      "n8n stopped",
      "redis running",
      "web running",
    ]);
    const again = await world.start({ command: "resume" });
    assertEquals([again.kind, again.failure], ["resumed", undefined]);
    assertEquals(recordOf(again.run, "redis").pid, recordOf(run, "redis").pid);
    assertEquals(await statuses(), ALL);
    run = again.run;
  });
  await t.step(
    "the end is whole, and every signal is written down",
    async () => {
      const all = await world.running();
      assertEquals(all.length, 4);
      assertEquals((await world.stop()).kept, []);
      assertEquals([await world.running(), await world.look()], [[], []]);
      const sent = new Set(
        (await readSignals(world)).map(({ target }) =>
          (target as { readonly pid: number }).pid
        ),
      );
      const { pid } = recordOf(run, "redis");
      assert(sent.has(pid) && sent.has(recordOf(run, "n8n").pid));
      assertEquals(
        (await world.start({ command: "resume" })).kind,
        "nothing_to_resume",
      );
    },
  );
});
