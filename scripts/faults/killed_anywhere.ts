/**
 * Processes of ours that end without warning, wherever they are.
 *
 * @module
 */

import { realDelivery } from "#support/real_delivery.ts";
import { makeRoot, RealQueue, startQueueProgram } from "#support/real_queue.ts";
import { residueOf } from "../../src/queue/counts.ts";
import { type Fault, inParallel, spread, Tally, wantedOf } from "./fault.ts";
import { tryCommands } from "./killed_commands.ts";
import { look } from "./power_loss.ts";

const ROUNDS = 40;
const EVENTS = 25;

/** Emits, and ends itself at a step. */
async function enqueue(seed: number, killAt: number, tally: Tally) {
  await using root = await makeRoot();
  const child = startQueueProgram("emits_until_killed", {
    root: root.path,
    seed,
    killAt,
    rounds: ROUNDS,
  });
  const text = await new Response(child.stdout).text();
  await child.status;
  const lines = text.split("\n").slice(0, -1);
  const after = (word: string) =>
    lines.filter((line) => line.startsWith(word)).map((line) =>
      line.slice(word.length)
    );
  const [steps] = after("steps ").map(Number);
  if (killAt > 0) {
    if (steps !== undefined) throw new Error("it came to its end");
    tally.see("enqueue: ended within it");
  }
  using queue = new RealQueue(root.path, { durability: "relaxed" });
  look(queue, after("kept "), after("delivered "), tally);
  return steps ?? 0;
}

/** Delivers, and ends itself at a step. */
async function flush(killAt: number, tally: Tally): Promise<number> {
  await using delivery = await realDelivery();
  const ids = delivery.emit(EVENTS);
  const { url, token, workspace } = delivery.server;
  const child = startQueueProgram("delivers_until_killed", {
    root: delivery.queue.root,
    url,
    token,
    workspace,
    maxEvents: 10,
    killAt,
  });
  const text = await new Response(child.stdout).text();
  await child.status;
  if (killAt > 0) tally.see("flush: ended within it");
  await delivery.drain();
  const { stored } = delivery;
  const missing = ids.filter((id) => !stored.includes(id)).length;
  tally.lost += missing;
  tally.see("events looked for at the server", ids.length);
  if (missing > 0) throw new Error(`${missing} events never arrived`);
  if (stored.length !== ids.length) throw new Error("an event is there twice");
  const left = residueOf(delivery.counts());
  if (left > 0) throw new Error(`${left} events are left in the queue`);
  return text === "" ? 0 : Number(JSON.parse(text).steps);
}

/** SIGKILL at every step. */
export const killedAnywhere: Fault = {
  id: "F1",
  title: "SIGKILL at any step of start, hand-off, cleaning, stop, enqueue " +
    "and flush",
  promise: "nothing acknowledged is lost, the next command repairs what was " +
    "left, one daemon is left in the end, and no stranger gets a signal",
  how:
    "A real process counts its uses of the machine and sends itself SIGKILL " +
    "at the n-th: for the commands every use of files, processes, sockets and " +
    "time, for the queue each step of database, files and requests. Daemons " +
    "are ended from outside at moments of their start. The long form tries " +
    "every step of the commands.",
  atLeast: { short: 38, long: 500 },
  unavailable: () =>
    Promise.resolve(Deno.build.os === "windows" ? "needs SIGKILL" : undefined),
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    const onProgress = () => options.onProgress(tally.tried, wanted);
    const { isLong } = options;
    const amount = { ofEach: isLong ? 1000 : 3, daemons: isLong ? 40 : 2 };
    await tryCommands(tally, amount, onProgress);
    const steps = await enqueue(11, 0, tally);
    tally.see("enqueue: steps it has", steps);
    await inParallel(spread(steps, isLong ? 400 : 16), 2, async (killAt) => {
      await tally.attempt(`enqueue ended at step ${killAt}`, async () => {
        await enqueue(11, killAt, tally);
      });
      onProgress();
    });
    const passes = await flush(0, tally);
    tally.see("flush: steps it has", passes);
    await inParallel(spread(passes, isLong ? 200 : 8), 2, async (killAt) => {
      await tally.attempt(`flush ended at step ${killAt}`, async () => {
        await flush(killAt, tally);
      });
      onProgress();
    });
    return tally.result(wanted);
  },
};
