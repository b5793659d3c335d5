/**
 * Emits, spills, imports, delivers and reclaims in an order that its seed
 * decides, says what it has acknowledged, and ends itself at a certain step.
 * Argument: JSON with `root`, `seed`, `killAt` (0: not at all), `rounds`.
 */
import { RealQueue, realQueueHost } from "../support/real_queue.ts";
import { killingHost, KillSwitch } from "../support/killing_host.ts";
import { optIn } from "../../src/queue/consent.ts";
import { reclaim } from "../../src/queue/reclaim.ts";

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const { root, seed, killAt, rounds } = JSON.parse(Deno.args[0] ?? "");
const kill = new KillSwitch(killAt);
const host = killingHost(realQueueHost, kill);
const queue = new RealQueue(root, { host, durability: "relaxed" });

let state = seed;
/** The next number below a limit; the same for the same seed. */
function next(limit: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
  return Math.floor(state / 65_536) % limit;
}

function emit(count: number): void {
  const items = Array.from({ length: count }, () => ({
    type: next(4) === 0 ? "TaskCreated" : "TaskChanged",
    aggregateId: `t${next(5)}`,
    payload: { n: next(1000), text: "x".repeat(next(300)) },
  }));
  for (const outcome of queue.emitter.emitBatch(items)) {
    if (outcome.kind === "captured" || outcome.kind === "spilled") {
      say(`kept ${outcome.eventId}`);
    } else say(`not kept ${JSON.stringify(outcome)}`);
  }
}

function deliver(): void {
  const lease = queue.takeLease();
  const batch = queue.claim(lease, 1 + next(6));
  if (batch === undefined) return;
  queue.settle(lease, batch, { kind: "delivered" });
  for (const { eventId } of batch.events) say(`delivered ${eventId}`);
}

const ACTS: readonly (() => void)[] = [
  () => emit(1),
  () => emit(1),
  () => emit(2 + next(3)),
  () => {
    kill.isBusy = true;
    emit(1 + next(2));
    kill.isBusy = false;
  },
  () => void queue.importOverflow(),
  () => deliver(),
  () => void reclaim(queue.store, { untilMs: Infinity, limit: 1 + next(5) }),
];

emit(1);
optIn(queue.store, "ada", 1);
for (let round = 0; round < rounds; round++) ACTS[next(ACTS.length)]?.();
queue[Symbol.dispose]();
say(`steps ${kill.steps}`);
