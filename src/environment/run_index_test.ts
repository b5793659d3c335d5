import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { runIdOf, runOf, SCOPE } from "#support/environment_runs.ts";
import { KnownError } from "../errors.ts";
import { parseDocument } from "../state/document.ts";
import { isSealed } from "../state/sealed_document.ts";
import {
  activeEntries,
  decodeIndex,
  emptyIndex,
  FENCE_LIMIT,
  formatIndex,
  HISTORY_LIMIT,
  isNamedAfter,
  isRevisionName,
  narrowRun,
  revisionOf,
  type RunIndex,
  timeOfRevision,
  withoutRun,
  withRevision,
} from "./run_index.ts";
import { indexSchema } from "./run_index_schema.ts";

const EMPTY = emptyIndex(SCOPE);

function revision(n: number) {
  const fingerprint = n.toString(16).padStart(64, "0");
  return revisionOf(fingerprint.split("").toReversed().join(""), n * 1000);
}

function save(
  index: RunIndex,
  n: number,
  projects: readonly string[],
  mode: "main" | "trees" = "trees",
) {
  const run = { ...runOf(n, projects), mode };
  return withRevision(index, run, revision(index.generation + 1));
}

function owners(index: RunIndex): readonly (readonly [string, string])[] {
  return activeEntries(index).flatMap(({ runId, owned }) =>
    owned.map((name) => [name, runId] as const)
  );
}

Deno.test("a revision knows the one before it", () => {
  const index = save(save(save(EMPTY, 1, ["a"]), 1, ["a"]), 1, ["a"]);
  const [entry] = index.entries;
  assertEquals(index.entries.length, 1);
  assertEquals(index.generation, 3);
  assertEquals(entry?.current, revision(3));
  assertEquals(entry?.previous, revision(2));
});

Deno.test("the same revision twice is not its own predecessor", () => {
  const run = runOf(1, ["a"]);
  const once = withRevision(EMPTY, run, revision(1));
  const twice = withRevision(once, run, revision(1));
  assertEquals(twice.entries[0]?.previous, undefined);
});

Deno.test("a later run takes a project over", () => {
  const index = save(save(EMPTY, 1, ["a", "b"]), 2, ["b", "c"]);
  assertEquals(owners(index), [
    ["b", runIdOf(2)],
    ["c", runIdOf(2)],
    ["a", runIdOf(1)],
  ]);
  assertEquals(index.entries[0]?.lost, ["b"]);
});

Deno.test("a run without projects left is over", () => {
  const index = save(save(EMPTY, 1, ["a"]), 2, ["a", "b"]);
  assertEquals(activeEntries(index).map(({ runId }) => runId), [runIdOf(2)]);
  const error = assertThrows(() => save(index, 1, ["a"]), KnownError);
  assertEquals(error.code, "drift");
  assertThrows(() => save(index, 1, ["z"]), KnownError, "is over");
});

Deno.test("a run does not take back what it has lost", () => {
  const index = save(save(EMPTY, 1, ["a", "b"]), 2, ["b"]);
  assertThrows(
    () => save(index, 1, ["a", "b"]),
    KnownError,
    "a later run has taken over b",
  );
  const next = save(index, 1, ["a", "c"]);
  assertEquals(activeEntries(next).map(({ owned }) => owned), [
    ["a", "c"],
    ["b"],
  ]);
});

Deno.test("the modes do not touch each other", () => {
  const index = save(save(EMPTY, 1, ["a"], "main"), 2, ["a"], "trees");
  assertEquals(activeEntries(index).length, 2);
  assertThrows(() => save(index, 1, ["a"], "trees"), KnownError, "mode main");
});

Deno.test("a run that was ended is fenced and stays in the history", () => {
  const index = withoutRun(save(EMPTY, 1, ["a"]), runIdOf(1));
  assertEquals(activeEntries(index), []);
  assertEquals(index.generation, 2);
  assertEquals(index.entries[0]?.current, revision(1));
  assertThrows(() => save(index, 1, ["a"]), KnownError, "is over");
  assertEquals(withoutRun(index, runIdOf(1)), index);
  assertEquals(withoutRun(index, runIdOf(7)), index);
});

Deno.test("the history is short and the fence is not", () => {
  let index = EMPTY;
  const count = HISTORY_LIMIT + FENCE_LIMIT + 5;
  for (let n = 1; n <= count; n++) {
    index = withoutRun(save(index, n, ["a"]), runIdOf(n));
  }
  assertEquals(index.entries.length, HISTORY_LIMIT);
  assertEquals(index.entries.at(-1)?.runId, runIdOf(count));
  assertEquals(index.fenced.length, FENCE_LIMIT);
  assertThrows(() => save(index, count - 1, ["a"]), KnownError, "is over");
  assertThrows(() => save(index, 100, ["a"]), KnownError, "is over");
});

Deno.test("runs that are not over are never dropped", () => {
  let index = save(EMPTY, 1, ["old"]);
  for (let n = 2; n < HISTORY_LIMIT * 2; n++) {
    index = withoutRun(save(index, n, ["a"]), runIdOf(n));
  }
  assertEquals(owners(index), [["old", runIdOf(1)]]);
});

type Step = readonly ["end" | "save", number, readonly string[]];
const steps: fc.Arbitrary<readonly Step[]> = fc.array(fc.tuple(
  fc.constantFrom("save", "save", "end"),
  fc.integer({ min: 1, max: 4 }),
  fc.subarray(["a", "b", "c"], { minLength: 1 }),
));

function play(all: readonly Step[]): readonly RunIndex[] {
  const seen = [EMPTY];
  for (const [step, n, projects] of all) {
    const index = seen.at(-1) ?? EMPTY;
    try {
      seen.push(
        step === "end"
          ? withoutRun(index, runIdOf(n))
          : save(index, n, projects),
      );
    } catch (error) {
      assert(error instanceof KnownError);
    }
  }
  return seen;
}

Deno.test("a project has one owner, and what is over stays so", () => {
  fc.assert(fc.property(steps, (all) => {
    const seen = play(all);
    for (const [at, index] of seen.entries()) {
      const names = owners(index).map(([name]) => name);
      assertEquals(new Set(names).size, names.length);
      assert(index.entries.every((e) => !e.isRetired || e.owned.length === 0));
      const before = seen[at - 1] ?? EMPTY;
      assert(index === before || index.generation === before.generation + 1);
      for (const { runId, isRetired } of before.entries) {
        const now = index.entries.find((entry) => entry.runId === runId);
        assert(!isRetired || now?.isRetired);
      }
    }
  }));
});

Deno.test("an index survives being written and read", () => {
  fc.assert(fc.property(steps, (all) => {
    const index = play(all).at(-1) ?? EMPTY;
    const text = formatIndex(index);
    assert(isSealed(text));
    const read = parseDocument(text, indexSchema);
    assert(read.kind === "found");
    assertEquals(decodeIndex(read.value), index);
  }));
});

Deno.test.each([
  { name: "20260102T030405678Z-0123456789ab", is: true },
  { name: "20260102T030405678Z-0123456789abc", is: false },
  { name: "20260102T030405678Z-0123456789aB", is: false },
  { name: "../20260102T030405678Z-0123456789ab", is: false },
  { name: "20260102T030405678Z-0123456789ab/..", is: false },
  { name: "", is: false },
])("isRevisionName() is $is for $name", ({ name, is }) => {
  assertEquals(isRevisionName(name), is);
});

Deno.test("the name of a revision tells its time and its content", () => {
  const fingerprint = "0123456789abcdef".repeat(4);
  const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  const { name } = revisionOf(fingerprint, at);
  assertEquals(name, "20260102T030405678Z-0123456789ab");
  assert(isRevisionName(name));
  assert(isNamedAfter(name, fingerprint));
  assert(!isNamedAfter(name, `1${fingerprint.slice(1)}`));
  assertEquals(timeOfRevision(name), at);
});

Deno.test("a narrowed run has nothing of what it has lost", () => {
  const run = runOf(1, ["a", "a-1", "b"]);
  assertEquals(narrowRun(run, ["a", "a-1", "b"]), run);
  const narrow = narrowRun(run, ["a"]);
  const of = (items: readonly { readonly project: string }[]) =>
    items.map(({ project }) => project);
  assertEquals(narrow.projects.map(({ name }) => name), ["a"]);
  assertEquals(of(narrow.services), ["a"]);
  assertEquals(of(narrow.dependencies), ["a"]);
  assertEquals(of(narrow.ports), ["a"]);
});

Deno.test("a narrowed run keeps what it shares", () => {
  const [shared] = runOf(1, ["Main"]).dependencies;
  const run = runOf(1, ["a", "b"]);
  const all = [...run.dependencies, ...shared === undefined ? [] : [shared]];
  const narrow = narrowRun({ ...run, dependencies: all }, ["b"]);
  assertEquals(narrow.dependencies.map(({ project }) => project), [
    "b",
    "Main",
  ]);
});
