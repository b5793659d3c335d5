/** Processes that are not ours, or that we cannot end, whatever is recorded. */

import { killAll } from "#support/kill_all.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { readSignals } from "#support/environment_events.ts";
import {
  type EnvironmentWorld,
  makeEnvironmentWorld,
  pidOf,
  serviceOf,
  unitCommand,
} from "#support/environment_world.ts";
import { startRedis } from "#support/redis_server.ts";
import { freePort, freePorts } from "#support/unit_world.ts";
import { waitUntil } from "#support/wait_until.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Host } from "../../src/host/host.ts";
import type { ProcessHold } from "../../src/host/processes.ts";
import { takeLease } from "../../src/environment/lifecycle_lease.ts";
import type { RunState } from "../../src/environment/model.ts";
import { viewPorts } from "../../src/environment/port_ledger.ts";
import { saveRun } from "../../src/environment/run_repository.ts";
import { stopEnvironment } from "../../src/environment/stop.ts";
import { latestPath } from "../../src/state/environment_paths.ts";

// The program may have to be installed first.
await (await startRedis())[Symbol.asyncDispose]();

/** A process that nobody of ours has started. */
function startStranger(): Deno.ChildProcess & AsyncDisposable {
  const child = new Deno.Command("/usr/bin/sleep", { args: ["600"] }).spawn();
  return Object.assign(child, {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  });
}

async function isAlive(pid: number): Promise<boolean> {
  const seen = (await denoHost.processes.inspect([pid])).get(pid);
  return seen?.kind === "found" && seen.facts.state !== "zombie";
}

/** Everything that has ever been sent a signal. */
async function signalled(world: EnvironmentWorld): Promise<readonly number[]> {
  const lines = await readSignals(world);
  return lines.map(({ target }) => (target as { readonly pid: number }).pid);
}

async function record(world: EnvironmentWorld, run: RunState): Promise<void> {
  const { paths } = await world.open();
  using lease = await takeLease(world.host, paths, "test");
  await saveRun(world.host, paths, lease, run);
}

Deno.test("a recorded process id that is somebody else's is never signalled", async () => {
  await using world = await makeEnvironmentWorld();
  await using stranger = startStranger();
  const [api = 0, redis = 0] = freePorts(2);
  await world.settings({
    "REEVE_SERVICES": "api",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_DEPENDENCIES": "redis",
    "REEVE_DEPENDENCY_REDIS_MODE": "native",
    "REEVE_DEPENDENCY_REDIS_PORT": String(redis),
  });
  const { run } = await world.start();
  assert(run !== undefined);
  const pids = await world.running();
  killAll(pids);
  await waitUntil("all are gone", async () => !(await world.running()).length);
  const { pid } = stranger;
  const reused = <T extends RunState["services"][number]["identity"]>(
    identity: T,
  ) => identity === undefined ? undefined : { ...identity, pid };
  const forged: RunState = {
    ...run,
    services: run.services.map((one) => ({
      ...one,
      identity: reused(one.identity),
    })),
    dependencies: run.dependencies.map((one) => ({
      ...one,
      identity: reused(one.identity),
    })),
  };
  await record(world, forged);
  const [seen] = await world.look();
  assertEquals(
    seen?.units.map(({ truth }) => [truth.status, truth.evidence[0]?.fact]),
    [["stale", "reused"], ["stale", "reused"]],
  );
  const again = await world.start();
  assertEquals([again.kind, again.failure], ["resumed", undefined]);
  assert(pidOf(again.run, "api") !== pid);
  const ours = await world.running();
  assertEquals((await world.stop()).kept, []);
  await record(world, { ...forged, runId: "run-20260102030405-00000001" });
  const { gone, kept, stopped } = await world.stop();
  assertEquals([gone, kept, stopped], [["Main Api", "Main redis"], [], []]);
  assert(await isAlive(pid));
  // Also what a dependency was sent is written down.
  assertEquals(new Set(await signalled(world)), new Set(ours));
});

Deno.test("what another tool has recorded is no reason for a signal", async () => {
  await using world = await makeEnvironmentWorld();
  await using stranger = startStranger();
  const port = freePort();
  await Deno.writeTextFile(
    `${world.root}/.envctl`,
    `BACKEND_DIR=.\nENVCTL_BACKEND_START_CMD="${
      unitCommand("listen", "{port}")
    }"\nBACKEND_PORT_BASE=${port}\n` +
      `SERVICE_backend_PID=${stranger.pid}\n`,
  );
  const { paths } = await world.open();
  await Deno.mkdir(paths.directory, { recursive: true, mode: 0o700 });
  const foreign = {
    "run_id": "run-20250101000000-00000001",
    "mode": "main",
    "schema_version": 1,
    "services": {
      "Main Backend": {
        "name": "Main Backend",
        "type": "backend",
        "pid": stranger.pid,
        "actual_port": port,
        "status": "running",
        "project": "Main",
      },
    },
    "requirements": {},
    "metadata": { "legacy_state": true },
  };
  const alias = latestPath(paths, "run_state");
  await Deno.writeTextFile(alias, JSON.stringify(foreign), { mode: 0o600 });
  assertEquals(await world.look(), []);
  assertEquals(await world.stop(), { stopped: [], gone: [], kept: [] });
  await world.settings({
    "REEVE_SERVICES": "api",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_API_PORT": String(port),
  });
  assertEquals(
    (await world.start({ command: "resume" })).kind,
    "nothing_to_resume",
  );
  const { kind, run } = await world.start();
  assertEquals([kind, serviceOf(run, "api").actualPort], ["started", port]);
  const now = JSON.parse(await Deno.readTextFile(alias));
  assertEquals(now.run_id, run?.runId);
  const api = pidOf(run, "api");
  await world.stop();
  assert(await isAlive(stranger.pid));
  assertEquals([...new Set(await signalled(world))], [api]);
});

/** A machine that does not let us end a process. */
function guarding(
  host: Host,
  pid: number,
  how: "denied" | "survives",
): Host {
  const { processes } = host;
  return {
    ...host,
    processes: {
      ...processes,
      async hold(asked): Promise<ProcessHold | "denied" | "gone"> {
        const held = await processes.hold(asked);
        if (asked !== pid || typeof held === "string") return held;
        if (how === "survives") {
          return {
            pid,
            pinned: held.pinned,
            signal: () => Promise.resolve("sent"),
            hasExited: () => held.hasExited(),
            [Symbol.dispose]: () => held[Symbol.dispose](),
          };
        }
        held[Symbol.dispose]();
        return "denied";
      },
    },
  };
}

Deno.test.each(
  [
    { how: "denied", why: /may not be ended/ },
    { how: "survives", why: /still runs after SIGKILL/ },
  ] as const,
)(
  "what cannot be ended stays recorded, and only that: $how",
  async ({ how, why }) => {
    await using world = await makeEnvironmentWorld();
    const [api = 0, web = 0] = freePorts(2);
    await world.settings({
      "REEVE_SERVICES": "api,web",
      "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
      "REEVE_SERVICE_API_PORT": String(api),
      "REEVE_SERVICE_API_GRACE": "100ms",
      "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}"),
      "REEVE_SERVICE_WEB_PORT": String(web),
    });
    const { run } = await world.start();
    const pid = pidOf(run, "api");
    const host = guarding(world.host, pid, how);
    const place = await world.open();
    const stop = () =>
      stopEnvironment(host, place, () => ({ chosen: "everything" }), {
        onPhase() {},
        onUnit() {},
      });
    const report = await stop();
    assertEquals(report.kept.map(({ name }) => name), ["Main Api"]);
    assertMatch(report.kept[0]?.why ?? "", why);
    assertEquals(report.stopped, ["Main Web"]);
    assertEquals(await world.running(), [pid]);
    const [seen] = await world.look();
    assertEquals(
      seen?.units.map(({ id, truth }) => [id, truth.status]),
      [["api", "termination_failed"], ["web", "stopped"]],
    );
    const { entries } = await viewPorts(world.host, place.paths);
    assertEquals(entries.map(({ port, isAlive }) => [port, isAlive]), [[
      api,
      true,
    ]]);
    // A second one is not started beside it.
    const refused = await world.start();
    assertEquals(refused.kind, "failed");
    assertMatch(refused.failure ?? "", /api.*could not be ended/);
    assertEquals(await world.running(), [pid]);
    assertEquals((await stop()).kept.map(({ name }) => name), ["Main Api"]);
    assertEquals((await world.stop()).kept, []);
    assertEquals([await world.running(), await world.look()], [[], []]);
  },
);
