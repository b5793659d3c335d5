import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  notedRuntime,
  refusal,
  refusing,
  REPORT,
} from "#support/noting_backend.ts";

Deno.test("two starts are one, at the same time and one after the other", async () => {
  const { start, calls } = notedRuntime();
  const [first, second] = await Promise.all([start(), start()]);
  const third = await start();
  assert(first === second && second === third);
  assertEquals(calls, ["readiness", "start", "started"]);
});

Deno.test("starts at the same time share a failure", async () => {
  const { start, calls, backend } = notedRuntime();
  backend.onCheck = () => refusing();
  const errors = await Promise.all([refusal(start()), refusal(start())]);
  assert(errors[0] === errors[1]);
  assertEquals(calls, ["readiness"]);
});

Deno.test("two backends start each for itself", async () => {
  const [one, other] = [notedRuntime(), notedRuntime()];
  await one.start();
  assertEquals([one.calls.length, other.calls.length], [3, 0]);
  await other.start();
  await one.stop();
  assertEquals(other.calls, ["readiness", "start", "started"]);
});

Deno.test("two stops are one, at the same time and one after the other", async () => {
  const { start, stop, calls, backend } = notedRuntime();
  await start();
  calls.length = 0;
  assertEquals(await Promise.all([stop(), stop()]), [REPORT, REPORT]);
  backend.onStop = () => Promise.reject(new Error("closed already"));
  assertEquals(await stop(), REPORT);
  assertEquals(calls, ["stop"]);
});

Deno.test("a stop that has failed can be tried again", async () => {
  const { start, stop, calls, backend } = notedRuntime();
  await start();
  calls.length = 0;
  backend.onStop = () => Promise.reject(new Error("busy"));
  await assertRejects(stop, Error, "busy");
  backend.onStop = () => {};
  assertEquals(await stop(), REPORT);
  assertEquals(calls, ["stop", "stop"]);
});

Deno.test("a start after a stop starts again", async () => {
  const { start, stop, calls } = notedRuntime();
  await start();
  await stop();
  await start();
  const once = ["readiness", "start", "started"];
  assertEquals(calls, [...once, "stop", ...once]);
});

Deno.test("a stop during a start waits for it, and a start during a stop too", async () => {
  const { start, stop, calls, backend, clock } = notedRuntime();
  backend.onStart = () => clock.sleep(50);
  backend.onStop = () => clock.sleep(50);
  await Promise.all([start(), stop(), start(), stop(), stop(), start()]);
  const once = ["readiness", "start", "started"];
  assertEquals(calls, [...once, "stop", ...once, "stop", ...once]);
});

Deno.test("a stop after a start that fails still stops", async () => {
  const { start, stop, calls, backend } = notedRuntime();
  backend.onCheck = () => refusing();
  const started = refusal(start());
  assertEquals(await stop(), REPORT);
  await started;
  assertEquals(calls, ["readiness", "stop"]);
});

Deno.test("a start that fails leaves a stop alone that is under way", async () => {
  const { start, stop, calls, backend, clock } = notedRuntime();
  backend.onCheck = () => refusing();
  backend.onStop = () => clock.sleep(50);
  const started = refusal(start());
  const stopped = stop();
  await started;
  await clock.sleep(10);
  assertEquals(await Promise.all([stopped, stop()]), [REPORT, REPORT]);
  assertEquals(calls, ["readiness", "stop"]);
});
