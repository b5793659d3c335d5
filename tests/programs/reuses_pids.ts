/**
 * Ends a daemon in the middle of a sweep and gives its pid to an innocent
 * process, again and again, and prints what the innocent ones got. Only for a
 * pid namespace of its own. Arguments: how many rounds for each gap, and
 * `by_number` to do without pidfds.
 */

import "./hides_pidfds.ts";
import {
  reeveHealth,
  reeveShape,
  type Started,
  startShaped,
} from "../support/population.ts";
import { makeSandbox, type Sandbox } from "../support/sandbox.ts";
import { hostIn, spyHost } from "../support/spy_host.ts";
import { daemonContext } from "../../src/daemon/context.ts";
import { openJournal } from "../../src/daemon/journal.ts";
import { scan } from "../../src/daemon/scan.ts";
import { sweep } from "../../src/daemon/sweep.ts";
import { planSweep } from "../../src/daemon/sweep_plan.ts";
import type { Host } from "../../src/host/host.ts";
import type { ProcessHold } from "../../src/host/processes.ts";

const LAST_PID = "/proc/sys/kernel/ns_last_pid";

/** A moment at which the pid changes hands. */
type Gap = "scan" | "hold" | "proof" | "term";
const GAPS: readonly Gap[] = ["scan", "hold", "proof", "term"];

/** Whether the holds of all rounds were pinned. */
const kinds = new Set<boolean>();

interface Innocent extends AsyncDisposable {
  isAlive(): boolean;
}

/** Starts innocent processes until one has the pid. */
async function giveAway(pid: number): Promise<Innocent> {
  for (let attempt = 0; attempt < 500; attempt++) {
    await Deno.writeTextFile(LAST_PID, String(pid - 1));
    const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
    let isAlive = true;
    const ended = child.status.then(() => isAlive = false);
    const end = async () => {
      if (isAlive) child.kill("SIGKILL");
      await ended;
    };
    if (child.pid === pid) {
      return { isAlive: () => isAlive, [Symbol.asyncDispose]: end };
    }
    await end();
  }
  throw new Error(`Cannot give pid ${pid} to anybody`);
}

/** A host that lets the pid change hands at one moment. */
function gatedHost(host: Host, gap: Gap, swap: () => Promise<void>): Host {
  const gate = async (moment: Gap) => {
    if (moment === gap) await swap();
  };
  const hold = async (pid: number) => {
    await gate("hold");
    const held = await host.processes.hold(pid);
    if (typeof held === "object") kinds.add(held.pinned);
    await gate("proof");
    return typeof held === "string" ? held : gatedHold(held, gap, gate);
  };
  return { ...host, processes: { ...host.processes, hold } };
}

function gatedHold(
  held: ProcessHold,
  gap: Gap,
  gate: (moment: Gap) => Promise<void>,
): ProcessHold {
  return {
    pid: held.pid,
    pinned: held.pinned,
    async signal(name) {
      const outcome = await held.signal(name);
      await gate("term");
      return outcome;
    },
    // The wait must not notice, or nobody would try the next signal.
    hasExited: async () => gap !== "term" && await held.hasExited(),
    [Symbol.dispose]: () => held[Symbol.dispose](),
  };
}

interface Round {
  readonly survived: boolean;
  readonly signals: string;
  readonly outcome: string;
}

function startTarget(sandbox: Sandbox, gap: Gap): Promise<Started> {
  return startShaped(sandbox, {
    port: sandbox.firstPort,
    health: reeveHealth(sandbox.root, "3.2.4"),
    ignoresSigterm: gap === "term",
  }, reeveShape(sandbox.root));
}

async function playRound(sandbox: Sandbox, gap: Gap): Promise<Round> {
  const target = await startTarget(sandbox, gap);
  await using stack = new AsyncDisposableStack();
  let innocent: Innocent | undefined;
  const swap = async () => {
    if (innocent !== undefined) return;
    target.signal("SIGKILL");
    await target.ended;
    innocent = stack.use(await giveAway(target.pid));
  };
  const spy = spyHost(gatedHost(hostIn(sandbox), gap, swap));
  const context = await daemonContext(spy);
  const found = await scan(spy, context.families);
  if (gap === "scan") await swap();
  const plan = planSweep(found.candidates, found.viewpoint, {
    agreesTo: () => false,
    families: context.families,
  });
  const { swept, skipped, failed } = await sweep(spy, plan, {
    journal: openJournal(spy, context.paths.journal, "test"),
    machine: found.machine,
    ownVersion: context.version,
    graceMs: 20,
    killWaitMs: 20,
  });
  const [entry] = swept;
  return {
    survived: innocent?.isAlive() === true,
    signals: spy.signals.map(({ name }) => name).join(),
    outcome: entry === undefined
      ? JSON.stringify([skipped, failed])
      : `swept ${entry.cleanup_path}`,
  };
}

async function main(rounds: number) {
  await using sandbox = await makeSandbox();
  const results: Record<string, Record<string, number>> = {};
  for (const gap of GAPS) {
    const counts: Record<string, number> = {};
    for (let count = 0; count < rounds; count++) {
      const { survived, signals, outcome } = await playRound(sandbox, gap);
      const fate = survived ? "survived" : "ended";
      const key = `${fate} [${signals}] ${outcome}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    results[gap] = counts;
  }
  const text = JSON.stringify({ pinned: [...kinds], ...results });
  await Deno.stdout.write(new TextEncoder().encode(text));
}

await main(Number(Deno.args[0] ?? 50));
