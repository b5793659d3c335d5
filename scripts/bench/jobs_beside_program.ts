// deno-lint-ignore-file no-console -- a script talks to its parent
/**
 * Runs the same jobs through our SQLite backend, a bare table of `node:sqlite`
 * and bare BullMQ, each of them on disk before a call returns, in short blocks
 * that take turns. Prints microseconds for each job, as JSON: medians of each
 * kind of work, ours first.
 *
 * Arguments: a directory for the databases.
 */

import { startRedis } from "#support/redis_server.ts";
import { denoBlockingFiles } from "../../src/host/deno_blocking_files.ts";
import { denoDatabases } from "../../src/host/deno_databases.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import { createSqliteBackend } from "../../src/jobs/sqlite_backend.ts";
import { median } from "./figure.ts";
import { bullSide, oursSide, type Side, sqliteSide } from "./job_sides.ts";

const [directory = ""] = Deno.args;
const COUNTS = { one: 300, many: 3000, work: 3000 } as const;
const ROUNDS = 7;

async function microseconds(side: Side, kind: keyof Side): Promise<number> {
  const count = COUNTS[kind];
  const start = performance.now();
  await side[kind](count);
  return (performance.now() - start) * 1000 / count;
}

async function compare(
  sides: readonly (readonly [string, Side])[],
  kind: keyof Side,
) {
  const times: number[][] = sides.map(() => []);
  // The first round only warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [at, [, side]] of sides.entries()) {
      if (kind === "work") await side.many(COUNTS.work);
      const took = await microseconds(side, kind);
      if (round > 0) times[at]?.push(took);
    }
  }
  return sides.map(([name], at) => ({ name, value: median(times[at] ?? []) }));
}

/** Does what was added in bulk, so that everyone begins with nothing. */
async function workOff(sides: readonly (readonly [string, Side])[]) {
  for (const [, side] of sides) await side.work(COUNTS.many * (ROUNDS + 1));
}

const backend = createSqliteBackend(
  { ...denoHost, blocking: denoBlockingFiles, databases: denoDatabases },
  {
    path: `${directory}/ours.db`,
    tenant: "bench",
    limits: { maxJobs: 1_000_000, maxBytes: 2 ** 30 },
  },
);
await backend.start();
await using server = await startRedis({ appendonly: true });
await using bull = bullSide(server.port);
await using bare = sqliteSide(`${directory}/bare.db`);
const sides = [
  ["reeve", oursSide(backend)],
  ["bare node:sqlite", bare],
  ["bare BullMQ, appendfsync always", bull],
] as const;
const one = await compare(sides, "one");
const many = await compare(sides, "many");
await workOff(sides);
const work = await compare(sides, "work");
await backend.stop();
console.log(JSON.stringify({ one, many, work }));
