import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type FakeQueue, fakeQueue } from "#support/fake_queue.ts";
import type { Batch } from "./claim.ts";
import { optIn, optOut, readConsent, releaseHistory } from "./consent.ts";
import type { QueueCounts } from "./counts.ts";
import { replayDead, skipDead } from "./dead.ts";
import { purgeDead } from "./dead_purge.ts";
import { planPurge, purge } from "./purge.ts";
import { applyRetention } from "./retention.ts";
import type { Verdict } from "./settle.ts";
import { verify } from "./verify.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

const VERDICTS: readonly Verdict[] = [
  { kind: "delivered" },
  { kind: "duplicate" },
  { kind: "pending" },
  { kind: "ambiguous" },
  { kind: "retry", reason: "schema_mismatch", error: "payload: no" },
  { kind: "parked", reason: "not_admitted" },
  { kind: "dead", reason: "refused", error: "no" },
  { kind: "unsent" },
];

const TYPES = ["TaskCreated", "TaskChanged", "TaskSeen", "TaskTimed"] as const;

type Step =
  | { readonly do: "emit"; readonly type: number; readonly lane: number }
  | { readonly do: "claim"; readonly max: number }
  | { readonly do: "settle"; readonly salt: number }
  | { readonly do: "requeue"; readonly isAsked: boolean }
  | { readonly do: "release"; readonly limit: number }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "gc"; readonly days: number; readonly maxRows: number }
  | {
    readonly do:
      | "optin"
      | "optout"
      | "replay"
      | "replay_skipped"
      | "skip"
      | "dead_purge"
      | "purge"
      | "lose";
  };

const small = (max: number) => fc.nat({ max });
const plain = <D extends Step["do"]>(word: D) => fc.constant({ do: word });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("emit" as const),
      type: small(3),
      lane: small(3),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("claim" as const),
      max: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      salt: fc.nat(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("requeue" as const),
      isAsked: fc.boolean(),
    }),
  },
  fc.record({
    do: fc.constant("release" as const),
    limit: fc.integer({ min: 1, max: 5 }),
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("advance" as const),
      ms: fc.constantFrom(1000, 3_600_000, 8 * DAY_MS, 40 * DAY_MS),
    }),
  },
  fc.record({
    do: fc.constant("gc" as const),
    days: small(40),
    maxRows: small(5),
  }),
  plain("optin"),
  plain("optout"),
  plain("replay"),
  plain("replay_skipped"),
  plain("skip"),
  plain("dead_purge"),
  plain("purge"),
  plain("lose"),
);

/** A queue, who delivers it, and what is on its way. */
interface World {
  readonly queue: FakeQueue;
  lease: { readonly token: number };
  batch: Batch | undefined;
}

/** What is done in each step; whoever purges has the right to deliver. */
async function act(world: World, step: Step): Promise<void> {
  const { queue } = world;
  const nowMs = queue.host.clock.now();
  switch (step.do) {
    case "emit":
      return void queue.emit(TYPES[step.type] ?? "TaskSeen", `t${step.lane}`);
    case "claim":
      world.batch ??= queue.claim(world.lease, { maxEvents: step.max });
      return;
    case "settle":
      return settleSome(world, step.salt);
    case "requeue":
      if (world.batch === undefined) queue.requeue(world.lease, step.isAsked);
      return;
    case "advance":
      return queue.host.world.clock.setWall(nowMs + step.ms);
    case "lose":
      takeOver(world);
      return void queue.requeue(world.lease);
    case "purge":
      takeOver(world);
      await purge(queue.host, queue.store, world.lease, {
        actor: "ada",
        plan: planPurge(queue.queueHost, queue.store),
      });
      return;
    default:
      return await care(queue, step, nowMs);
  }
}

function takeOver(world: World): void {
  world.batch = undefined;
  world.lease = world.queue.takeLease();
}

/** What a person does, whoever delivers meanwhile. */
async function care(
  { host, store }: FakeQueue,
  step: Step,
  nowMs: number,
): Promise<void> {
  const action = { actor: "ada", nowMs };
  switch (step.do) {
    case "release":
      return void releaseHistory(store, "ada", { nowMs, limit: step.limit });
    case "gc":
      await applyRetention(host, store, {
        ...action,
        bodyMs: 7 * DAY_MS,
        rowMs: step.days * DAY_MS,
        maxRows: step.maxRows,
      });
      return;
    case "optin":
      return void optIn(store, "ada", nowMs);
    case "optout":
      return void optOut(store, "ada", nowMs);
    case "replay":
      return void replayDead(store, {}, action);
    case "replay_skipped":
      return void replayDead(store, { states: ["skipped"] }, action);
    case "skip":
      return void skipDead(store, {}, action);
    case "dead_purge":
      return void purgeDead(store, {}, { ...action, isAutomatic: false });
  }
}

function settleSome(world: World, salt: number): void {
  const { batch, queue, lease } = world;
  if (batch === undefined) return;
  queue.settle(
    lease,
    batch,
    (seq) => VERDICTS[(salt + seq * 7) % VERDICTS.length] ?? { kind: "unsent" },
  );
  world.batch = undefined;
}

interface Recount {
  readonly [column: string]: string | number | null;
  readonly state: string | null;
  readonly epoch: number;
  readonly "is_open": number | null;
  readonly "is_live": number;
  readonly bytes: number;
}

/** The numbers once more, each from all rows. */
function recount(queue: FakeQueue) {
  const { open_epoch: open } = queue.meta();
  const rows = queue.rows<Recount>(
    `SELECT d.state, e.consent_epoch AS epoch, d.is_open, e.bytes,
       e.body IS NOT NULL AS is_live
       FROM events e LEFT JOIN deliveries d ON d.seq = e.seq`,
  );
  const count = (isIt: (row: Recount) => boolean) => rows.filter(isIt).length;
  const current = (state: string) =>
    count((row) => row.state === state && row.epoch === open);
  return {
    ready: current("ready") +
      count((row) => row.state === null && row.epoch === open && row.epoch > 0),
    inflight: current("inflight"),
    retry: current("retry"),
    pendingRemote: current("pending_remote"),
    skipped: current("skipped"),
    parked: count((row) => row.state === "parked"),
    dead: count((row) => row.state === "dead"),
    sealed: count((row) => row.is_open === 1 && row.epoch !== open),
    liveRows: count((row) => row.is_live === 1),
    liveBytes: rows.reduce((sum, row) => sum + row.bytes * row.is_live, 0),
    local: count((row) => row.epoch === 0),
    here: rows.length,
  };
}

function sumOf(byReason: QueueCounts["dead"]): number {
  return Object.values(byReason).reduce((sum, n) => sum + n, 0);
}

function assertCounted(queue: FakeQueue): void {
  const { local, here, ...found } = recount(queue);
  const counts = queue.counts();
  const { ready, inflight, retry, pendingRemote, skipped, sealed } = counts;
  const { liveRows, liveBytes } = counts;
  assertEquals({
    ready,
    inflight,
    retry,
    pendingRemote,
    skipped,
    parked: sumOf(counts.parked),
    dead: sumOf(counts.dead),
    sealed,
    liveRows,
    liveBytes,
  }, found);
  assertEquals(readConsent(queue.store).keptLocal, local);
  assertEquals(counts.captured, here + (queue.meta()["removed"] ?? 0));
}

Deno.test("verify() and countQueue() agree with the rows, whatever was done", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 60, size: "max" }),
      async (steps) => {
        const queue = await fakeQueue();
        optIn(queue.store, "ada", queue.host.clock.now());
        const lease = queue.takeLease();
        const world: World = { queue, lease, batch: undefined };
        for (const step of steps) {
          await act(world, step);
          assertCounted(queue);
        }
        const { checks } = await verify(queue.host, queue.store);
        const wrong = checks.filter(({ verdict }) => verdict !== "ok");
        assert(wrong.length === 0, JSON.stringify(wrong, null, 2));
      },
    ),
    { numRuns: 100 },
  );
});
