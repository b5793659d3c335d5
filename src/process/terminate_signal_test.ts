import { assertEquals } from "@std/assert";
import { KILL, open, PROVED, run, TERM } from "#support/terminate_run.ts";

Deno.test("terminate() shows every signal to onSignal", async () => {
  const seen: string[] = [];
  const done = await run(await open({ onSignal: "stubborn" }), () => PROVED, {
    onSignal: async (name, send) => {
      seen.push(`${name} begins`);
      const outcome = await send();
      seen.push(`${name} ${outcome}`);
      return outcome;
    },
  });
  assertEquals(seen, [
    "SIGTERM begins",
    "SIGTERM sent",
    "SIGKILL begins",
    "SIGKILL sent",
  ]);
  assertEquals(done.signals, [TERM, KILL]);
});

Deno.test("terminate() asks first in the way that it is told", async () => {
  const opened = await open({ onSignal: "stubborn" });
  const done = await run(opened, () => PROVED, { firstSignal: "SIGINT" });
  assertEquals(done.signals, ["SIGINT 0 sent", KILL]);
});

Deno.test("terminate() leaves the sending to onSignal", async () => {
  const done = await run(await open({}), () => PROVED, {
    onSignal: () => Promise.resolve("denied"),
  });
  assertEquals(done.outcome, { kind: "denied", signal: "SIGTERM" });
  assertEquals(done.signals, []);
});
