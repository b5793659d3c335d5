import { assertEquals } from "@std/assert";
import { open, PROVED, run, TERM } from "#support/terminate_run.ts";

Deno.test("terminate() that is interrupted before begins nothing", async () => {
  const opened = await open({});
  const done = await run(opened, () => PROVED, {
    interrupt: AbortSignal.abort(),
  });
  assertEquals(done, {
    outcome: { kind: "interrupted" },
    proofs: [],
    signals: [],
    ms: 0,
  });
});

Deno.test("terminate() that is interrupted in the grace sends no SIGKILL", async () => {
  const opened = await open({ onSignal: "stubborn" });
  const late = new AbortController();
  opened.world.clock.sleep(200).then(() => late.abort());
  const done = await run(opened, () => PROVED, { interrupt: late.signal });
  assertEquals(done, {
    outcome: { kind: "interrupted" },
    proofs: [0],
    signals: [TERM],
    ms: 1000,
  });
});

Deno.test("terminate() ends a step that was begun before the interrupt", async () => {
  const opened = await open({ delayMs: 300 });
  const late = new AbortController();
  opened.world.clock.sleep(200).then(() => late.abort());
  const done = await run(opened, () => PROVED, { interrupt: late.signal });
  assertEquals(done.outcome, { kind: "terminated" });
});
