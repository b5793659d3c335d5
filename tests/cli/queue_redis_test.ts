import { assert, assertEquals } from "@std/assert";
import { startRedis } from "#support/redis_server.ts";
import {
  type JobsPlace,
  makeJobsPlace,
  recorded,
  RECORDER,
  type Variables,
} from "./jobs_place.ts";

const ONE = { name: "a" };

async function withBoth(
  test: (place: JobsPlace, redis: Variables) => Promise<void>,
): Promise<void> {
  await using server = await startRedis({ appendonly: true });
  await using place = await makeJobsPlace();
  await Deno.writeTextFile(
    `${place.sandbox.root}/config.json`,
    JSON.stringify({ "queue": { "redis_url": server.url } }),
  );
  await test(place, { REEVE_QUEUE_BACKEND: "redis" });
}

Deno.test("the same handler file does the same on SQLite and on Redis", async () => {
  await withBoth(async (place, redis) => {
    const handler = await place.handler("recorder.ts", RECORDER);
    for (const env of [{}, redis]) {
      const id = await place.add("records", ONE, [], env);
      const wrong = await place.add("records", { name: 5 }, [], env);
      const { code, json } = await place.queue([
        ...["worker", "--handler", handler, "--until-empty", "--json"],
      ], env);
      const { completed, dead } = json.totals;
      assertEquals([code, completed, dead], [1, 1, 1]);
      assertEquals((await recorded(place)).at(-1), id);
      const show = ["show", "records"];
      const done = await place.queue([...show, id, "--json"], env);
      assertEquals(done.json.job.result, { name: "a" });
      const bad = await place.queue([...show, wrong, "--json"], env);
      assertEquals(bad.json.job.dead_reason, "given_up");
      const doctor = await place.queue(["doctor", "--json"], env);
      assertEquals([doctor.code, doctor.json.ok], [0, true], doctor.stdout);
    }
  });
});

Deno.test("a worker killed in the middle of a job in Redis leaves it to the next one", async () => {
  await withBoth(async (place, redis) => {
    const handler = await place.handler("recorder.ts", RECORDER);
    const id = await place.add("records", { name: "a", ms: 60_000 }, [], redis);
    const args = ["--handler", handler, "--lease", "1s"];
    const first = place.work(args, redis);
    await first.prints(`${id}: begins attempt 1`);
    first.signal("SIGKILL");
    await first.ended();
    const second = place.work(args, redis);
    await second.prints(`${id}: begins attempt 1`);
  });
});

const DIRECTIONS:
  readonly (readonly ["redis" | "sqlite", "redis" | "sqlite"])[] = [[
    "sqlite",
    "redis",
  ], ["redis", "sqlite"]];

for (const [from, to] of DIRECTIONS) {
  const source: Variables = { REEVE_QUEUE_BACKEND: from };
  const target: Variables = { REEVE_QUEUE_BACKEND: to };
  const migrate = ["migrate", "--from", from, "--to", to];

  Deno.test(`jobs move from ${from} to ${to} while one of them runs`, async () => {
    await withBoth(async (place) => {
      const handler = await place.handler("recorder.ts", RECORDER);
      const slow = { name: "slow", ms: 4000 };
      const first = await place.add("records", slow, [], source);
      const ids = [];
      for (let n = 0; n < 3; n++) {
        ids.push(await place.add("records", ONE, [], source));
      }
      const later = ["--delay", "1h", "--id", "later"];
      await place.add("records", ONE, later, source);
      const worker = place.work(
        ["--handler", handler, "--concurrency", "1"],
        source,
      );
      await worker.prints(`${first}: begins`);
      const { code, json } = await place.queue([...migrate, "--json"]);
      assertEquals([code, json.outcome, json.job_count], [0, "moved", 4]);
      // What ran has ended where it began, and nothing else did there.
      assertEquals(await recorded(place), [first]);
      worker.signal("SIGINT");
      assertEquals(await worker.ended(), 0);
      const refused = await place.queue(["enqueue", "records"], source);
      assertEquals(refused.code, 3);
      assert(refused.stderr.includes("have moved to"), refused.stderr);
      assertEquals((await place.counts("records", target)).scheduled, 1);
      await place.queue(["cancel", "records", "later"], target);
      const done = await place.queue(
        ["worker", "--handler", handler, "--until-empty"],
        target,
      );
      assertEquals(done.code, 0, done.stderr);
      assertEquals(await recorded(place), [first, ...ids]);
      const again = await place.queue([...migrate, "--json"]);
      assertEquals(again.json.outcome, "already");
      assertEquals((await place.counts("records", target)).ready, 0);
    });
  });

  Deno.test(`jobs go back from ${to} to ${from} without what was done there`, async () => {
    await withBoth(async (place) => {
      const handler = await place.handler("recorder.ts", RECORDER);
      const id = await place.add("records", ONE, [], source);
      const late = ["--delay", "1h", "--id", "late"];
      await place.add("records", ONE, late, source);
      assertEquals((await place.queue(migrate)).code, 0);
      const worker = place.work(["--handler", handler], target);
      await worker.prints(`${id}: begins`);
      worker.signal("SIGINT");
      assertEquals(await worker.ended(), 0);
      const { code, json } = await place.queue([
        ...["migrate", "--from", to, "--to", from, "--json"],
      ]);
      assertEquals(
        [code, json.outcome, json.job_count, json.removed],
        [0, "moved", 1, 1],
      );
      const { ready, scheduled } = await place.counts("records", source);
      assertEquals([ready, scheduled], [0, 1]);
    });
  });

  Deno.test(`a job of a killed worker moves from ${from} to ${to} after its lease`, async () => {
    await withBoth(async (place) => {
      const handler = await place.handler("recorder.ts", RECORDER);
      const slow = { name: "a", ms: 60_000 };
      const id = await place.add("records", slow, [], source);
      const args = ["--handler", handler, "--lease", "3s"];
      const worker = place.work(args, source);
      await worker.prints(`${id}: begins`);
      worker.signal("SIGKILL");
      await worker.ended();
      const busy = await place.queue([...migrate, "--timeout", "0", "--json"]);
      assertEquals([busy.code, busy.json.outcome], [1, "busy"]);
      // Both sides are as they were.
      await place.add("records", slow, ["--id", "other"], source);
      const { code, json } = await place.queue([...migrate, "--json"]);
      assertEquals([code, json.outcome, json.job_count], [0, "moved", 2]);
      assertEquals((await place.counts("records", target)).ready, 2);
    });
  });
}

Deno.test("a password of Redis comes from a file of one's own and is never shown", async () => {
  await using server = await startRedis({ requirepass: "hunter2" });
  await using place = await makeJobsPlace();
  const file = `${place.directory}/password`;
  await Deno.writeTextFile(file, "hunter2\n", { mode: 0o644 });
  await Deno.chmod(file, 0o644);
  await Deno.writeTextFile(
    `${place.sandbox.root}/config.json`,
    JSON.stringify({
      "queue": {
        "backend": "redis",
        "redis_url": server.url,
        "redis_password_file": file,
      },
    }),
  );
  const loose = await place.queue(["enqueue", "records"]);
  assertEquals(loose.code, 1);
  assert(loose.stderr.includes(`chmod 600 '${file}'`), loose.stderr);
  await Deno.chmod(file, 0o600);
  const texts: string[] = [];
  for (
    const args of [["enqueue", "records"], ["status"], ["doctor"], [
      "doctor",
      "--json",
    ]]
  ) {
    const { code, stdout, stderr } = await place.queue(args);
    assertEquals(code, 0, stderr);
    texts.push(stdout, stderr);
  }
  const wrong = { REEVE_QUEUE_REDIS_PASSWORD: "hunter3" };
  const refused = await place.queue(["status"], wrong);
  assertEquals(refused.code, 3);
  texts.push(refused.stdout, refused.stderr);
  assert(!/hunter[23]/.test(texts.join("\n")));
});
