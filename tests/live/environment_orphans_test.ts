/** Leftovers are ended where that is safe, and everybody else is left alone. */

import "#support/c_library.ts";
import { assert, assertEquals } from "@std/assert";
import {
  freePort,
  makeUnitWorld,
  NO_JOURNAL,
  type TestUnit,
  type UnitWorld,
} from "#support/unit_world.ts";
import { waitUntil } from "#support/wait_until.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { launchUnit } from "../../src/environment/launch.ts";
import type {
  KnownUnit,
  OrphanScope,
} from "../../src/environment/orphan_facts.ts";
import {
  type Consent,
  reclaimAll,
  type ReclaimResult,
} from "../../src/environment/reclaim.ts";
import { openSignalJournal } from "../../src/environment/signal_journal.ts";

const OURS = `repo-${denoHost.random.hex(6)}`;
/** The one repository that is not there any more, here and in no other test. */
const GONE = `repo-${denoHost.random.hex(6)}`;
const EVERYBODY = () => true;
const OTHER = "repo-00000000000b";

/** Starts a unit of a scope. */
async function startIn(
  world: UnitWorld,
  scope: string,
  ...words: readonly string[]
): Promise<TestUnit> {
  const plan = world.plan(...words);
  const marker = plan.marker.replace("repo-test", scope);
  return await world.launch({ ...plan, marker });
}

function known(
  unit: TestUnit,
  knowledge: KnownUnit["knowledge"],
  identity: KnownUnit["identity"] = unit.identity,
): KnownUnit {
  return {
    name: unit.plan.name,
    marker: unit.plan.marker,
    identity,
    knowledge,
  };
}

async function run(
  world: UnitWorld,
  scope: Partial<OrphanScope>,
  agreesTo: Consent = () => false,
): Promise<ReclaimResult> {
  const path = `${world.directory}/signals.jsonl`;
  const given = {
    scope: OURS,
    units: [],
    isLiving: (name: string) => name !== GONE,
    ports: [],
    ...scope,
  };
  const journal = openSignalJournal(denoHost, path, "test");
  const result = await reclaimAll(denoHost, given, agreesTo, {
    journal,
    graceMs: 200,
  });
  assert(!("unknown" in result));
  return result;
}

async function isAlive({ identity: { pid } }: TestUnit): Promise<boolean> {
  const seen = (await denoHost.processes.inspect([pid])).get(pid);
  return seen?.kind === "found" && seen.facts.state !== "zombie";
}

async function isListening(port: number): Promise<boolean> {
  const range = { first: port, end: port + 1 };
  const table = await denoHost.processes.listeners(range);
  return table.kind === "table" && table.listeners.length > 0;
}

/** Only the processes of this test: others may run at the same time. */
function about(
  result: ReclaimResult,
  units: readonly TestUnit[],
): readonly string[] {
  const names = new Map(units.map((unit, at) => [unit.identity.pid, at]));
  return [
    ...result.swept.map(({ pid, reason }) => ({ pid, text: reason })),
    ...result.skipped.map((one) => ({ pid: one.pid, text: one.skip_reason })),
    ...result.failed.map((one) => ({ pid: one.pid, text: one.failure_reason })),
  ].flatMap(({ pid, text }) => {
    const at = names.get(pid);
    return at === undefined ? [] : [`${at} ${text}`];
  }).sort();
}

Deno.test("each kind of leftover gets its own treatment", async () => {
  await using world = await makeUnitWorld();
  const stale = await startIn(world, OURS, "work", "stubborn");
  const intended = await startIn(world, OURS, "work");
  const active = await startIn(world, OURS, "work");
  const starting = await startIn(world, OURS, "work");
  const unknown = await startIn(world, OURS, "work");
  const other = await startIn(world, OTHER, "work");
  const units = [stale, intended, active, starting, unknown, other];
  const scope = {
    units: [
      known(stale, "stale"),
      known(intended, "intended", undefined),
      known(active, "active"),
      known(starting, "starting"),
    ],
  };
  const result = await run(world, scope);
  assertEquals(about(result, units), [
    "0 safe_auto stale_same_scope",
    "1 safe_auto orphan_intent",
    "4 unknown_token",
  ]);
  assertEquals(
    await Promise.all(units.map(isAlive)),
    [false, false, true, true, true, true],
  );
});

Deno.test("a person may agree to end doubtful ones", async () => {
  await using world = await makeUnitWorld();
  const unknown = await startIn(world, OURS, "work");
  const gone = await startIn(world, GONE, "work");
  const other = await startIn(world, OTHER, "work");
  const units = [unknown, gone, other];
  assertEquals(about(await run(world, {}), units), [
    "0 unknown_token",
    "1 scope_gone",
  ]);
  await run(world, {}, EVERYBODY);
  assertEquals(await Promise.all(units.map(isAlive)), [false, false, true]);
});

Deno.test("what left the session of a dead unit is not ended by itself", async () => {
  await using world = await makeUnitWorld();
  const port = freePort();
  const unit = await startIn(world, OURS, "forget", "listen", String(port));
  await waitUntil("its starter has ended", async () => !await isAlive(unit));
  const listening = () => isListening(port);
  await waitUntil("its daemon listens", listening);
  const scope = { units: [known(unit, "stale")], ports: [port] };
  const result = await run(world, scope);
  assertEquals(result.swept, []);
  const kept = result.skipped.filter((one) => one.ports.includes(port));
  assertEquals(kept.map((one) => one.skip_reason), ["outside_session"]);
  assert(await listening());
  await run(world, scope, EVERYBODY);
  assert(!await listening());
});

Deno.test("a stranger on our port is only ended with consent", async () => {
  await using world = await makeUnitWorld();
  const port = freePort();
  const unit = await startIn(world, OURS, "scrub", "listen", String(port));
  const mine = { units: [known(unit, "stale")], ports: [port] };
  await waitUntil("it listens", () => isListening(port));
  const [kept] = (await run(world, mine)).skipped;
  assertEquals<unknown>(
    [kept?.cleanup_class, kept?.skip_reason],
    ["operator_required", "suspicious"],
  );
  const forced = await run(world, mine, EVERYBODY);
  assertEquals(forced.swept.map(({ pid }) => pid), [kept?.pid]);
});

Deno.test("a command that is killed while it starts leaves nothing lost", async () => {
  await using world = await makeUnitWorld();
  const plan = { ...world.plan("work") };
  const marker = plan.marker.replace("repo-test", OURS);
  // The command ends between the start and the note of who was started.
  const lost = Promise.withResolvers<never>();
  const journal = { ...NO_JOURNAL, spawned: () => lost.promise };
  launchUnit(denoHost, { ...plan, marker }, journal).catch(() => undefined);
  await waitUntil("it was started", async () => {
    const listing = await denoHost.processes.table();
    const pids = listing.kind === "table" ? listing.rows.map((r) => r.pid) : [];
    const markers = await denoHost.processes.readVariable("REEVE_UNIT", pids);
    return [...markers.values()].includes(marker);
  });
  const intent: KnownUnit = {
    name: "Main lost",
    marker,
    identity: undefined,
    knowledge: "intended",
  };
  const result = await run(world, { units: [intent] });
  assertEquals(result.swept.map((one) => one.unit), ["Main lost"]);
});
