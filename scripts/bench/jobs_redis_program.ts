// deno-lint-ignore-file no-console -- a script talks to its parent
/**
 * Runs the same jobs through our Redis backend and through bare BullMQ, in
 * short blocks that take turns on one server, and prints jobs a second and how
 * our time compares as JSON.
 *
 * Both sides have the same data, the same retention of completed jobs, and the
 * same server, which writes to no append-only file. Each adds over one
 * connection, one call after the other; each works with one worker of the same
 * concurrency over one connection for commands and one that waits. Beyond that
 * BullMQ runs as it is out of the box: its `add`, `addBulk` and `Worker`.
 *
 * Arguments: none that count.
 */

import process from "node:process";
import { startRedis } from "#support/redis_server.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { createRedisBackend } from "../../src/jobs/redis_backend.ts";
import { median } from "./figure.ts";
import { bullSide, connect, oursSide, type Side } from "./job_sides.ts";

const SINGLE = 500;
const BULK = 3000;
const WORK = 3000;
const ROUNDS = 15;

/** What one block took for each job, in microseconds. */
interface Took {
  readonly wall: number;
  readonly client: number;
  readonly server: number;
}

async function serverMicroseconds(): Promise<number> {
  const text = await watching.info("cpu");
  const used = [...text.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)];
  return used.reduce((sum, [, seconds]) => sum + Number(seconds) * 1e6, 0);
}

async function block(
  act: (count: number) => Promise<void>,
  count: number,
): Promise<Took> {
  const serverBefore = await serverMicroseconds();
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  await act(count);
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);
  const server = await serverMicroseconds() - serverBefore;
  return {
    wall: ms * 1000 / count,
    client: (user + system) / count,
    server: server / count,
  };
}

async function compare(
  ours: Side,
  bare: Side,
  kind: keyof Side,
  count: number,
) {
  const pairs: { readonly ours: Took; readonly bare: Took }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    if (kind === "work") {
      await ours.many(count);
      await bare.many(count);
    }
    // Whoever comes second meets a warmer server.
    if (round % 2 === 0) {
      const first = await block(ours[kind], count);
      pairs.push({ ours: first, bare: await block(bare[kind], count) });
    } else {
      const first = await block(bare[kind], count);
      pairs.push({ ours: await block(ours[kind], count), bare: first });
    }
  }
  // The first one of each side also compiles and loads its scripts.
  const counted = pairs.slice(1);
  const spreadOf = (part: keyof Took) => {
    const ratios = counted.map((pair) => pair.ours[part] / pair.bare[part]);
    return {
      median: median(ratios),
      least: Math.min(...ratios),
      most: Math.max(...ratios),
    };
  };
  const perSecond = (side: "bare" | "ours") =>
    1e6 / median(counted.map((pair) => pair[side].wall));
  return {
    ours: perSecond("ours"),
    bare: perSecond("bare"),
    ratio: spreadOf("wall"),
    clientRatio: spreadOf("client"),
    serverRatio: spreadOf("server"),
  };
}

await using server = await startRedis();
const backend = createRedisBackend(denoHost, {
  url: `redis://127.0.0.1:${server.port}`,
  tenant: "bench",
  limits: { maxJobs: 1_000_000, maxBytes: 2 ** 30 },
});
await backend.start();
const watching = connect(server.port, 1);
const ours = oursSide(backend);
await using bare = bullSide(server.port);
const took = {
  single: await compare(ours, bare, "one", SINGLE),
  // What is added here is worked off first, by neither side's clock.
  bulk: await compare(ours, bare, "many", BULK),
};
await ours.work(BULK * ROUNDS);
await bare.work(BULK * ROUNDS);
const worked = await compare(ours, bare, "work", WORK);
await backend.stop();
watching.disconnect();
console.log(JSON.stringify({ ...took, worked }));
