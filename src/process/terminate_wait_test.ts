import { assert, assertEquals } from "@std/assert";
import { open } from "#support/terminate_run.ts";
import { waitForExit } from "./terminate.ts";

Deno.test("waitForExit() ends within a poll of the exit", async () => {
  for (let delayMs = 1; delayMs <= 60; delayMs++) {
    const { world, host, hold } = await open({});
    world.clock.sleep(delayMs).then(() => world.endProcess(5001));
    assert(await waitForExit(host, hold, 1000));
    const lateMs = world.clock.elapsed() - delayMs;
    assert(lateMs >= 0 && lateMs <= 8, `${delayMs}: ${lateMs} ms late`);
  }
});

Deno.test.each([
  { waitMs: 0, looks: 1 },
  { waitMs: 1, looks: 2 },
  { waitMs: 7, looks: 8 },
  { waitMs: 10, looks: 10 },
  { waitMs: 1000, looks: 257 },
])(
  "waitForExit() gives up after $waitMs ms and $looks looks",
  async ({ waitMs, looks }) => {
    let looked = 0;
    const { world, host, hold } = await open({}, {
      gate: (operation) => {
        if (operation === "hasExited 5001") looked++;
        return Promise.resolve();
      },
    });
    assert(!await waitForExit(host, hold, waitMs));
    assertEquals([world.clock.elapsed(), looked], [waitMs, looks]);
  },
);
