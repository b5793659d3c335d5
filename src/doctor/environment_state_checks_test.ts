import { assertEquals } from "@std/assert";
import { pathsBelow, runIdOf, runOf } from "#support/environment_runs.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { takeLease } from "../environment/lifecycle_lease.ts";
import { emptyIndex } from "../environment/run_index.ts";
import { saveRun } from "../environment/run_repository.ts";
import { intend } from "../environment/intent_journal.ts";
import { latestPath, runPaths } from "../state/environment_paths.ts";
import { stateChecks } from "./environment_state_checks.ts";
import { readStateFacts, type StateFacts } from "./environment_state_facts.ts";

const PATHS = pathsBelow("/home/ada/.reeve");
const INDEX = emptyIndex(PATHS.scope);
const COPY = { path: PATHS.index, read: { kind: "missing" } } as const;
const INTENT = {
  intent: {
    intentId: "i",
    runId: runIdOf(1),
    project: "Main",
    unit: "api",
    port: 3000,
    marker: "m",
    argvHash: "h",
  },
  at: 0,
  identity: undefined,
};
const FACTS: StateFacts = {
  copies: [COPY],
  verdict: { kind: "found", index: INDEX, broken: [], stale: [] },
  index: INDEX,
  runs: [],
  notes: [],
  runIds: [],
  artifacts: [],
  holder: undefined,
  intents: { unresolved: [], damagedLines: 0 },
  events: { count: 3, damagedLines: 0 },
};
const RUN = { run: runOf(1), sequence: 1, isOutdated: false };
const note = (kind: "lost" | "outdated" | "repaired") => ({
  kind,
  path: "/x",
  message: "It is so",
});
const unresolved = { unresolved: [INTENT], damagedLines: 0, size: 1 };
const artifact = (version: "missing" | number | undefined) => {
  const isThere = version !== "missing";
  const name = "run_state" as const;
  return [{ name, isThere, version: isThere ? version : undefined }];
};

function troublesOf(facts: StateFacts): readonly string[] {
  return stateChecks(facts).filter(({ status }) => status !== "pass")
    .map(({ id, status, remedy }) =>
      `${id.replace("state.", "")} ${status} ${remedy}`
    );
}

const REPAIR = "reeve doctor --repair";

Deno.test.each<{
  readonly name: string;
  readonly change: Partial<StateFacts>;
  readonly is: readonly string[];
}>([
  { name: "sound records", change: {}, is: [] },
  {
    name: "a broken list",
    change: { verdict: { kind: "broken", reason: "x" } },
    is: [`index fail ${REPAIR}`, "runs info undefined"],
  },
  {
    name: "a newer list",
    change: { verdict: { kind: "newer", reason: "x" } },
    is: [
      "index fail It is from a newer reeve: upgrade this one",
      "runs info undefined",
    ],
  },
  {
    name: "nothing yet",
    change: { verdict: { kind: "missing" } },
    is: [],
  },
  {
    name: "a list that was taken away",
    change: { verdict: { kind: "missing" }, runIds: [runIdOf(1)] },
    is: [`index fail ${REPAIR}`],
  },
  {
    name: "a copy that is behind",
    change: {
      verdict: { kind: "found", index: INDEX, broken: [], stale: [COPY] },
    },
    is: [`index warn ${REPAIR}`],
  },
  {
    name: "a run that is lost",
    change: { notes: [note("repaired"), note("lost")] },
    is: [`runs fail ${REPAIR}`],
  },
  {
    name: "a run that went back",
    change: { notes: [note("outdated")] },
    is: [`runs fail ${REPAIR}`],
  },
  {
    name: "a copy of a run that was changed",
    change: { notes: [note("repaired")] },
    is: [`runs warn ${REPAIR}`],
  },
  {
    name: "documents of a newer program",
    change: { artifacts: artifact(2) },
    is: ["schemas fail Upgrade this reeve"],
  },
  {
    name: "documents that say nothing",
    change: { artifacts: artifact(undefined) },
    is: [`schemas warn ${REPAIR}`],
  },
  {
    name: "documents that a run should have",
    change: { artifacts: artifact("missing"), runs: [RUN] },
    is: [`schemas warn ${REPAIR}`],
  },
  {
    name: "documents that nobody needs",
    change: { artifacts: artifact("missing") },
    is: [],
  },
  {
    name: "another command at work",
    change: { holder: { pid: 7, purpose: "reeve start" }, intents: unresolved },
    is: ["lease info undefined", "intents info undefined"],
  },
  {
    name: "an unfinished start",
    change: { intents: unresolved },
    is: [`intents warn ${REPAIR}`],
  },
  {
    name: "torn lines of intents",
    change: { intents: { unresolved: [], damagedLines: 2, size: 1 } },
    is: [],
  },
  {
    name: "intents that cannot be read",
    change: { intents: { unknown: "io" } },
    is: [`intents fail ${REPAIR}`],
  },
  {
    name: "torn events",
    change: { events: { count: 3, damagedLines: 1 } },
    is: ["events info undefined"],
  },
  {
    name: "events that cannot be read",
    change: { events: { unknown: "io" } },
    is: ["events warn Move the file away; a new one is begun"],
  },
  {
    name: "a failure",
    change: { runs: [{ ...RUN, run: { ...runOf(1), failure: "no room" } }] },
    is: ["failures info reeve errors"],
  },
])("stateChecks() of $name", ({ change, is }) => {
  assertEquals(troublesOf({ ...FACTS, ...change }), [...is]);
});

Deno.test("readStateFacts() reads and repairs nothing", async () => {
  const world = new FakeWorld();
  const host = world.host();
  {
    using lease = await takeLease(host, PATHS, "reeve start");
    await saveRun(host, PATHS, lease, runOf(1));
    await intend(host, PATHS, [INTENT.intent]);
  }
  const alias = latestPath(PATHS, "run_state");
  world.disk.put(alias, "spoilt");
  world.disk.put(PATHS.indexBackup, "spoilt");
  const before = world.disk.texts();
  const facts = await readStateFacts(host, { paths: PATHS });
  assertEquals(world.disk.texts(), before);
  assertEquals(troublesOf(facts), [
    `index warn ${REPAIR}`,
    `runs warn ${REPAIR}`,
    `schemas warn ${REPAIR}`,
    `intents warn ${REPAIR}`,
  ]);
});

Deno.test("a start that was killed before it saved anything lost nothing", async () => {
  const world = new FakeWorld();
  const { logs, revisions } = runPaths(PATHS, runIdOf(1));
  world.disk.put(`${logs}/Main_api.log`, "");
  const look = () => readStateFacts(world.host(), { paths: PATHS });
  assertEquals((await look()).runIds, []);
  world.disk.put(
    `${revisions}/20260102T030405000Z-0123456789ab/run_state.json`,
    "",
  );
  assertEquals((await look()).runIds, [runIdOf(1)]);
});
