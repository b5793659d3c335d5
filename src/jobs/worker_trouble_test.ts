import { assertEquals } from "@std/assert";
import { QUEUE, workerWorld } from "#support/scripted_backend.ts";
import { KnownError } from "../errors.ts";
import type { Handler } from "./handler.ts";
import { Trouble } from "./trouble.ts";
import { startWorker } from "./worker.ts";

const HANDLER: Handler = () => {};
const AWAY = new KnownError("not_ready", "Redis is away", {
  hint: "Start it.",
});
const AWAY_TEXT = "Cannot reach the queue (claim or settle): Redis is away; " +
  "it is tried again until it works. Start it.";

Deno.test("a worker survives a backend that is away, and says so once", async () => {
  const { host, backend, lines, onLine } = workerWorld();
  const { clock } = host;
  backend.add(["a"]);
  backend.before = () => Promise.reject(AWAY);
  const at: number[] = [];
  const { claim } = backend;
  backend.claim = (request) => {
    at.push(clock.elapsed());
    return claim.call(backend, request);
  };
  const worker = startWorker(host, backend, QUEUE, HANDLER, { onLine });
  await clock.advance(20_000);
  assertEquals(at.slice(0, 9), [
    0,
    100,
    300,
    700,
    1500,
    3100,
    6300,
    11_300,
    16_300,
  ]);
  assertEquals(lines.map(({ text }) => text), [AWAY_TEXT]);
  backend.before = () => {};
  await clock.advance(5000);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  assertEquals(clock.open, 0);
  backend.before = () => Promise.reject(AWAY);
  backend.add(["b"]);
  await clock.advance(10);
  assertEquals(lines.map(({ text }) => text), [AWAY_TEXT, AWAY_TEXT]);
  await worker.stop();
});

Deno.test("a backend that throws before it gives a promise is away too", async () => {
  const { host, backend } = workerWorld();
  backend.add(["a"]);
  const { claim } = backend;
  backend.claim = () => {
    backend.claim = claim;
    throw new TypeError("a bug");
  };
  const worker = startWorker(host, backend, QUEUE, HANDLER);
  await host.clock.advance(200);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  await worker.stop();
});

Deno.test("what could not be settled is kept, with what ends meanwhile", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a", "b", "c"]);
  const lasts: Record<string, number> = { a: 10, b: 500 };
  const worker = startWorker(
    host,
    backend,
    QUEUE,
    ({ id }) => clock.sleep(lasts[id] ?? 1),
    { concurrency: 2 },
  );
  await clock.advance(1);
  backend.before = ({ call }) => {
    if (call === "settle") throw new Error("busy");
  };
  await clock.advance(1000);
  assertEquals([backend.settled.length, backend.ready], [0, ["c"]]);
  backend.before = () => {};
  await clock.advance(5000);
  assertEquals(backend.settled.map(({ claim }) => claim.id), ["a", "b", "c"]);
  assertEquals(worker.counts.completed, 3);
  await worker.stop();
});

Deno.test("what could not be settled is tried as long as its lease", async () => {
  const { host, backend, lines, onLine } = workerWorld();
  const { clock } = host;
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, HANDLER, {
    leaseMs: 3000,
    onLine,
  });
  const tries: number[] = [];
  backend.before = ({ call }) => {
    if (call === "claim" || call === "wait") return;
    if (call === "settle") tries.push(clock.elapsed());
    throw new Error("disk full");
  };
  await clock.advance(10_000);
  assertEquals(tries, [0, 100, 300, 700, 1500, 3100]);
  assertEquals([worker.counts.lost, backend.settled.length], [1, 0]);
  assertEquals(lines.map(({ id }) => id), [undefined, "a"]);
  await worker.stop();
});

Deno.test("a heartbeat keeps what could not be settled", async () => {
  const { host, backend } = workerWorld();
  const { clock } = host;
  backend.add(["a"]);
  const worker = startWorker(host, backend, QUEUE, HANDLER, { leaseMs: 3000 });
  backend.before = ({ call }) => {
    if (call === "settle") throw new Error("busy");
  };
  await clock.advance(20_000);
  backend.before = () => {};
  await clock.advance(5000);
  assertEquals([worker.counts.completed, worker.counts.lost], [1, 0]);
  await worker.stop();
});

Deno.test("a wait that fails is made again, later and later", async () => {
  const { host, backend, lines, onLine } = workerWorld();
  const { clock } = host;
  const at: number[] = [];
  backend.before = ({ call }) => {
    if (call !== "wait") return;
    at.push(clock.elapsed());
    throw new Error("away");
  };
  const worker = startWorker(host, backend, QUEUE, HANDLER, { onLine });
  await clock.advance(800);
  assertEquals(at, [0, 100, 300, 700]);
  // Claims work all the while, which is no reason to say it again.
  assertEquals(lines.length, 1);
  backend.add(["a"]);
  await clock.advance(1000);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  await worker.stop();
});

Deno.test("progress that fails does not fail the job", async () => {
  const { host, backend, lines, onLine } = workerWorld();
  backend.add(["a"]);
  backend.before = ({ call }) => {
    if (call === "progress") throw new Error("away");
  };
  const handler: Handler = (job) => job.progress(1);
  const worker = startWorker(host, backend, QUEUE, handler, { onLine });
  await host.clock.advance(1);
  assertEquals(backend.kindsOf("a"), ["complete"]);
  assertEquals(lines.length, 1);
  await worker.stop();
});

Deno.test("Trouble waits longer each time and starts anew when it works", () => {
  const trouble = new Trouble(() => {});
  const waits = Array.from({ length: 8 }, () => trouble.failed("wait", "a"));
  assertEquals(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  assertEquals(trouble.failed("heartbeat", "a"), 100);
  trouble.worked("wait");
  assertEquals(trouble.failed("wait", "a"), 100);
});

Deno.test("Trouble is told once until what failed works", () => {
  const told: string[] = [];
  const trouble = new Trouble((text) => told.push(text));
  trouble.failed("heartbeat", new Error("first"));
  trouble.failed("claim or settle", new Error("second"));
  trouble.worked("progress");
  trouble.failed("heartbeat", new Error("third"));
  assertEquals(told.length, 1);
  trouble.worked("heartbeat");
  trouble.failed("heartbeat", new Error("fourth"));
  trouble.worked("claim or settle");
  trouble.failed("wait", new Error("fifth"));
  trouble.worked("claim or settle");
  trouble.failed("wait", new Error("sixth"));
  trouble.worked("wait");
  trouble.failed("claim or settle", new Error("seventh"));
  assertEquals(told.map((text) => /: (\w+)/.exec(text)?.[1]), [
    "first",
    "fourth",
    "fifth",
    "seventh",
  ]);
});
