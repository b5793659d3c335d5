/**
 * A machine full of stale daemons.
 *
 * @module
 */

import { reeve } from "#support/cli.ts";
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

const NEW = { REEVE_CLI_VERSION: "3.2.6" };
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
  const early = orphans.filter((orphan) => !orphan.isAlive()).length;
  if (early > 0) throw new Error(`${early} orphans ended by themselves`);
  const start = performance.now();
  const reset = ["auth", "doctor", "--reset", "--json"];
  const { json } = await reeve(sandbox, reset, NEW);
  const took = Math.round(performance.now() - start);
  tally.note(`${count} orphans: ${took} ms, with a second of grace.`);
  // The end of our own child reaches us a moment after its death.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const swept: readonly { pid: number }[] = json.reset_result.swept;
  const said = new Set(swept.map(({ pid }) => pid));
  for (const orphan of orphans) {
    if (said.has(orphan.pid) && orphan.isAlive()) {
      throw new Error(`${orphan.pid} lives, but was reported as ended`);
    }
    tally.see(said.has(orphan.pid) ? "orphans ended" : "orphans left");
  }
  if (said.size !== count) {
    const { skipped, failed } = json.reset_result;
    const why = JSON.stringify([skipped, failed]);
    throw new Error(`${said.size} of ${count} ended: ${why}`);
  }
  if (said.has(current.pid)) throw new Error("the current daemon was ended");
}

/** Many orphans. */
export const manyOrphans: Fault = {
  id: "F4",
  title: "many orphans of mixed versions, a third of them stubborn",
  promise:
    "all are ended by one reset, all reports are true, and the current " +
    "daemon stays",
  how: "Real stale daemons, and every third a process in their shape that " +
    "ignores SIGTERM, beside a current daemon and an innocent.",
  atLeast: { short: 1, long: 2 },
  async run(options) {
    const tally = new Tally();
    for (const count of options.isLong ? [18, 45] : [6]) {
      await tally.attempt(`${count} orphans`, () => sweepMany(count, tally));
      options.onProgress(tally.tried, 2);
    }
    return tally.result(wantedOf(this, options));
  },
};
