/**
 * A start and a stop that end, or are refused something, at each of their steps:
 * nothing runs that nobody knows of, and the next command makes it good.
 */

import { assert, assertEquals } from "@std/assert";
import {
  type EnvironmentWorld,
  makeEnvironmentWorld,
  unitCommand,
} from "#support/environment_world.ts";
import {
  endsAt,
  fullFrom,
  gateHost,
  refusedAfterSpawn,
  refusedAt,
  type Trouble,
} from "#support/gated_host.ts";
import { startRedis } from "#support/redis_server.ts";
import { freePorts } from "#support/unit_world.ts";
import { KnownError } from "../../src/errors.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { Host } from "../../src/host/host.ts";
import { readIntents } from "../../src/environment/intent_journal.ts";
import { stopEnvironment } from "../../src/environment/stop.ts";

// The program may have to be installed first.
await (await startRedis())[Symbol.asyncDispose]();

/** Worlds that are tried at the same time. */
const TOGETHER = 6;

/** Steps that are tried at most where most are one like the other. */
const SAMPLE = 25;

const NOBODY = new AbortController().signal;
const SILENT = { onPhase() {}, onUnit() {} };

/** Settings of a world, and how many units and processes come of them. */
interface Kind {
  readonly lines: Readonly<Record<string, string>>;
  readonly units: number;
  readonly processes: number;
}

const SMALL: Kind = {
  lines: {
    "REEVE_SERVICES": "api,web",
    "REEVE_SERVICE_API_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_WEB_CMD": unitCommand("listen", "{port}"),
    "REEVE_SERVICE_WEB_DEPENDS_ON": "api",
  },
  units: 2,
  processes: 2,
};

/** With a child of a service, and a dependency. */
const LARGE: Kind = {
  lines: {
    ...SMALL.lines,
    "REEVE_SERVICE_WEB_CMD": unitCommand("wrap", "listen", "{port}"),
    "REEVE_DEPENDENCIES": "redis",
    "REEVE_DEPENDENCY_REDIS_MODE": "native",
  },
  units: 3,
  processes: 4,
};

async function makeWorld({ lines }: Kind): Promise<EnvironmentWorld> {
  const world = await makeEnvironmentWorld();
  const [api = 0, web = 0, redis = 0] = freePorts(3);
  await world.settings({
    "REEVE_SERVICE_API_PORT": String(api),
    "REEVE_SERVICE_WEB_PORT": String(web),
    "REEVE_DEPENDENCY_REDIS_PORT": String(redis),
    ...lines,
  });
  return world;
}

type Outcome = "ended" | "failed" | "refused" | "succeeded";
type Act = (world: EnvironmentWorld, host: Host) => Promise<Outcome>;

async function start(world: EnvironmentWorld, host: Host): Promise<Outcome> {
  const { kind, hint } = await world.start({}, NOBODY, host);
  if (kind !== "failed") return "succeeded";
  assert(hint !== undefined);
  return "failed";
}

async function stop(world: EnvironmentWorld, host: Host): Promise<Outcome> {
  const which = { chosen: "everything" } as const;
  const place = await world.open();
  const { kept } = await stopEnvironment(host, place, () => which, SILENT);
  return kept.length > 0 ? "failed" : "succeeded";
}

/** What a command comes to that has some trouble. */
async function tryTo(
  act: Act,
  world: EnvironmentWorld,
  trouble: Trouble,
): Promise<Outcome> {
  using gated = gateHost(world.host, trouble.gate);
  const ended = trouble.over.then(() => "ended" as const);
  const acted = act(world, gated.host).catch(
    async (error): Promise<Outcome> => {
      if (!(error instanceof KnownError)) return await ended;
      assert(error.hint !== undefined, error.message);
      return "refused";
    },
  );
  return await Promise.race([acted, ended]);
}

/** Markers of what a later command knows of: recorded, or intended. */
async function known(world: EnvironmentWorld) {
  const { paths } = await world.open();
  const runs = await world.look();
  const { unresolved } = await readIntents(world.host, paths);
  return {
    recorded: new Set(
      runs.flatMap(({ units }) =>
        units.flatMap(({ record }) => record.identity?.marker ?? [])
      ),
    ),
    intended: new Set(unresolved.map(({ intent }) => intent.marker)),
  };
}

async function markersOf(world: EnvironmentWorld) {
  const pids = await world.running();
  return await denoHost.processes.readVariable("REEVE_UNIT", pids);
}

/** The next commands find a world that they can work with. */
async function assertGood(
  world: EnvironmentWorld,
  { processes, units }: Kind,
  at: string,
): Promise<void> {
  const report = await world.start();
  assertEquals(
    [report.kind === "failed", report.failure],
    [false, undefined],
    at,
  );
  const { recorded, intended } = await known(world);
  const running = await markersOf(world);
  assertEquals(
    [recorded.size, intended.size, running.size],
    [units, 0, processes],
    at,
  );
  assert([...running.values()].every((marker) => recorded.has(marker)), at);
  assertEquals((await world.stop()).kept, [], at);
  assertEquals([await world.running(), await world.look()], [[], []], at);
}

async function sweep(
  steps: readonly number[],
  probe: (at: number) => Promise<void>,
): Promise<void> {
  const left = [...steps];
  await Promise.all(Array.from({ length: TOGETHER }, async () => {
    for (let at = left.shift(); at !== undefined; at = left.shift()) {
      await probe(at);
    }
  }));
}

function upTo(count: number, every = 1): readonly number[] {
  return Array.from(
    { length: Math.ceil(count / every) },
    (_, n) => 1 + n * every,
  );
}

async function stepsOf(
  kind: Kind,
  trouble: (at: number) => Trouble,
  act: Act,
): Promise<number> {
  await using world = await makeWorld(kind);
  if (act === stop) await world.start();
  const counting = trouble(0);
  assertEquals(await tryTo(act, world, counting), "succeeded");
  await world.stop();
  assert(counting.seen.changes > 5);
  return counting.seen.changes;
}

Deno.test("a start that ends at any step leaves nothing that is lost", async () => {
  const count = await stepsOf(SMALL, endsAt, start);
  await sweep(upTo(count), async (at) => {
    await using world = await makeWorld(SMALL);
    const trouble = endsAt(at);
    await tryTo(start, world, trouble);
    const { recorded, intended } = await known(world);
    for (const marker of (await markersOf(world)).values()) {
      const isKnown = recorded.has(marker) || intended.has(marker);
      assert(isKnown, `${marker} after ${trouble.seen.steps.at(-1)}`);
    }
    await assertGood(world, SMALL, `${at}: ${trouble.seen.steps.at(-1)}`);
  });
});

Deno.test("a stop that ends at any step is finished by the next one", async () => {
  const count = await stepsOf(LARGE, endsAt, stop);
  await sweep(upTo(count), async (at) => {
    await using world = await makeWorld(LARGE);
    await world.start();
    const trouble = endsAt(at);
    await tryTo(stop, world, trouble);
    const text = `${at}: ${trouble.seen.steps.at(-1)}`;
    const { recorded } = await known(world);
    for (const marker of (await markersOf(world)).values()) {
      assert(recorded.has(marker), `${marker} after ${text}`);
    }
    assertEquals((await world.stop()).kept, [], text);
    assertEquals([await world.running(), await world.look()], [[], []], text);
  });
});

Deno.test("a disk that is full from some step on leaves nothing unrecorded", async () => {
  const count = await stepsOf(SMALL, fullFrom, start);
  await sweep(upTo(count, Math.ceil(count / SAMPLE)), async (at) => {
    await using world = await makeWorld(SMALL);
    const trouble = fullFrom(at);
    const outcome = await tryTo(start, world, trouble);
    const text = `${at}: ${outcome} at ${trouble.seen.steps[at - 1]}`;
    assert(outcome !== "ended", text);
    const { recorded } = await known(world);
    for (const marker of (await markersOf(world)).values()) {
      assert(recorded.has(marker), `${marker} after ${text}`);
    }
    await assertGood(world, SMALL, text);
  });
});

Deno.test("a use that is refused once is explained, and loses nothing", async () => {
  const count = await stepsOf(SMALL, refusedAt, start);
  // Most of them are looks at the machine, one like the other.
  await sweep(upTo(count, Math.ceil(count / SAMPLE)), async (at) => {
    await using world = await makeWorld(SMALL);
    const trouble = refusedAt(at);
    const outcome = await tryTo(start, world, trouble);
    const text = `${at}: ${outcome} at ${trouble.seen.steps[at - 1]}`;
    assert(outcome !== "ended", text);
    const { recorded, intended } = await known(world);
    for (const marker of (await markersOf(world)).values()) {
      const isKnown = recorded.has(marker) || intended.has(marker);
      assert(isKnown, `${marker} after ${text}`);
    }
    await assertGood(world, SMALL, text);
  });
});

Deno.test("a process that cannot be looked at is ended again at once", async () => {
  await using world = await makeWorld(SMALL);
  assertEquals(await tryTo(start, world, refusedAfterSpawn()), "failed");
  assertEquals(await world.running(), []);
  await assertGood(world, SMALL, "after it");
});
