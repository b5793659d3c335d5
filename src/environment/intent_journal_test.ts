import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { identityOf, pathsBelow, runIdOf } from "#support/environment_runs.ts";
import { createFakeHost } from "#support/fake_host.ts";
import {
  COMPACT_BYTES,
  compactIntents,
  intend,
  noteSpawned,
  readIntents,
  settleIntents,
} from "./intent_journal.ts";
import { type Intent, parseIntents } from "./intent_lines.ts";
import { takeLease } from "./lifecycle_lease.ts";

const PATHS = pathsBelow("/home/ada/.reeve");

function intentOf(n: number, facts: Partial<Intent> = {}): Intent {
  return {
    intentId: `i${n}`,
    runId: runIdOf(1),
    project: "Main",
    unit: `unit-${n}`,
    port: 8000 + n,
    marker: `marker-${n}`,
    argvHash: "h",
    ...facts,
  };
}

function processOf(n: number) {
  const { marker: _, ...identity } = identityOf(4000 + n);
  return identity;
}

Deno.test("an intent is open until it is settled", async () => {
  const host = createFakeHost();
  assertEquals((await readIntents(host, PATHS)).unresolved, []);
  const intents = [intentOf(1), intentOf(2, { port: undefined })] as const;
  await intend(host, PATHS, intents);
  const at = host.clock.now();
  assertEquals((await readIntents(host, PATHS)).unresolved, [
    { intent: intents[0], at, identity: undefined },
    { intent: intents[1], at, identity: undefined },
  ]);
  const identity = processOf(2);
  await noteSpawned(host, PATHS, [{ intentId: "i2", identity }]);
  await settleIntents(host, PATHS, [{ intentId: "i1", outcome: "gone" }]);
  const { unresolved, damagedLines } = await readIntents(host, PATHS);
  assertEquals(unresolved, [
    { intent: intents[1], at, identity: { ...identity, marker: "marker-2" } },
  ]);
  assertEquals(damagedLines, 0);
  await settleIntents(host, PATHS, [{ intentId: "i2", outcome: "saved" }]);
  assertEquals((await readIntents(host, PATHS)).unresolved, []);
});

Deno.test("an intent is on disk before anything is started", async () => {
  const host = createFakeHost();
  host.world.failFiles(PATHS.intents, "no_space", { operation: "append" });
  let isStarted = false;
  await intend(host, PATHS, [intentOf(1)]).then(
    () => isStarted = true,
    () => undefined,
  );
  assert(!isStarted);
});

Deno.test("nothing is written for nothing", async () => {
  const host = createFakeHost();
  await intend(host, PATHS, []);
  assertEquals(host.world.writes, []);
});

Deno.test("a torn line is counted and swallows no other", async () => {
  const host = createFakeHost();
  await intend(host, PATHS, [intentOf(1)]);
  const whole = host.world.disk.textOf(PATHS.intents) ?? "";
  const torn = whole + JSON.stringify({ "schema_version": 1 }).slice(0, -3);
  host.world.disk.put(PATHS.intents, torn);
  await intend(host, PATHS, [intentOf(2)]);
  const { unresolved, damagedLines } = await readIntents(host, PATHS);
  assertEquals(unresolved.map(({ intent }) => intent.intentId), ["i1", "i2"]);
  assertEquals(damagedLines, 1);
});

type Step = readonly ["intend" | "settle" | "spawn", number];

const steps: fc.Arbitrary<readonly Step[]> = fc.array(fc.tuple(
  fc.constantFrom("intend", "spawn", "settle"),
  fc.nat(5),
));

/** Half of the times, two are settled at once. */
function settledWith(n: number): readonly string[] {
  return n % 2 === 0 ? [`i${n}`] : [`i${n}`, `i${n - 1}`];
}

/** What must be open after some steps. */
function openAfter(all: readonly Step[]): ReadonlyMap<string, boolean> {
  const open = new Map<string, boolean>();
  for (const [step, n] of all) {
    const id = `i${n}`;
    const hasProcess = step === "spawn";
    if (step === "intend" || hasProcess && open.has(id)) {
      open.set(id, hasProcess);
    }
    if (step === "settle") {
      for (const settled of settledWith(n)) open.delete(settled);
    }
  }
  return open;
}

async function play(all: readonly Step[]) {
  const host = createFakeHost();
  for (const [step, n] of all) {
    const intentId = `i${n}`;
    if (step === "intend") await intend(host, PATHS, [intentOf(n)]);
    else if (step === "spawn") {
      await noteSpawned(host, PATHS, [{ intentId, identity: processOf(n) }]);
    } else {
      const outcome = "gone" as const;
      const settled = settledWith(n).map((id) => ({ intentId: id, outcome }));
      await settleIntents(host, PATHS, settled);
    }
  }
  return host;
}

function openIn(text: string): ReadonlyMap<string, boolean> {
  const { unresolved } = parseIntents(text);
  return new Map(
    unresolved.map(({ intent, identity }) =>
      [intent.intentId, identity !== undefined] as const
    ),
  );
}

Deno.test("a journal tells what is open, whatever came before", async () => {
  await fc.assert(fc.asyncProperty(steps, async (all) => {
    const host = await play(all);
    const text = host.world.disk.textOf(PATHS.intents) ?? "";
    assertEquals(openIn(text), openAfter(all));
  }));
});

Deno.test("a journal cut anywhere tells what was open then", async () => {
  await fc.assert(fc.asyncProperty(steps, fc.nat(), async (all, at) => {
    const host = await play(all);
    const text = host.world.disk.textOf(PATHS.intents) ?? "";
    const cut = text.slice(0, text === "" ? 0 : at % text.length);
    // The line that is cut may be whole but for its line break.
    const whole = cut.split("\n").filter((line) => line.endsWith("}")).length;
    assertEquals(openIn(cut), openAfter(all.slice(0, whole)));
  }));
});

async function compact(host: ReturnType<typeof createFakeHost>) {
  using lease = await takeLease(host, PATHS, "reeve start");
  return await compactIntents(host, PATHS, lease);
}

Deno.test("only a large journal is shortened", async () => {
  const host = createFakeHost();
  await intend(host, PATHS, [intentOf(1)]);
  const before = host.world.disk.textOf(PATHS.intents);
  assertEquals(await compact(host), "small");
  assertEquals(host.world.disk.textOf(PATHS.intents), before);
});

Deno.test("shortening keeps what is open, with its process", async () => {
  const host = createFakeHost();
  await intend(host, PATHS, [intentOf(1), intentOf(2)]);
  const spawned = { intentId: "i2", identity: processOf(2) };
  await noteSpawned(host, PATHS, [spawned]);
  await host.world.advance(1000);
  const many = Array.from({ length: 1500 }, (_, n) => intentOf(n + 10));
  await intend(host, PATHS, many);
  const outcome = "saved" as const;
  await settleIntents(
    host,
    PATHS,
    many.map(({ intentId }) => ({ intentId, outcome })),
  );
  const size = () => host.world.disk.textOf(PATHS.intents)?.length ?? 0;
  const before = await readIntents(host, PATHS);
  assert(size() > COMPACT_BYTES);
  assertEquals(await compact(host), "compacted");
  const after = await readIntents(host, PATHS);
  assertEquals(after.unresolved, before.unresolved);
  assert(size() < 1000, `${size()}`);
});

Deno.test("a torn line stays damage, although its intent is settled", async () => {
  const host = createFakeHost();
  await intend(host, PATHS, [intentOf(1)]);
  const whole = host.world.disk.textOf(PATHS.intents)?.trim() ?? "";
  await settleIntents(host, PATHS, [{ intentId: "i1", outcome: "saved" }]);
  const settled = host.world.disk.textOf(PATHS.intents) ?? "";
  const torn = whole.slice(0, whole.lastIndexOf(","));
  const { damagedLines, unresolved } = parseIntents(`${torn}\n${settled}`);
  assertEquals([damagedLines, unresolved], [1, []]);
});
