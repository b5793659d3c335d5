/**
 * A machine full of stale daemons.
 *
 * @module
 */

import {
  reeveHealth,
  reeveShape,
  startCurrent,
  startDaemon,
  type Started,
  startShaped,
} from "#support/population.ts";
import { makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { Canaries } from "./canaries.ts";
import { type Fault, Tally, wantedOf } from "./fault.ts";
import { NEW, report, RESET, stateOf } from "./reports.ts";

const OLD = ["3.2.2", "3.2.3", "3.2.4"];

/** Every third one ignores SIGTERM. */
function startOrphan(sandbox: Sandbox, at: number): Promise<Started> {
  const version = OLD[at % OLD.length] ?? "3.2.2";
  if (at % 3 !== 2) return startDaemon(sandbox, { version });
  return startShaped(sandbox, {
    port: sandbox.firstPort + 49 - Math.floor(at / 3),
    health: reeveHealth(sandbox.root, version),
    ignoresSigterm: true,
  }, reeveShape(sandbox.root));
}

/** Most resets until all have ended; on a machine at rest it is one. */
const RESETS = 5;

/** Waits for no handle: the kernel tells at once who has ended. */
async function hasEnded({ pid }: Started): Promise<boolean> {
  return "?ZX".includes(await stateOf(pid));
}

/** Whether the journal names it; who starts late enough retires unasked. */
async function wasActedOn(
  { root }: Sandbox,
  { pid }: Started,
): Promise<boolean> {
  const journal = await Deno.readTextFile(`${root}/signals.jsonl`)
    .catch(() => "");
  return journal.includes(`"target":{"pid":${pid},`);
}

/** A process that a report names. */
interface Named {
  readonly pid: number;
  readonly "skip_reason"?: string;
}

function pidsOf(all: readonly Named[]): ReadonlySet<number> {
  return new Set(all.map(({ pid }) => pid));
}

/**
 * One reset, whose every word is held against the processes.
 *
 * @returns those that are left: each was named as one that did not answer or
 * did not end in time.
 */
async function resetOnce(
  sandbox: Sandbox,
  orphans: readonly Started[],
  tally: Tally,
): Promise<readonly Started[]> {
  const { json } = await report(sandbox, RESET);
  const { swept, skipped, failed } = json.reset_result;
  const ended = pidsOf(swept);
  const slow = pidsOf([
    ...failed,
    ...skipped.filter((one: Named) => one.skip_reason === "unresponsive"),
  ]);
  const left: Started[] = [];
  for (const orphan of orphans) {
    const isOver = await hasEnded(orphan);
    if (ended.has(orphan.pid) && !isOver) {
      throw new Error(`${orphan.pid} lives, but was reported as ended`);
    }
    if (ended.has(orphan.pid)) {
      tally.see("orphans ended");
      continue;
    }
    if (isOver && !await wasActedOn(sandbox, orphan)) {
      tally.see("orphans that had retired by themselves");
      continue;
    }
    if (isOver || !slow.has(orphan.pid)) {
      const state = isOver ? "was ended" : "is left";
      throw new Error(
        `${orphan.pid} ${state} unsaid: ${JSON.stringify([skipped, failed])}`,
      );
    }
    left.push(orphan);
  }
  if (left.length > 0) tally.see("left, as they were slow", left.length);
  return left;
}

async function sweepMany(count: number, tally: Tally): Promise<void> {
  await using sandbox = await makeSandbox();
  await using canaries = new Canaries(tally);
  await using stack = new AsyncDisposableStack();
  canaries.add("daemon", "run", "--reeve-daemon-root=/nowhere");
  const current = await startCurrent(sandbox, NEW);
  const orphans: Started[] = [];
  for (let at = 0; at < count; at++) {
    orphans.push(stack.use(await startOrphan(sandbox, at)));
  }
  const start = performance.now();
  let left: readonly Started[] = orphans;
  let resets = 0;
  while (left.length > 0 && resets < RESETS) {
    left = await resetOnce(sandbox, left, tally);
    resets++;
  }
  const took = Math.round(performance.now() - start);
  tally.note(
    `${count} orphans: ${resets} resets, ${took} ms, with a second of grace.`,
  );
  if (left.length > 0) throw new Error(`${left.length} of ${count} are left`);
  const state = await stateOf(current.pid);
  if ("?ZX".includes(state)) throw new Error("the current daemon was ended");
}

/** Many orphans. */
export const manyOrphans: Fault = {
  id: "F4",
  title: "many orphans of mixed versions, a third of them stubborn",
  promise: "a reset ends all that answer and names those that do not in " +
    "time, the next one ends these, all reports are true, and the current " +
    "daemon stays",
  how: "Real stale daemons, and every third a process in their shape that " +
    "ignores SIGTERM, beside a current daemon and an innocent. What a reset " +
    "says of each is compared with its state in `/proc`.",
  atLeast: { short: 1, long: 2 },
  unavailable: () =>
    Promise.resolve(Deno.build.os === "linux" ? undefined : "needs Linux"),
  async run(options) {
    const tally = new Tally();
    for (const count of options.isLong ? [18, 45] : [6]) {
      await tally.attempt(`${count} orphans`, () => sweepMany(count, tally));
      options.onProgress(tally.tried, 2);
    }
    return tally.result(wantedOf(this, options));
  },
};
