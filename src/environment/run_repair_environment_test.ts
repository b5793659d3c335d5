import { assert, assertEquals } from "@std/assert";
import {
  identityOf,
  pathsBelow,
  runIdOf,
  runOf,
  serviceOf,
} from "#support/environment_runs.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { portLedgerPaths, runPaths } from "../state/environment_paths.ts";
import { MARKER_VARIABLE } from "./facts.ts";
import { intend, readIntents } from "./intent_journal.ts";
import { takeLease } from "./lifecycle_lease.ts";
import type { EnvironmentPlace } from "./place.ts";
import { viewPorts } from "./port_ledger.ts";
import {
  repairEnvironment,
  type RepairRequest,
} from "./run_repair_environment.ts";
import { readRuns, saveRun } from "./run_repository.ts";
import { readEnvironmentSettings } from "./settings_read.ts";

const PATHS = pathsBelow("/home/ada/.reeve");
const PLACE: EnvironmentPlace = {
  repositoryRoot: "/shop",
  executionRoot: "/shop",
  scope: PATHS.scope,
  paths: PATHS,
  loaded: {
    ...readEnvironmentSettings({ env: { get: () => undefined } }),
    notes: [],
  },
};

const DRY = { isDryRun: true };

async function open() {
  const world = new FakeWorld();
  const host = world.host();
  using lease = await takeLease(host, PATHS, "reeve start");
  await saveRun(host, PATHS, lease, runOf(1));
  const repair = async (request: Partial<RepairRequest> = {}) => {
    const items = await repairEnvironment(host, PLACE, {
      isDryRun: false,
      ...request,
    });
    return items.map(({ part, outcome }) => `${part} ${outcome}`);
  };
  const intent = (unit: string) => ({
    intentId: unit,
    runId: runIdOf(1),
    project: "Main",
    unit,
    port: undefined,
    marker: `${PATHS.scope}.run-1.${unit}.${"0".repeat(32)}`,
    argvHash: "h",
  });
  return { world, host, repair, intent };
}

/** Spoils every revision of a run and what could replace them. */
function spoilRun(world: FakeWorld): void {
  const { directory } = runPaths(PATHS, runIdOf(1));
  for (const path of Object.keys(world.disk.texts())) {
    const isOfRun = path.startsWith(directory) ||
      path.startsWith(`${PATHS.directory}/run_state`);
    if (isOfRun) world.disk.put(path, "spoilt");
  }
}

Deno.test("sound records stay as they are", async () => {
  const { world, repair } = await open();
  const before = world.disk.texts();
  assertEquals(await repair(DRY), []);
  assertEquals(world.disk.texts(), before);
  assertEquals(await repair(), []);
});

Deno.test("a run of which nothing is left is over once a person agrees", async () => {
  const { world, host, repair } = await open();
  spoilRun(world);
  const questions: string[] = [];
  const answer = (key: "n" | "y") => (question: string) => {
    questions.push(question);
    return Promise.resolve(key === "y");
  };
  assertEquals(await repair(DRY), ["runs planned"]);
  assertEquals(await repair({ ask: answer("n") }), ["runs left"]);
  assert((await readRuns(host, PATHS)).notes.length > 0);
  assertEquals(await repair({ ask: answer("y") }), ["runs done"]);
  assertEquals((await readRuns(host, PATHS)).notes, []);
  assertEquals(questions.length, 2);
});

Deno.test("nobody is asked where there is nobody", async () => {
  const { world, host, repair } = await open();
  spoilRun(world);
  assertEquals(await repair(), ["runs done"]);
  assertEquals((await readRuns(host, PATHS)).runs, []);
});

Deno.test("a run goes on from the state before a damaged one", async () => {
  const { world, host, repair } = await open();
  await world.advance(1000);
  {
    using lease = await takeLease(host, PATHS, "reeve start");
    await saveRun(host, PATHS, lease, runOf(1, ["Main"], { fingerprint: "2" }));
  }
  const { revisions } = runPaths(PATHS, runIdOf(1));
  const newest = (await host.files.list(revisions)).at(-1);
  for (const path of Object.keys(world.disk.texts())) {
    const isNewest = path.startsWith(`${revisions}/${newest}`) ||
      /\/run_state\.json$/.test(path) && !path.startsWith(revisions);
    if (isNewest) world.disk.put(path, "spoilt");
  }
  const before = await readRuns(host, PATHS);
  assertEquals(before.runs.map(({ isOutdated }) => isOutdated), [true]);
  assert((await repair()).includes("runs done"));
  const { runs, notes } = await readRuns(host, PATHS);
  assertEquals(
    runs.map(({ run, isOutdated }) => `${run.fingerprint} ${isOutdated}`),
    ["fingerprint-1 false"],
  );
  assertEquals(notes, []);
});

Deno.test("intents are closed unless something of theirs runs", async () => {
  const { world, host, repair, intent } = await open();
  const saved = { ...intent("saved"), marker: identityOf(4000).marker };
  await intend(host, PATHS, [intent("gone"), intent("there"), saved]);
  world.addProcess({
    env: { [MARKER_VARIABLE]: intent("there").marker },
  });
  const expected = ["intents done", "intents done", "intents left"];
  assertEquals((await repair(DRY)).toSorted(), [
    "intents left",
    "intents planned",
    "intents planned",
  ]);
  assertEquals(await repair(), expected);
  const { unresolved } = await readIntents(host, PATHS);
  assertEquals(unresolved.map((one) => one.intent.unit), ["there"]);
  assertEquals(world.signals, []);
});

Deno.test("a spoilt ledger is begun anew with what runs", async () => {
  const { world, host, repair } = await open();
  const { pid, startStamp } = world.addProcess({ pid: 4000 });
  const { bootId, pidNamespace } = world.machine;
  const identity = { pid, startStamp, bootId, pidNamespace, marker: "m" };
  {
    using lease = await takeLease(host, PATHS, "reeve start");
    await saveRun(host, PATHS, lease, {
      ...runOf(1),
      services: [serviceOf("Main", "api", { identity })],
    });
  }
  world.disk.put(portLedgerPaths(PATHS).ledger, "spoilt");
  assertEquals(await repair(DRY), ["ports planned"]);
  assertEquals(await repair(), ["ports done"]);
  const { entries, problem } = await viewPorts(host, PATHS);
  assertEquals([entries.map(({ port }) => port), problem], [[8000], undefined]);
  world.endProcess(pid);
  assertEquals(await repair(), ["ports done"]);
  assertEquals((await viewPorts(host, PATHS)).entries, []);
});
