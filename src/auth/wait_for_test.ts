import { assert, assertEquals } from "@std/assert";
import { waitFor } from "./wait_for.ts";
import { FakeWorld } from "#support/fake_host.ts";

const never = new Promise<never>(() => {});

Deno.test("waitFor() gives what comes in time", async () => {
  const { clock } = new FakeWorld();
  const { signal } = new AbortController();
  const value = clock.sleep(999).then(() => 7);
  const options = { limitMs: 1000, signal };
  assertEquals(await waitFor({ clock }, value, options), {
    kind: "value",
    value: 7,
  });
});

Deno.test("waitFor() lets go of the clock", async () => {
  let wait: AbortSignal | undefined;
  const sleep = (_ms: number, signal?: AbortSignal) => {
    wait = signal;
    return never;
  };
  const clock = { ...new FakeWorld().host().clock, sleep };
  const { signal } = new AbortController();
  await waitFor({ clock }, Promise.resolve(7), { limitMs: 1000, signal });
  assert(wait?.aborted);
});

Deno.test("waitFor() ends at its limit", async () => {
  const { clock } = new FakeWorld();
  const { signal } = new AbortController();
  const result = await waitFor({ clock }, never, { limitMs: 1000, signal });
  assertEquals([result.kind, clock.elapsed()], ["late", 1000]);
});

Deno.test("waitFor() ends when the person gives up", async () => {
  const { clock } = new FakeWorld();
  const abort = new AbortController();
  clock.sleep(10).then(() => abort.abort("SIGINT"));
  const options = { limitMs: 1000, signal: abort.signal };
  const result = await waitFor({ clock }, never, options);
  assertEquals([result.kind, clock.elapsed()], ["interrupted", 10]);
});
