import { assert, assertEquals } from "@std/assert";
import { Crash, crashingHost, type CrashPlan } from "#support/crashing_host.ts";
import { pathsBelow, runIdOf, runOf } from "#support/environment_runs.ts";
import { FakeWorld } from "#support/fake_host.ts";
import { HostError } from "../host/host.ts";
import { takeLease } from "./lifecycle_lease.ts";
import type { RunState } from "./model.ts";
import { readRuns, retireRun, saveRun } from "./run_repository.ts";

const PATHS = pathsBelow("/home/ada/.reeve");
const CHANGED = { ...runOf(1), fingerprint: "changed" };

type Host = ReturnType<FakeWorld["host"]>;

async function change(
  host: Host,
  act: (lease: Awaited<ReturnType<typeof takeLease>>) => Promise<unknown>,
): Promise<void> {
  using lease = await takeLease(host, PATHS, "reeve start");
  await act(lease);
}

const save = (run: RunState) => (host: Host) =>
  change(host, (lease) => saveRun(host, PATHS, lease, run));

/** What was saved before, what is done, and what may be there afterwards. */
const STORIES: readonly {
  readonly title: string;
  readonly before: readonly RunState[];
  readonly act: (host: Host) => Promise<void>;
  readonly then: readonly RunState[];
}[] = [
  { title: "a first save", before: [], act: save(runOf(1)), then: [runOf(1)] },
  {
    title: "a second save",
    before: [runOf(1)],
    act: save(CHANGED),
    then: [CHANGED],
  },
  {
    title: "a third save",
    before: [runOf(1), { ...runOf(1), fingerprint: "between" }],
    act: save(CHANGED),
    then: [CHANGED],
  },
  {
    title: "a takeover",
    before: [runOf(1, ["a", "b"])],
    act: save(runOf(2, ["a"])),
    then: [runOf(2, ["a"]), runOf(1, ["b"])],
  },
  {
    title: "the end of a run",
    before: [runOf(1)],
    act: (host) =>
      change(host, (lease) => retireRun(host, PATHS, lease, runIdOf(1))),
    then: [],
  },
];

const KINDS: readonly CrashPlan["kind"][] = ["before", "within", "refused"];

/** What everybody sees who comes later, and that it stays so. */
async function statesAfter(world: FakeWorld): Promise<readonly RunState[]> {
  const first = await readRuns(world.host(), PATHS);
  const second = await readRuns(world.host(), PATHS);
  assertEquals(second.runs, first.runs);
  assertEquals(
    second.notes.filter(({ kind }) => kind !== "lost"),
    [],
    "one look repairs everything",
  );
  return first.runs.map(({ run }) => run);
}

async function worldWith(runs: readonly RunState[]): Promise<FakeWorld> {
  const world = new FakeWorld();
  for (const run of runs) {
    await save(run)(world.host());
    await world.advance(1000);
  }
  return world;
}

Deno.test.each(
  STORIES.flatMap((story) => KINDS.map((kind) => ({ ...story, kind }))),
)("$title, stopped $kind any change, is there or not", async (story) => {
  const last = story.before.at(-1);
  const old = last === undefined ? [] : [last];
  const outcomes = new Set<string>();
  for (let at = 1;; at++) {
    const world = await worldWith(story.before);
    const { host, seen } = crashingHost(world, { at, kind: story.kind });
    let isDone = true;
    try {
      await story.act(host);
    } catch (error) {
      assert(error instanceof Crash || error instanceof HostError, `${error}`);
      isDone = false;
    }
    world.endProcess(host.env.pid);
    const states = await statesAfter(world);
    const isNew = JSON.stringify(states) === JSON.stringify(story.then);
    if (!isNew) assertEquals(states, old, `change ${at}`);
    if (isDone) assert(isNew, `change ${at} was acknowledged`);
    outcomes.add(isNew ? "new" : "old");
    await save({ ...runOf(9), fingerprint: "next" })(world.host());
    if (seen.changes < at) break;
  }
  assertEquals([...outcomes].sort(), ["new", "old"]);
});

Deno.test("what crashes leave behind is gone after the next save", async () => {
  for (let at = 1; at < 30; at++) {
    const world = await worldWith([runOf(1)]);
    const { host } = crashingHost(world, { at, kind: "within" });
    await save(CHANGED)(host).catch(() => undefined);
    world.endProcess(host.env.pid);
    await world.advance(1000);
    await save({ ...CHANGED, fingerprint: "later" })(world.host());
    const paths = Object.keys(world.disk.texts());
    assertEquals(paths.filter((path) => path.endsWith(".tmp")), []);
    const revisions = paths.filter((path) =>
      path.endsWith("/run_state.json") && path.includes("/revisions/")
    );
    assertEquals(revisions.length, 2, `change ${at}`);
  }
});
