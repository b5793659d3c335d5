import { assert, assertEquals } from "@std/assert";
import {
  notedRuntime,
  READY,
  refusal,
  refusing,
  REPORT,
} from "#support/noting_backend.ts";
import { KnownError } from "../errors.ts";
import { QueueNotReadyError } from "./readiness.ts";

Deno.test("startRuntime() looks whether the backend is ready, then starts it", async () => {
  const { start, calls, backend } = notedRuntime();
  assertEquals(await start(), { backend, readiness: READY });
  assertEquals(calls, ["readiness", "start", "started"]);
});

Deno.test("startRuntime() does not look in test mode", async () => {
  const { start, calls, backend, warnings } = notedRuntime();
  const runtime = await start({ isTest: true });
  assertEquals(runtime, { backend, readiness: undefined });
  assertEquals(calls, ["start", "started"]);
  assertEquals(warnings, []);
});

Deno.test("stopRuntime() stops the backend", async () => {
  const { stop, calls, backend } = notedRuntime();
  assertEquals(await stop({ deadlineMs: 5, mode: "abort" }), REPORT);
  assertEquals(calls, ["stop"]);
  assertEquals(backend.stops, [{ deadlineMs: 5, mode: "abort" }]);
});

Deno.test("startRuntime() asks the policy before anything else", async () => {
  const { start, calls } = notedRuntime();
  await start({ policy: () => void calls.push("policy") });
  assertEquals(calls, ["policy", "readiness", "start", "started"]);
});

Deno.test.each([{ isTest: false }, { isTest: true }])(
  "startRuntime() touches nothing when the policy refuses, with isTest $isTest",
  async ({ isTest }) => {
    const { start, calls } = notedRuntime();
    const cause = new KnownError("usage", "no master key", {
      hint: "Set one.",
    });
    const error = await refusal(
      start({ isTest, policy: () => Promise.reject(cause) }),
    );
    assertEquals(calls, []);
    assertEquals(
      error.message,
      "Cannot start the job queue: its policy does not allow it: no master key",
    );
    const { reason, code, hint } = error;
    assertEquals({ reason, code, hint, cause: error.cause }, {
      reason: "QUEUE_POLICY",
      code: "not_ready",
      hint: "Set one.",
      cause,
    });
  },
);

Deno.test("startRuntime() does not start what is not ready", async () => {
  const { start, calls, backend } = notedRuntime();
  backend.onCheck = () => refusing();
  const error = await refusal(start());
  assertEquals(calls, ["readiness"]);
  assertEquals(
    error.message,
    "Cannot start the job queue: it needs Redis at redis://127.0.0.1:6379, " +
      'and "reachable" failed after 0 ms: connection refused',
  );
});

Deno.test("startRuntime() believes a function that is given in place of checkReady()", async () => {
  const { start, calls, backend } = notedRuntime();
  const asked: unknown[] = [];
  const readiness = (one: unknown) => {
    asked.push(one);
    return Promise.resolve(refusing());
  };
  await refusal(start({ readiness }));
  assertEquals([asked, calls], [[backend], []]);
});

Deno.test("startRuntime() explains a look that throws", async () => {
  const { start, calls } = notedRuntime();
  const cause = new TypeError("redis://a:S3CRET@h is no address");
  const error = await refusal(
    start({ readiness: () => Promise.reject(cause) }),
  );
  assertEquals(calls, []);
  assertEquals([error.check, error.cause], ["readiness", cause]);
  assert(!error.message.includes("S3CRET"));
});

Deno.test("startRuntime() says how long a look took that failed", async () => {
  const { start, clock } = notedRuntime();
  const readiness = async () => {
    await clock.sleep(700);
    return refusing();
  };
  const { message } = await refusal(start({ readiness }));
  assert(message.includes('"reachable" failed after 700 ms'), message);
});

Deno.test("startRuntime() stops what could not start, and a later start works", async () => {
  const { start, calls, backend } = notedRuntime();
  const cause = new Error("no memory");
  backend.onStart = () => Promise.reject(cause);
  const error = await refusal(start());
  assertEquals(calls, ["readiness", "start", "stop"]);
  assertEquals([error.check, error.cause], ["start", cause]);
  assert(error.message.includes("no memory"));

  calls.length = 0;
  backend.onStart = () => {};
  await start();
  assertEquals(calls, ["readiness", "start", "started"]);
});

Deno.test("startRuntime() tells why it could not start, although it could not stop either", async () => {
  const { start, backend } = notedRuntime();
  backend.onStart = () => Promise.reject(new Error("first"));
  backend.onStop = () => Promise.reject(new Error("second"));
  const { message } = await refusal(start());
  assert(message.includes("first"), message);
});

Deno.test("startRuntime() passes on what a backend has explained itself", async () => {
  const { start, backend } = notedRuntime();
  const known = new QueueNotReadyError("It moved", {
    reason: "QUEUE_MOVED",
    backend: "redis",
    endpoint: "redis://h",
    check: "seal",
  }, { hint: "Go there." });
  backend.onStart = () => Promise.reject(known);
  assertEquals(await refusal(start()), known);
});
