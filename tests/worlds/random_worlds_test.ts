import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { daemonContext } from "../../src/daemon/context.ts";
import { toRecord } from "../../src/daemon/identity_record.ts";
import { openJournal } from "../../src/daemon/journal.ts";
import { scan } from "../../src/daemon/scan.ts";
import { sweep, type SweepResult } from "../../src/daemon/sweep.ts";
import { planSweep } from "../../src/daemon/sweep_plan.ts";
import { type FakeProcess, FakeWorld } from "#support/fake_host.ts";
import {
  inhabit,
  KIND_NAMES,
  type KindName,
  KINDS,
  type Manner,
  SCOPE,
} from "./inhabitants.ts";

/** Worlds a run; each has its own inhabitants, disturbance and consent. */
const RUNS = 20_000;

interface Inhabitant {
  readonly name: KindName;
  readonly port: number;
  readonly manner: Manner;
}

/** Something that happens in the middle of what we do. */
interface Disturbance {
  /** How many of our operations come before it. */
  readonly after: number;
  /** Index of the inhabitant that it happens to. */
  readonly who: number;
  readonly what: "dies" | "pid_is_reused" | "execs" | "stops";
}

interface WorldPlan {
  readonly inhabitants: readonly Inhabitant[];
  readonly state: "none" | "complete" | "no_pid" | "port_only" | "pid_only";
  readonly named: number;
  readonly disturbance: Disturbance | null;
  readonly agrees: boolean;
  readonly isPinned: boolean;
}

const manners: fc.Arbitrary<Manner> = fc.record({
  onSignal: fc.constantFrom(
    "polite",
    "polite",
    "stubborn",
    "immortal",
    "denied",
    "zombie_after_term",
  ),
  shutdown: fc.constantFrom("accepts", "refuses", "accepts_but_stays"),
  delayMs: fc.constantFrom(0, 3, 900, 1500),
});

const plans: fc.Arbitrary<WorldPlan> = fc.record({
  inhabitants: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom(...KIND_NAMES),
      port: fc.oneof(
        fc.integer({ min: 9400, max: 9449 }),
        fc.constantFrom(9399, 9400, 9449, 9450),
      ),
      manner: manners,
    }),
    { minLength: 1, maxLength: 5, selector: ({ port }) => port },
  ),
  state: fc.constantFrom(
    "none",
    "none",
    "complete",
    "no_pid",
    "port_only",
    "pid_only",
  ),
  named: fc.nat(4),
  disturbance: fc.option(fc.record({
    after: fc.nat(40),
    who: fc.nat(4),
    what: fc.constantFrom("dies", "pid_is_reused", "execs", "stops"),
  })),
  agrees: fc.boolean(),
  isPinned: fc.boolean(),
});

const TOKEN = "0123456789abcdef0123456789abcdef";

/** One world in which the plan has come true. */
function createWorld(plan: WorldPlan) {
  const world = new FakeWorld();
  const kinds = new Map<FakeProcess, Inhabitant>();
  const processes = plan.inhabitants.map((inhabitant, at) => {
    const { name, port, manner } = inhabitant;
    const pid = 5000 + at;
    const end = () => world.endProcess(pid);
    const spec = inhabit(name, { pid, port }, manner, end);
    const process = world.addProcess(spec);
    kinds.set(process, inhabitant);
    return process;
  });
  let operations = 0;
  const host = world.host({
    pid: 900,
    isPinned: plan.isPinned,
    env: { REEVE_HOME: SCOPE, SPEC_KITTY_HOME: "/home/ada/.spec-kitty" },
    gate() {
      const { disturbance } = plan;
      if (disturbance !== null && operations++ === disturbance.after) {
        disturb(world, processes[disturbance.who], disturbance.what);
      }
      return Promise.resolve();
    },
  });
  return { world, host, kinds, processes };
}

function disturb(
  world: FakeWorld,
  process: FakeProcess | undefined,
  what: Disturbance["what"],
): void {
  if (process === undefined || process.hasEnded) return;
  if (what === "dies") world.endProcess(process.pid);
  else if (what === "stops") process.state = "stopped";
  else if (what === "execs") process.argv = ["/opt/other"];
  else world.reusePid(process.pid, { argv: ["/usr/bin/innocent"] });
}

function stateText(plan: WorldPlan): string | undefined {
  const named = plan.inhabitants[plan.named];
  if (named === undefined) return undefined;
  const { port } = named;
  const pid = 5000 + plan.named;
  const head = `http://127.0.0.1:${port}`;
  switch (plan.state) {
    case "none":
      return undefined;
    case "complete":
      return `${head}\n${port}\n${TOKEN}\n${pid}\n`;
    case "no_pid":
      return `${head}\n${port}\n${TOKEN}\n`;
    case "port_only":
      return `${head}\n${port}\n${TOKEN}\n77\n`;
    case "pid_only":
      return `http://127.0.0.1:9430\n9430\n${TOKEN}\n${pid}\n`;
  }
}

/** What may at most be done to an inhabitant. */
function mayBeStopped(plan: WorldPlan, { name, port }: Inhabitant): boolean {
  if (port < 9400 || port >= 9450) return false;
  const at = plan.inhabitants.findIndex((one) => one.port === port);
  const isNamed = at === plan.named && !name.startsWith("kitty");
  if (isNamed && (plan.state === "complete" || plan.state === "no_pid")) {
    return false;
  }
  const isInPart = isNamed &&
    (plan.state === "port_only" || plan.state === "pid_only");
  const isSilenced = plan.disturbance?.what === "stops" &&
    plan.disturbance.who === at;
  // Only its answer told that this one is no sync daemon of ours.
  const fate = name === "other_family" && isSilenced
    ? "consent"
    : KINDS[name].fate;
  if (fate === "never") return false;
  return plan.agrees || (fate === "auto" && !isInPart);
}

function checkSignals(
  plan: WorldPlan,
  { world, kinds }: ReturnType<typeof createWorld>,
): void {
  for (const { pid, startStamp } of world.signals) {
    const hit = [...kinds].find(([process]) =>
      process.pid === pid && process.startStamp === startStamp
    );
    assert(hit !== undefined, `an innocent was signalled: pid ${pid}`);
    assert(mayBeStopped(plan, hit[1]), `${hit[1].name} was signalled`);
  }
  for (const { port, path } of world.requests) {
    if (path !== "/api/shutdown") continue;
    const asked = plan.inhabitants.find((one) => one.port === port);
    assert(
      asked !== undefined && mayBeStopped(plan, asked),
      `${asked?.name} on ${port} was asked to stop`,
    );
  }
}

function checkLists(
  result: SweepResult,
  expected: readonly number[],
  { kinds }: ReturnType<typeof createWorld>,
): void {
  const { swept, skipped, failed } = result;
  const listed = [...swept, ...skipped, ...failed].map((entry) => entry.port);
  assertEquals(listed.toSorted(), expected.toSorted());
  for (const { port } of swept) {
    const process = [...kinds].find(([, one]) => one.port === port)?.[0];
    assert(process?.hasEnded === true, `${port} was falsely reported swept`);
  }
}

async function runWorld(plan: WorldPlan): Promise<void> {
  const created = createWorld(plan);
  const { host, world } = created;
  const text = stateText(plan);
  if (text !== undefined) {
    await world.host({ pid: 901 }).files.writeAtomic(
      `${SCOPE}/sync-daemon`,
      text,
    );
  }
  const context = await daemonContext(host);
  const found = await scan(host, context.families);
  const records = found.candidates.map((row) => toRecord(row, found.viewpoint));
  for (const record of records) {
    const isSafe = record.cleanup_class === "safe_auto";
    assertEquals(record.skip_reason === null, isSafe);
    assert(!isSafe || record.spawn_shape_ok && record.pid !== null);
    assert(record.port >= 9400 && record.port < 9450);
  }
  const sweepPlan = planSweep(found.candidates, found.viewpoint, {
    agreesTo: () => plan.agrees,
    families: context.families,
  });
  const result = await sweep(host, sweepPlan, {
    journal: openJournal(host, context.paths.journal, "test"),
    machine: found.machine,
    ownVersion: "3.2.6",
  });
  const cleanable = records.filter((record) =>
    record.cleanup_class !== "never_touch"
  );
  checkSignals(plan, created);
  checkLists(result, cleanable.map(({ port }) => port), created);
}

Deno.test("sweep() touches nothing but proved targets in random worlds", async () => {
  await fc.assert(fc.asyncProperty(plans, runWorld), { numRuns: RUNS });
});
