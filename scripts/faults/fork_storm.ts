/**
 * Many command lines at once, and two versions in turn.
 *
 * @module
 */

import { reeve } from "#support/cli.ts";
import {
  findDaemonsBelow,
  makeSandbox,
  type Sandbox,
} from "#support/sandbox.ts";
import { waitUntil } from "#support/wait_until.ts";
import { quantile } from "../bench/figure.ts";
import { Canaries } from "./canaries.ts";
import { type Fault, Tally, wantedOf } from "./fault.ts";

const START = ["daemon", "start", "--json"];
const [OLD, NEW] = ["3.2.4", "3.2.6"];

async function start(sandbox: Sandbox, version: string) {
  const begin = performance.now();
  const env = { REEVE_CLI_VERSION: version };
  const result = await reeve(sandbox, START, env);
  if (result.code !== 0) throw new Error(result.stdout + result.stderr);
  const { pid, action } = result.json;
  return {
    pid: Number(pid),
    action: String(action),
    took: performance.now() - begin,
  };
}

async function oneDaemon(sandbox: Sandbox): Promise<number> {
  const find = () => findDaemonsBelow(sandbox.directory);
  await waitUntil(
    "one daemon is left",
    async () => (await find()).length === 1,
  );
  const [pid = 0] = await find();
  return pid;
}

/** So many starts at once; those of two versions agree in the end as well. */
async function storm(
  tally: Tally,
  count: number,
  versions: readonly string[],
): Promise<void> {
  await using sandbox = await makeSandbox();
  await using canaries = new Canaries(tally);
  canaries.add("daemon", "run", "--reeve-daemon-root=/nowhere");
  const starts = await Promise.all(
    Array.from(
      { length: count },
      (_, at) => start(sandbox, versions[at % versions.length] ?? NEW),
    ),
  );
  const pid = await oneDaemon(sandbox);
  if (versions.length === 1) {
    const others = starts.filter((one) => one.pid !== pid).length;
    if (others > 0) throw new Error(`${others} starts name another daemon`);
    const began = starts.filter(({ action }) => action === "started").length;
    if (began !== 1) throw new Error(`${began} starts began a daemon`);
  }
  tally.see(`${count} at once: one daemon in the end`);
  const p99 = Math.round(quantile(starts.map(({ took }) => took), 0.99));
  tally.note(
    `${count} starts at once of ${versions.length} versions: p99 ${p99} ms.`,
  );
}

/** An old and a new command line in turn never replace each other's daemon. */
async function pingPong(
  tally: Tally,
  turns: number,
  onTurn: () => void,
): Promise<void> {
  await using sandbox = await makeSandbox();
  await using canaries = new Canaries(tally);
  canaries.add("daemon", "run");
  await start(sandbox, OLD);
  const { pid } = await start(sandbox, NEW);
  for (let turn = 0; turn < turns; turn++) {
    await tally.attempt(`turn ${turn}`, async () => {
      const now = await start(sandbox, turn % 2 === 0 ? OLD : NEW);
      if (now.pid === pid) return tally.see("turns with the same daemon");
      throw new Error(`the daemon was replaced: ${pid} by ${now.pid}`);
    });
    onTurn();
  }
  await oneDaemon(sandbox);
}

/** Starts at once. */
export const forkStorm: Fault = {
  id: "F10",
  title: "many command lines at once, and two versions in turn",
  promise: "exactly one daemon is left, the newest, and none is ended for an " +
    "older one",
  how: "2, 10 and 50 `daemon start` at once in a fresh root, of one version " +
    "and of two, then an old and a new command line in turn. The processes " +
    "that are left are counted by their command lines.",
  atLeast: { short: 24, long: 215 },
  async run(options) {
    const tally = new Tally();
    const wanted = wantedOf(this, options);
    const sizes = options.isLong
      ? [2, 2, 2, 2, 10, 10, 10, 50, 50, 50]
      : [2, 10];
    for (const count of sizes) {
      for (const versions of [[NEW], [OLD, NEW]]) {
        await tally.attempt(
          `${count} at once`,
          () => storm(tally, count, versions),
        );
        options.onProgress(tally.tried, wanted);
      }
    }
    const turns = options.isLong ? 200 : 20;
    await pingPong(
      tally,
      turns,
      () => options.onProgress(tally.tried, wanted),
    );
    return tally.result(wanted);
  },
};
