/**
 * A machine that loses its power while a queue is written.
 *
 * @module
 */

import { RealQueue } from "#support/real_queue.ts";
import { installIdPath } from "../../src/state/project_paths.ts";
import { type Fault, numbersFrom, Tally, wantedOf } from "./fault.ts";
import { proveFlushes } from "./power_loss_flushes.ts";
import {
  crash,
  hasChanged,
  type Image,
  type Moment,
  playStory,
  type Story,
} from "./power_loss_story.ts";

const ROUNDS = 60;
const CRASHES_OF_A_STORY = 250;

/** The memory, where there is such a directory: thousands of files. */
async function makePlace(): Promise<string> {
  const prefix = "reeve-faults-";
  return await Deno.makeTempDir({ dir: "/dev/shm", prefix })
    .catch(() => Deno.makeTempDir({ prefix }));
}

/** Opens what was left on the disk, and looks for what was acknowledged. */
async function checkImage(
  image: Image,
  { kept, delivered }: Moment,
  installId: string,
  tally: Tally,
): Promise<void> {
  const path = await makePlace();
  try {
    await Deno.writeTextFile(installIdPath({ root: path }), installId);
    using queue = new RealQueue(path, { durability: "relaxed" });
    await Deno.mkdir(queue.paths.directory, { recursive: true });
    for (const [name, bytes] of Object.entries(image)) {
      if (bytes.length === 0) continue;
      await Deno.writeFile(`${queue.paths.directory}/${name}`, bytes);
    }
    look(queue, kept, delivered, tally);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

/**
 * Looks for what was acknowledged in a queue that the next program opens.
 *
 * @throws {Error} when something is missing, twice or damaged.
 */
export function look(
  queue: RealQueue,
  kept: readonly string[],
  delivered: readonly string[],
  tally: Tally,
): void {
  // What the next program does first.
  const again = queue.emitter.emit("TaskChanged", {
    aggregateId: "t",
    payload: {},
  });
  if (again.kind !== "captured") throw new Error(`then ${again.kind}`);
  const { db } = queue.store;
  const check = db.get<{ "integrity_check": string }>("PRAGMA integrity_check");
  if (check?.integrity_check !== "ok") throw new Error("it is damaged");
  queue.importOverflow();
  const stored = db.all<{ id: string }>("SELECT event_id AS id FROM events")
    .map(({ id }) => id);
  const there = new Set(stored);
  if (there.size !== stored.length) throw new Error("an event is there twice");
  const closed = new Set(
    db.all<{ id: string }>(
      `SELECT event_id AS id FROM events JOIN deliveries USING (seq)
        WHERE is_open = 0`,
    ).map(({ id }) => id),
  );
  const missing = kept.filter((id) => !there.has(id)).length +
    delivered.filter((id) => !closed.has(id)).length;
  tally.lost += missing;
  tally.see("acknowledged events looked for", kept.length);
  tally.see("acknowledged deliveries looked for", delivered.length);
  if (missing > 0) throw new Error(`${missing} acknowledged are missing`);
}

/** Pairs of moments between which something was written. */
function changesOf({ moments }: Story): readonly [Moment, Moment][] {
  return moments.slice(1).map((after, at): [Moment, Moment] => [
    moments[at] ?? after,
    after,
  ]).filter(([before, after]) => hasChanged(before, after));
}

/** Loss of unsynced writes. */
export const powerLoss: Fault = {
  id: "F8",
  title: "the power goes while the queue is written",
  promise: "no acknowledged event and no acknowledged delivery is lost",
  how:
    "A queue on a real disk emits, spills, imports, delivers, reclaims and " +
    "checkpoints; its files are read before and after each transaction. From " +
    "two such moments disks are made on which any of the sectors written in " +
    "between are there, missing, zeroed or out of order, within what flushes " +
    "forbid, and the queue is opened on each. That an acknowledgement follows " +
    "its flush is read from a trace of system calls, where strace is there.",
  atLeast: { short: 600, long: 5000 },
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    const proof = await proveFlushes();
    if (proof === undefined) {
      tally.note("Flushes were not traced: strace is not there.");
    } else {
      tally.see("acknowledgements traced", proof.acknowledged);
      tally.see("of these before their flush", proof.early);
      tally.see("flushes traced", proof.flushes);
      const isProved = proof.acknowledged > 0 && proof.early === 0;
      if (!isProved) tally.problem("an acknowledgement came before its flush");
    }
    for (let seed = 1; tally.tried < wanted; seed++) {
      const next = numbersFrom(seed);
      const story = await playStory(next, ROUNDS);
      const changes = changesOf(story);
      tally.see("stories");
      tally.see("transactions that wrote", changes.length);
      const count = Math.min(CRASHES_OF_A_STORY, wanted - tally.tried);
      for (let crashes = 0; crashes < count; crashes++) {
        const [before, after] = changes[next(changes.length)] ?? [];
        if (before === undefined || after === undefined) break;
        const image = crash(before.image, after.image, next);
        await tally.attempt(
          `story ${seed}, crash ${crashes}`,
          () => checkImage(image, before, story.installId, tally),
        );
        options.onProgress(tally.tried, wanted);
      }
    }
    return tally.result(wanted);
  },
};
