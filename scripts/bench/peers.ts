/**
 * Starting, asking and stopping the same tiny services by Reeve and by what
 * people use instead, in turns within one run.
 */

import { readListenRows } from "../../src/host/platform/sock_diag.ts";
import { findFreeBlock, makeSandbox, type Sandbox } from "#support/sandbox.ts";
import { type Comparison, median, type Unmeasured } from "./figure.ts";
import { makeListener } from "./listener.ts";
import { type Peer, peersOf, type Services } from "./peer_managers.ts";

const RUNS = 5;
const COUNTS = [10, 50] as const;
const DEADLINE_MS = 60_000;

/** Milliseconds of the three things that every manager does. */
interface Times {
  readonly start: number[];
  readonly status: number[];
  readonly stop: number[];
}

async function settle(ports: readonly number[], open: number): Promise<void> {
  const wanted = new Set(ports);
  const end = performance.now() + DEADLINE_MS;
  while (true) {
    const rows = readListenRows() ?? [];
    const found = new Set(
      rows.map(({ port }) => port).filter((port) => wanted.has(port)),
    );
    if (found.size === open) return;
    if (performance.now() > end) {
      throw new Error(`${found.size} of ${ports.length} services listen`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** One round of a manager. */
async function round(
  peer: Peer,
  { ports }: Services,
  times: Times,
): Promise<void> {
  const started = performance.now();
  await using running = await peer.start();
  await settle(ports, ports.length);
  times.start.push(performance.now() - started);
  if (running.status !== undefined) {
    const asked = performance.now();
    await running.status();
    times.status.push(performance.now() - asked);
  }
  const stopped = performance.now();
  await running.stop();
  await settle(ports, 0);
  times.stop.push(performance.now() - stopped);
}

async function compare(
  main: string,
  sandbox: Sandbox,
  count: number,
  listener: string,
): Promise<readonly (Comparison | Unmeasured)[]> {
  const first = findFreeBlock(count);
  const ports = Array.from({ length: count }, (_, at) => first + at);
  const services: Services = { ports, command: listener.split(" ") };
  const { available, missing } = await peersOf(main, sandbox, services);
  const all = new Map<string, Times>();
  for (let run = 0; run <= RUNS; run++) {
    for (const peer of available) {
      const times: Times = { start: [], status: [], stop: [] };
      await round(peer, services, run === 0 ? times : timesOf(all, peer.name));
    }
  }
  const ours = timesOf(all, "reeve");
  const steps = ["start", "status", "stop"] as const;
  return [
    ...steps.map((step): Comparison => ({
      name: `${step} of ${count} services`,
      unit: "ms",
      ours: median(ours[step]),
      theirs: available.filter(({ name }) => name !== "reeve")
        .map(({ name }) => ({
          name,
          value: median(timesOf(all, name)[step]),
        }))
        .filter(({ value }) => !Number.isNaN(value)),
    })),
    ...missing.map(({ name, reason }) => ({
      name: `${count} services by ${name}`,
      reason,
    })),
  ];
}

function timesOf(all: Map<string, Times>, name: string): Times {
  const times = all.get(name) ?? { start: [], status: [], stop: [] };
  all.set(name, times);
  return times;
}

/** Compares with other managers of processes, as far as there are any here. */
export async function benchPeers(
  main: string,
): Promise<readonly (Comparison | Unmeasured)[]> {
  await using sandbox = await makeSandbox();
  const listener = await makeListener(sandbox.directory);
  const found: (Comparison | Unmeasured)[] = [];
  for (const count of COUNTS) {
    found.push(...await compare(main, sandbox, count, listener));
  }
  return found;
}
