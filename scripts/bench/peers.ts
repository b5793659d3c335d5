/**
 * Starting, asking and stopping the same tiny services by Reeve and by what
 * people use instead, in turns within one run.
 */

import { readListenRows } from "../../src/host/platform/sock_diag.ts";
import { endEverythingBelow, findBelow } from "#support/leftovers.ts";
import { findFreeBlock, makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { type Comparison, median, type Unmeasured } from "./figure.ts";
import { makeListener } from "./listener.ts";
import type { Peer, Services } from "./peer.ts";
import { foreman, honcho, overmind, pm2, reeve } from "./peer_managers.ts";
import { findProgram } from "./peer_programs.ts";
import { runit, s6, supervisor } from "./peer_supervisors.ts";

/** How many services, how many rounds only warm up, and how many count. */
const PLANS = [
  { count: 10, warmUp: 1, runs: 5 },
  { count: 50, warmUp: 0, runs: 3 },
] as const;

const DEADLINE_MS = 30_000;
const OTHERS = {
  pm2,
  supervisor,
  honcho,
  "node-foreman": foreman,
  overmind,
  runit,
  s6,
} as const;

const STEPS = ["start", "status", "stop"] as const;

/** Milliseconds of the three things that every manager does. */
type Times = Readonly<Record<typeof STEPS[number], number[]>>;

const noTimes = (): Times => ({ start: [], status: [], stop: [] });

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(
  what: () => string,
  isReached: () => boolean,
  pauseMs: number,
): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!isReached()) {
    if (performance.now() > end) throw new Error(what());
    await pause(pauseMs);
  }
}

/** Waits until so many of the ports are open. */
async function settle(ports: readonly number[], open: number): Promise<void> {
  const wanted = new Set(ports);
  let found = 0;
  await until(
    () => `${found} of ${ports.length} services listen, not ${open}`,
    () => {
      const rows = readListenRows() ?? [];
      found = new Set(rows.map(({ port }) => port)).intersection(wanted).size;
      return found === open;
    },
    1,
  );
}

async function time(act: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

/** One round of a manager: up, asked, down. */
async function play(
  peer: Peer,
  ports: readonly number[],
  times: Times,
): Promise<void> {
  const started = performance.now();
  await using running = await peer.start();
  await settle(ports, ports.length);
  times.start.push(performance.now() - started);
  if (running.status !== undefined) {
    times.status.push(await time(running.status));
  }
  times.stop.push(
    await time(async () => {
      await running.stop();
      await settle(ports, 0);
    }),
  );
}

/** One round, after which nothing of it may run any more. */
async function playAlone(
  sandbox: Sandbox,
  peer: Peer,
  ports: readonly number[],
  times: Times,
): Promise<void> {
  try {
    await play(peer, ports, times);
    let left = 0;
    await until(
      () => `${left} of its processes do not end`,
      () => (left = findBelow(sandbox.directory).length) === 0,
      20,
    );
  } finally {
    await endEverythingBelow(sandbox.directory);
  }
}

/** The managers that are here, Reeve first, and why others are not. */
async function findPeers(
  main: string,
  sandbox: Sandbox,
  services: Omit<Services, "directory">,
): Promise<readonly [readonly Peer[], Map<string, string>]> {
  const servicesOf = async (name: string): Promise<Services> => {
    const directory = `${sandbox.directory}/${name}-${services.ports.length}`;
    await Deno.mkdir(directory);
    return { ...services, directory };
  };
  const peers = [await reeve(main, await servicesOf("reeve"), sandbox.env)];
  const missing = new Map<string, string>();
  for (const name of Object.keys(OTHERS) as (keyof typeof OTHERS)[]) {
    const program = await findProgram(name);
    if ("reason" in program) missing.set(name, program.reason);
    else peers.push(await OTHERS[name](program.path, await servicesOf(name)));
  }
  return [peers, missing];
}

async function compare(
  main: string,
  sandbox: Sandbox,
  { count, warmUp, runs }: typeof PLANS[number],
  listener: string,
): Promise<readonly (Comparison | Unmeasured)[]> {
  const first = findFreeBlock(count);
  const ports = Array.from({ length: count }, (_, at) => first + at);
  const command = listener.split(" ");
  const [peers, missing] = await findPeers(main, sandbox, { ports, command });
  const all = new Map(peers.map(({ name }) => [name, noTimes()]));
  for (let run = 1 - warmUp; run <= runs; run++) {
    for (const peer of peers) {
      const times = all.get(peer.name);
      if (times === undefined) continue;
      const began = performance.now();
      try {
        const counted = run < 1 ? noTimes() : times;
        await playAlone(sandbox, peer, ports, counted);
      } catch (error) {
        if (peer.name === "reeve") throw error;
        missing.set(peer.name, `failed: ${(error as Error).message}`);
        all.delete(peer.name);
      }
      report(`${count} services, run ${run} of ${runs}: ${peer.name}`, began);
    }
  }
  return [
    ...STEPS.map((step) =>
      comparisonOf(`${step} of ${count} services`, step, all)
    ),
    ...Array.from(missing, ([name, reason]) => ({
      name: `${count} services by ${name}`,
      reason,
    })),
  ];
}

function comparisonOf(
  name: string,
  step: typeof STEPS[number],
  all: ReadonlyMap<string, Times>,
): Comparison {
  const medians = Array.from(all, ([name, times]) => ({
    name,
    value: median(times[step]),
  }));
  const [ours, ...theirs] = medians;
  return {
    name,
    unit: "ms",
    ours: ours?.value ?? NaN,
    theirs: theirs.filter(({ value }) => !Number.isNaN(value)),
  };
}

/** Tells whoever waits that something goes on. */
function report(what: string, began: number): void {
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const line = `  ${what} ${seconds} s\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(line));
}

/** Compares with other managers of processes, as far as there are any here. */
export async function benchPeers(
  main: string,
): Promise<readonly (Comparison | Unmeasured)[]> {
  if (Deno.build.os !== "linux") {
    return [{ name: "other managers of processes", reason: "needs Linux" }];
  }
  await using sandbox = await makeSandbox();
  const listener = await makeListener(sandbox.directory);
  const found: (Comparison | Unmeasured)[] = [];
  for (const plan of PLANS) {
    found.push(...await compare(main, sandbox, plan, listener));
  }
  return found;
}
