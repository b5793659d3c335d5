import { assert, assertEquals } from "@std/assert";
import { waitUntil } from "#support/wait_until.ts";
import { makeJobsPlace, recorded, RECORDER } from "./jobs_place.ts";

const ONE = { name: "a" };

Deno.test("reeve queue worker --until-empty does what there is and tells it as one document", async () => {
  await using place = await makeJobsPlace();
  const handler = await place.handler("recorder.ts", RECORDER);
  const ids = [];
  for (let n = 0; n < 3; n++) ids.push(await place.add("records", ONE));
  const { code, json, stderr } = await place.queue([
    ...["worker", "--handler", handler, "--until-empty", "--json"],
  ]);
  assertEquals([code, stderr], [0, ""]);
  const { completed, dead } = json.totals;
  assertEquals([json.ended_by, completed, dead], ["empty", 3, 0]);
  assertEquals((await recorded(place)).toSorted(), ids.toSorted());
});

Deno.test("a worker that is killed in the middle of a job leaves it to the next one", async () => {
  await using place = await makeJobsPlace();
  const handler = await place.handler("recorder.ts", RECORDER);
  const id = await place.add("records", { name: "a", ms: 60_000 });
  const args = ["--handler", handler, "--lease", "1s"];
  const first = place.work(args);
  await first.prints(`${id}: begins attempt 1`);
  first.signal("SIGKILL");
  await first.ended();
  assertEquals((await place.counts("records")).active, 1);
  const second = place.work(args);
  await second.prints(`${id}: begins attempt 1`);
  second.signal("SIGINT");
  second.signal("SIGINT");
  const { json } = await place.queue(["show", "records", id, "--json"]);
  assertEquals(json.job.stalls, 1);
});

Deno.test("a job counts once the command that added it has said so, whoever is killed", async () => {
  await using place = await makeJobsPlace();
  const handler = await place.handler("recorder.ts", RECORDER);
  const lines = Array.from({ length: 2000 }, () => JSON.stringify(ONE));
  await Deno.writeTextFile(`${place.directory}/jobs`, lines.join("\n"));
  const { json } = await place.queue([
    ...["enqueue", "records", "--lines", "jobs", "--json"],
  ]);
  assertEquals(json.added, 2000);
  const first = place.work(["--handler", handler, "--lease", "1s"]);
  await waitUntil(
    "some jobs are done",
    async () => (await recorded(place)).length > 50,
  );
  first.signal("SIGKILL");
  await first.ended();
  const second = await place.queue([
    ...["worker", "--handler", handler, "--lease", "1s", "--until-empty"],
  ]);
  assertEquals(second.code, 0, second.stderr);
  const ids = new Set(await recorded(place));
  assertEquals(ids.size, 2000);
});

Deno.test("Ctrl-C lets running jobs end and begins no others", async () => {
  await using place = await makeJobsPlace();
  const handler = await place.handler("recorder.ts", RECORDER);
  const id = await place.add("records", { name: "a", ms: 1500 });
  const worker = place.work(["--handler", handler, "--concurrency", "1"]);
  await worker.prints("begins attempt 1");
  const other = await place.add("records", ONE);
  worker.signal("SIGINT");
  await worker.prints("Stopping: 1 job may go on");
  assertEquals(await worker.ended(), 0);
  assert(worker.out().includes("Stopped after"), worker.out());
  assertEquals(await recorded(place), [id]);
  const { json } = await place.queue(["show", "records", other, "--json"]);
  assertEquals(json.job.state, "ready");
});

Deno.test("Ctrl-C twice sends running jobs back at once", async () => {
  await using place = await makeJobsPlace();
  const handler = await place.handler("recorder.ts", RECORDER);
  const id = await place.add("records", { name: "a", ms: 60_000 });
  const worker = place.work(["--handler", handler, "--deadline", "1m"]);
  await worker.prints("begins attempt 1");
  worker.signal("SIGTERM");
  await worker.prints("Stopping");
  worker.signal("SIGINT");
  assertEquals(await worker.ended(), 0);
  assert(worker.out().includes("1 sent back"), worker.out());
  const { json } = await place.queue(["show", "records", id, "--json"]);
  assertEquals([json.job.state, json.job.attempts], ["ready", 0]);
});

Deno.test("a payload that does not fit is dead at once, with the place of the fault", async () => {
  await using place = await makeJobsPlace();
  const handler = await place.handler("recorder.ts", RECORDER);
  const id = await place.add("records", { name: 5 });
  const worker = ["worker", "--handler", handler, "--until-empty"];
  assertEquals((await place.queue(worker)).code, 1);
  assertEquals((await place.queue(worker)).code, 0);
  const { json } = await place.queue(["dead", "show", "records", id, "--json"]);
  assertEquals([json.job.dead_reason, json.job.attempts], ["given_up", 1]);
  assert(json.job.error.message.includes("data.name: "), json.job.error);
});

Deno.test("a worker finds tenants that come while it runs", async () => {
  await using place = await makeJobsPlace();
  const handler = await place.handler("recorder.ts", RECORDER);
  const first = await place.add("records", ONE, ["--tenant", "acme"]);
  const worker = place.work(["--handler", handler]);
  await worker.prints(`acme/records ${first}: begins`);
  const second = await place.add("records", ONE, ["--tenant", "zeta"]);
  await worker.prints(`zeta/records ${second}: begins`);
  worker.signal("SIGINT");
  assertEquals(await worker.ended(), 0);
});

Deno.test("a worker sends its metrics to a collector where Deno is told to", async () => {
  let sent = "";
  await using collector = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      sent += new TextDecoder().decode(await request.arrayBuffer());
      return new Response();
    },
  );
  await using place = await makeJobsPlace();
  const handler = await place.handler("recorder.ts", RECORDER);
  await place.add("records", ONE);
  // It is killed in the end: sending at its exit, Deno may wait for ever.
  await using _worker = place.work(["--handler", handler], {
    OTEL_DENO: "true",
    OTEL_DENO_CONSOLE: "ignore",
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
    OTEL_METRIC_EXPORT_INTERVAL: "50",
  });
  await waitUntil(
    "metrics have come",
    () => sent.includes("reeve.jobs.completed"),
  );
});

Deno.test.each([
  { code: "export const run = 5;", is: "must have a function run(job)" },
  { code: "export const x = ;", is: "Cannot load the handler file" },
  {
    code: "export const queue = 'A'; export function run() {}",
    is: 'queue is "A"',
  },
])("a wrong handler file is an error that names it: $is", async (row) => {
  await using place = await makeJobsPlace();
  const handler = await place.handler("wrong.ts", row.code);
  const { code, stderr } = await place.queue(["worker", "--handler", handler]);
  assertEquals(code, 1);
  assert(stderr.includes(handler) && stderr.includes(row.is), stderr);
});

Deno.test("a worker whose backend is not ready ends with 3 and says why", async () => {
  await using place = await makeJobsPlace();
  const handler = await place.handler("recorder.ts", RECORDER);
  const port = place.sandbox.firstPort;
  const env = {
    REEVE_QUEUE_BACKEND: "redis",
    REEVE_QUEUE_REDIS_URL: `redis://127.0.0.1:${port}`,
  };
  for (
    const args of [["worker", "--handler", handler], ["enqueue", "records"]]
  ) {
    const { code, stderr } = await place.queue(args, env);
    assertEquals(code, 3);
    assert(stderr.includes(`redis://127.0.0.1:${port}`), stderr);
    const { json } = await place.queue([...args, "--json"], env);
    assertEquals(json.error.code, "not_ready");
  }
});
