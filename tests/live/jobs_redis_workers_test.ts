import { assert, assertEquals } from "@std/assert";
import { type RedisServer, startRedis } from "#support/redis_server.ts";
import { denoHost } from "../../src/host/deno_host.ts";
import type { QueueBackend } from "../../src/jobs/backend.ts";
import { createRedisBackend } from "../../src/jobs/redis_backend.ts";

const QUEUE = "work";
const PROGRAM = new URL("../programs/runs_redis_jobs.ts", import.meta.url);

function backendOn(server: RedisServer): QueueBackend {
  return createRedisBackend(denoHost, { url: server.url, tenant: "acme" });
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("It did not become so for a minute");
}

/** A worker in a process of its own. */
class WorkerProcess {
  readonly began: string[] = [];
  readonly ended: string[] = [];
  isReady = false;
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<void>;

  constructor(server: RedisServer) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", PROGRAM.pathname, server.url]
        .concat(QUEUE),
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoderStream();
    let text = "";
    for await (const part of this.#child.stdout.pipeThrough(decoder)) {
      const lines = (text + part).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) this.#note(line);
    }
  }

  #note(line: string): void {
    const [word, id = ""] = line.split(" ");
    if (word === "ready") this.isReady = true;
    if (word === "began") this.began.push(id);
    if (word === "ended") this.ended.push(id);
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    this.#child.kill(signal);
    await this.#child.status;
    await this.#reading;
  }
}

Deno.test("jobs of a killed worker are done by the others", async () => {
  await using server = await startRedis();
  const backend = backendOn(server);
  await backend.start();
  const workers = [1, 2, 3].map(() => new WorkerProcess(server));
  const [victim, ...others] = workers;
  assert(victim !== undefined);
  await until(() => workers.every(({ isReady }) => isReady));
  const drafts = Array.from({ length: 120 }, () => ({ data: 50 }));
  const added = (await backend.enqueueMany(QUEUE, drafts)).map(({ id }) => id);
  await until(() => victim.ended.length > 0 && victim.began.length > 4);
  await victim.end("SIGKILL");
  await until(async () => {
    const [stats] = await backend.stats();
    return stats?.counts.completed === added.length;
  });
  for (const worker of others) await worker.end("SIGTERM");
  const ended = new Set(workers.flatMap((worker) => worker.ended));
  assertEquals([...ended].toSorted(), added.toSorted());
  const again = victim.began.filter((id) => !victim.ended.includes(id));
  const inOthers = others.flatMap((worker) => worker.began);
  for (const id of again) assert(inOthers.includes(id), id);
  const jobs = await backend.list(QUEUE, { limit: 1_000 });
  assert(jobs.every(({ attempts }) => attempts === 1));
  await backend.stop();
});

Deno.test("a worker that lost its job cannot end it", async () => {
  await using server = await startRedis();
  const [late, other] = [backendOn(server), backendOn(server)];
  await late.start();
  await other.start();
  await late.enqueue(QUEUE, 1);
  const request = { queue: QUEUE, limit: 1, leaseMs: 100 };
  const [lost] = await late.claim(request);
  let held: typeof lost;
  await until(async () => {
    [held] = await other.claim({ ...request, leaseMs: 60_000 });
    return held !== undefined;
  });
  assert(lost !== undefined && held !== undefined);
  assertEquals(held.id, lost.id);
  const settled = await late.settle([
    { kind: "complete", claim: lost, result: "1" },
  ]);
  assertEquals(settled.results, ["lost"]);
  assertEquals(await late.heartbeat([lost], 60_000), [false]);
  assert(!await late.progress(lost, 1));
  assertEquals((await other.get(QUEUE, lost.id))?.state, "active");
  await late.stop();
  await other.stop();
});

Deno.test("starting and stopping leaves nothing", async () => {
  await using server = await startRedis();
  const backend = backendOn(server);
  for (let round = 0; round < 20; round++) {
    await Promise.all([backend.start(), backend.start()]);
    using _watch = backend.subscribe(() => {});
    let hasRun = false;
    backend.process(QUEUE, () => void (hasRun = true));
    await backend.enqueue(QUEUE, round);
    await until(() => hasRun);
    await Promise.all([backend.stop(), backend.stop()]);
  }
  await until(async () => {
    const clients = await server.ask("CLIENT", "LIST", "TYPE", "NORMAL");
    return clients.split("\n").length === 1;
  });
});

Deno.test("who waits in another process is woken at once", async () => {
  await using server = await startRedis();
  const [producer, consumer] = [backendOn(server), backendOn(server)];
  await producer.start();
  await consumer.start();
  const { signal } = new AbortController();
  for (let round = 0; round < 5; round++) {
    const waiting = consumer.waitForWork(QUEUE, signal);
    const began = Date.now();
    await producer.enqueue(QUEUE, round);
    await waiting;
    // A hang guard: without being woken it takes five seconds.
    assert(Date.now() - began < 4_000);
    await consumer.claim({ queue: QUEUE, limit: 5, leaseMs: 60_000 });
  }
  await producer.stop();
  await consumer.stop();
});
