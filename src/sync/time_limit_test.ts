import { assertEquals } from "@std/assert";
import { FakeWorld } from "#support/fake_host.ts";
import { withinTime } from "./time_limit.ts";

const NAME = "step";

Deno.test("withinTime() gives what the step gives, and waits no longer", async () => {
  const host = new FakeWorld().host();
  const troubles: string[] = [];
  const given = await withinTime(
    host,
    { ms: 1000, name: NAME, troubles },
    async (signal) => {
      await host.clock.sleep(10);
      return signal.aborted ? "late" : "done";
    },
  );
  assertEquals([given, troubles, host.clock.elapsed()], ["done", [], 10]);
});

Deno.test("withinTime() notes what the step throws", async () => {
  const host = new FakeWorld().host();
  const troubles: string[] = [];
  const limit = { ms: 1000, name: NAME, troubles };
  const given = await withinTime(
    host,
    limit,
    () => Promise.reject(new TypeError("no way")),
  );
  assertEquals([given, troubles], [undefined, ["step: no way"]]);
});

Deno.test("withinTime() tells a step that is late, and leaves it", async () => {
  const world = new FakeWorld();
  const host = world.host();
  const troubles: string[] = [];
  let wasTold = "not yet";
  const given = await withinTime(
    host,
    { ms: 50, name: NAME, troubles },
    (signal) => {
      signal.addEventListener("abort", () => wasTold = "told");
      return new Promise(() => {});
    },
  );
  assertEquals([given, wasTold, host.clock.elapsed()], [
    undefined,
    "told",
    50,
  ]);
  assertEquals(troubles, ["step: not within 50 ms"]);
});

Deno.test("withinTime() lets nothing of a late step escape", async () => {
  const world = new FakeWorld();
  const troubles: string[] = [];
  await withinTime(
    world.host(),
    { ms: 5, name: NAME, troubles },
    async (signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await world.clock.sleep(5);
      throw new Error("the queue is closed");
    },
  );
  await world.advance(10);
  assertEquals(troubles, [
    "step: not within 5 ms",
    "step: the queue is closed",
  ]);
});

Deno.test.each([0, -1])(
  "withinTime() begins nothing with %i ms left",
  async (ms) => {
    const troubles: string[] = [];
    const host = new FakeWorld().host();
    const given = await withinTime(
      host,
      { ms, name: NAME, troubles },
      () => Promise.reject(new Error("it was begun")),
    );
    assertEquals([given, troubles], [undefined, ["step: no time left"]]);
  },
);
