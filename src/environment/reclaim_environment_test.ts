import { assert, assertEquals, assertRejects } from "@std/assert";
import { pathsBelow, runOf, SCOPE } from "#support/environment_runs.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { KnownError } from "../errors.ts";
import { MARKER_VARIABLE } from "./facts.ts";
import { intend, readIntents } from "./intent_journal.ts";
import { takeLease } from "./lifecycle_lease.ts";
import type { EnvironmentPlace } from "./place.ts";
import type { ReclaimRequest } from "./reclaim_environment.ts";
import { reclaimEnvironment } from "./reclaim_environment.ts";
import { saveRun } from "./run_repository.ts";
import { readEnvironmentSettings } from "./settings_read.ts";

const PATHS = pathsBelow("/home/ada/.reeve");
const PLACE: EnvironmentPlace = {
  repositoryRoot: "/shop",
  executionRoot: "/shop",
  scope: SCOPE,
  paths: PATHS,
  loaded: {
    ...readEnvironmentSettings({ env: { get: () => undefined } }),
    notes: [],
  },
};
const IS_YES = true;
const IS_NO = false;
const markerOf = (unit: string) => `${SCOPE}.run-1.${unit}.${"0".repeat(32)}`;

async function open() {
  const world = new FakeWorld();
  const host = world.host({ pid: 900 });
  await intend(host, PATHS, [{
    intentId: "i",
    runId: "run-1",
    project: "Main",
    unit: "api",
    port: undefined,
    marker: markerOf("api"),
    argvHash: "",
  }]);
  const start = (pid: number, unit: string) =>
    world.addProcess({ pid, env: { [MARKER_VARIABLE]: markerOf(unit) } });
  start(100, "api");
  start(101, "unknown");
  const reclaim = async (request: Partial<ReclaimRequest> = {}) => {
    const outcome = await reclaimEnvironment(host, PLACE, {
      isForced: false,
      isDryRun: false,
      ...request,
    });
    if (outcome.kind === "planned") {
      const { ends, skipped } = outcome.plan;
      return { ended: ends.length, skipped: skipped.length };
    }
    assert(outcome.kind === "done");
    const { swept, skipped } = outcome.result;
    return { ended: swept.length, skipped: skipped.length };
  };
  const signalled = () => world.signals.map(({ pid }) => pid);
  return { world, host, start, reclaim, signalled };
}

Deno.test("only what is ours for certain is ended unasked", async () => {
  const { host, reclaim, signalled } = await open();
  assertEquals(await reclaim({ isDryRun: true }), { ended: 1, skipped: 1 });
  assertEquals(signalled(), []);
  assertEquals((await readIntents(host, PATHS)).unresolved.length, 1);
  assertEquals(await reclaim(), { ended: 1, skipped: 1 });
  assertEquals(signalled(), [100]);
  assertEquals((await readIntents(host, PATHS)).unresolved, []);
});

Deno.test("a person who says no keeps the doubtful ones", async () => {
  const { reclaim, signalled } = await open();
  const shown: number[] = [];
  const ask: ReclaimRequest["ask"] = (doubtful) => {
    shown.push(...doubtful.map(({ candidate }) => candidate.row.pid));
    return Promise.resolve(IS_NO);
  };
  assertEquals(await reclaim({ isForced: true, ask }), {
    ended: 1,
    skipped: 1,
  });
  assertEquals([shown, signalled()], [[101], [100]]);
});

Deno.test("consent is for those that were shown", async () => {
  const { start, reclaim, signalled } = await open();
  const ask: ReclaimRequest["ask"] = () => {
    start(102, "unknown");
    return Promise.resolve(IS_YES);
  };
  assertEquals(await reclaim({ isForced: true, ask }), {
    ended: 2,
    skipped: 1,
  });
  assertEquals(signalled().toSorted(), [100, 101]);
});

Deno.test("nobody is asked where there is nobody, or nothing to ask", async () => {
  const { reclaim, signalled, world } = await open();
  assertEquals(await reclaim({ isForced: true }), { ended: 2, skipped: 0 });
  assertEquals(signalled().toSorted(), [100, 101]);
  world.signals.length = 0;
  const ask = () => Promise.reject(new Error("nothing to ask"));
  assertEquals(await reclaim({ isForced: true, ask }), {
    ended: 0,
    skipped: 0,
  });
});

Deno.test("nothing is ended while the books or processes cannot be read", async () => {
  const { world, host, reclaim, signalled } = await open();
  {
    using lease = await takeLease(host, PATHS, "reeve start");
    await saveRun(host, PATHS, lease, runOf(1));
    const busy = await assertRejects(() => reclaim(), KnownError);
    assertEquals(busy.code, "lock_busy");
  }
  world.disk.put(PATHS.index, "spoilt");
  world.disk.put(PATHS.indexBackup, "spoilt");
  const error = await assertRejects(() => reclaim(), KnownError);
  assertEquals(error.code, "damaged_file");
  assertEquals(signalled(), []);
});
