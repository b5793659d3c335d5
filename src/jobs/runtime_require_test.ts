import { assert, assertEquals } from "@std/assert";
import {
  notedRuntime,
  READY,
  refusal,
  refusing,
} from "#support/noting_backend.ts";
import { startRuntime } from "./runtime.ts";

Deno.test("startRuntime() with waitMs looks again, less and less often, and says so once", async () => {
  const { start, calls, backend, clock, warnings } = notedRuntime();
  const began = clock.elapsed();
  const looks: number[] = [];
  backend.onCheck = () => {
    looks.push(clock.elapsed() - began);
    return looks.length < 4 ? refusing() : READY;
  };
  await start({ require: { waitMs: 60_000 } });
  assertEquals(looks, [0, 100, 300, 700]);
  assertEquals(calls.slice(-2), ["start", "started"]);
  assertEquals(warnings, [
    "Cannot start the job queue: it needs Redis at redis://127.0.0.1:6379, " +
    'and "reachable" failed after 0 ms: connection refused; ' +
    "trying again for 60000 ms",
  ]);
});

Deno.test("startRuntime() with waitMs gives up when the time is over", async () => {
  const { start, calls, backend, clock } = notedRuntime();
  const began = clock.elapsed();
  backend.onCheck = () => refusing();
  const { message } = await refusal(start({ require: { waitMs: 1000 } }));
  assert(message.includes("failed after 1000 ms"), message);
  assertEquals(clock.elapsed() - began, 1000);
  assertEquals(calls, Array(5).fill("readiness"));
});

Deno.test("stopRuntime() ends waiting for a backend", async () => {
  const { start, stop, backend, calls, clock } = notedRuntime();
  const began = clock.elapsed();
  backend.onCheck = () => refusing();
  const started = refusal(start({ require: { waitMs: 600_000 } }));
  await clock.sleep(5000);
  const looks = calls.length;
  await stop();
  await started;
  assertEquals(clock.elapsed() - began, 5000);
  assertEquals(calls.slice(looks), ["stop"]);
});

Deno.test("a signal ends waiting for a backend", async () => {
  const { start, backend, clock } = notedRuntime();
  const began = clock.elapsed();
  backend.onCheck = () => refusing();
  const end = new AbortController();
  const require = { waitMs: 600_000 };
  const started = refusal(start({ require, signal: end.signal }));
  await clock.sleep(5000);
  end.abort();
  await started;
  assertEquals(clock.elapsed() - began, 5000);
});

Deno.test("startRuntime() with warn starts and says what is wrong", async () => {
  const { start, calls, backend, warnings } = notedRuntime();
  backend.onCheck = () => refusing();
  const { readiness } = await start({ require: "warn" });
  assert(readiness?.ok === false);
  assertEquals(calls, ["readiness", "start", "started"]);
  assertEquals(warnings.length, 1);
  assert(warnings[0]?.includes("connection refused"));
});

Deno.test("startRuntime() with skip does not look", async () => {
  const { start, calls } = notedRuntime();
  assertEquals((await start({ require: "skip" })).readiness, undefined);
  assertEquals(calls, ["start", "started"]);
});

Deno.test("startRuntime() tells of checks that only warn", async () => {
  const { start, backend, warnings } = notedRuntime();
  const detail = "jobs are lost when Redis ends.";
  backend.onCheck = () => ({
    ...READY,
    checks: [
      { check: "version", level: "ok", detail: "7.2" },
      { check: "persistence", level: "warn", detail, hint: "Set AOF." },
    ],
  });
  await start();
  assertEquals(warnings, [
    "The job queue: jobs are lost when Redis ends (Set AOF)",
  ]);
});

Deno.test("a build for production in test mode is warned of once", async () => {
  const { start, stop, warnings } = notedRuntime();
  const options = { isTest: true, isProduction: true };
  await start(options);
  await stop();
  await start(options);
  assertEquals(warnings, [
    "The job queue starts in test mode in a production build: " +
    "nobody looks whether redis is ready",
  ]);
});

Deno.test({
  name: "no variable of the environment makes a test of it",
  // Reading the real one, not through the host, would throw.
  permissions: { env: false },
  fn: async () => {
    const { backend, calls, clock } = notedRuntime();
    const read: PropertyKey[] = [];
    const host = new Proxy({ clock }, {
      get: (target, key) => {
        read.push(key);
        return key === "clock" ? target.clock : { get: () => "1" };
      },
    });
    await startRuntime(host, { backend });
    assertEquals(calls, ["readiness", "start", "started"]);
    assertEquals([...new Set(read)], ["clock"]);
  },
});
