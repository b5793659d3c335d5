import { assertEquals, assertRejects } from "@std/assert";
import {
  identityOf,
  pathsBelow,
  runIdOf,
  runOf,
  SCOPE,
  serviceOf,
} from "#support/environment_runs.ts";
import { type FakeProcessSpec, FakeWorld } from "#support/fake_host.ts";
import { environmentsDirectory } from "../state/environment_paths.ts";
import { KnownError } from "../errors.ts";
import { beginChange } from "./attempt.ts";
import { endLeftovers } from "./end_leftovers.ts";
import { MARKER_VARIABLE } from "./facts.ts";
import { intend, noteSpawned, readIntents } from "./intent_journal.ts";
import { takeLease } from "./lifecycle_lease.ts";
import type { RunState } from "./model.ts";
import { readRuns, retireRun, saveRun } from "./run_repository.ts";
import { readEnvironmentSettings } from "./settings_read.ts";
import { settleOldIntents } from "./settle_intents.ts";

const PATHS = pathsBelow("/home/ada/.reeve");
const PLACE = {
  repositoryRoot: "/shop",
  executionRoot: "/shop",
  scope: SCOPE,
  paths: PATHS,
  loaded: {
    ...readEnvironmentSettings({ env: { get: () => undefined } }),
    notes: [],
  },
};
const SILENT = { onPhase() {}, onUnit() {} };
const MARKER = `${SCOPE}.run-1.api.${"0".repeat(32)}`;
const IDENTITY = { ...identityOf(100), startStamp: "s", marker: MARKER };
const CARRIES = { env: { [MARKER_VARIABLE]: MARKER } };
const IS = { pid: 100, startStamp: "s" };

async function open(uid: number) {
  const world = new FakeWorld();
  const host = world.host({ pid: 900, uid });
  await intend(host, PATHS, [{
    intentId: "i",
    runId: runIdOf(1),
    project: "Main",
    unit: "api",
    port: undefined,
    marker: MARKER,
    argvHash: "",
  }]);
  for (const path of [environmentsDirectory(PATHS), PATHS.directory]) {
    world.disk.setOwner(path, uid);
  }
  world.disk.setOwner(PATHS.root, uid);
  const change = async (act: "leftovers" | "settle") => {
    using lease = await takeLease(host, PATHS, "reeve start");
    const context = { command: "start", reporter: SILENT };
    const change = beginChange(host, PLACE, lease, context);
    const runs = (await readRuns(host, PATHS)).runs.map(({ run }) => run);
    if (act === "settle") return await settleOldIntents(change, runs);
    await endLeftovers(change, runs);
    return undefined;
  };
  const save = async (run: RunState) => {
    using lease = await takeLease(host, PATHS, "reeve start");
    await saveRun(host, PATHS, lease, run);
    return async () => {
      using lease = await takeLease(host, PATHS, "reeve stop");
      await retireRun(host, PATHS, lease, run.runId);
    };
  };
  return { change, host, save, world };
}

interface Row {
  readonly text: string;
  readonly uid?: number;
  readonly process?: FakeProcessSpec;
  readonly hasIdentity?: boolean;
  readonly ends: boolean;
  readonly settles: boolean;
}

Deno.test.each<Row>([
  { text: "nothing that runs", ends: false, settles: true },
  {
    text: "what carries its marker",
    process: { ...IS, ...CARRIES },
    ends: true,
    settles: true,
  },
  {
    text: "what root has handed to another user",
    uid: 0,
    process: { ...IS, ...CARRIES, uid: 65_534 },
    ends: true,
    settles: true,
  },
  {
    text: "what another user has started with the same marker",
    process: { ...IS, ...CARRIES, uid: 65_534 },
    hasIdentity: true,
    ends: false,
    settles: false,
  },
  {
    text: "what was started but shows no marker",
    process: { ...IS, env: undefined },
    hasIdentity: true,
    ends: false,
    settles: false,
  },
  {
    text: "what does not end",
    process: { ...IS, ...CARRIES, onSignal: "immortal" },
    ends: false,
    settles: false,
  },
  {
    text: "what has left the session of its unit",
    process: { ...CARRIES, pid: 101, sessionId: 101 },
    hasIdentity: true,
    ends: false,
    settles: false,
  },
  {
    text: "a stranger with its pid",
    process: { pid: 100, startStamp: "later" },
    hasIdentity: true,
    ends: false,
    settles: true,
  },
  {
    text: "what has ended and nobody has reaped",
    process: { ...IS, ...CARRIES, state: "zombie" },
    hasIdentity: true,
    ends: false,
    settles: true,
  },
])("an intent with $text", async (row) => {
  const { uid = 1000, process, hasIdentity = false, ends, settles } = row;
  const { change, host, world } = await open(uid);
  if (hasIdentity) {
    await noteSpawned(host, PATHS, [{ intentId: "i", identity: IDENTITY }]);
  }
  if (process !== undefined) world.addProcess({ uid, ...process });
  const told = await change("settle");
  assertEquals(told, {
    ended: ends ? ["Main api"] : [],
    stuck: process?.onSignal === "immortal"
      ? [{
        name: "process 100 of an earlier command",
        why: "still runs after SIGKILL",
      }]
      : [],
  });
  const { pid } = { pid: 0, ...process };
  const listing = world.table.rows([pid]);
  const isEnded = world.signals.length > 0 && listing.kind === "table" &&
    listing.rows.length === 0;
  const { unresolved } = await readIntents(host, PATHS);
  assertEquals({ ends: isEnded, settles: unresolved.length === 0 }, {
    ends,
    settles,
  });
});

Deno.test("an intent that is saved is settled, and its unit stays", async () => {
  const { change, host, save, world } = await open(1000);
  const service = serviceOf("Main", "api", { identity: IDENTITY });
  await save(runOf(1, ["Main"], { services: [service] }));
  world.addProcess({ ...IS, ...CARRIES });
  await change("settle");
  assertEquals(world.signals, []);
  assertEquals((await readIntents(host, PATHS)).unresolved, []);
});

Deno.test("nothing is settled while processes cannot be looked at", async () => {
  const { change, host, world } = await open(1000);
  world.hideTable("no right");
  await assertRejects(() => change("settle"), KnownError, "Cannot tell");
  assertEquals((await readIntents(host, PATHS)).unresolved.length, 1);
});

Deno.test("what a run that is over has left is ended, what is up stays", async () => {
  const { change, save, world } = await open(1000);
  const identity = {
    ...IDENTITY,
    marker: `${SCOPE}.run-1.old.${"1".repeat(32)}`,
  };
  const old = serviceOf("Main", "old", { identity });
  const retire = await save(runOf(1, ["Main"], { services: [old] }));
  world.addProcess({ ...IS, env: { [MARKER_VARIABLE]: identity.marker } });
  await change("leftovers");
  assertEquals(world.signals, []);
  await retire();
  await change("leftovers");
  assertEquals(world.signals.map(({ pid }) => pid), [100]);
});
