import { assertEquals, assertThrows } from "@std/assert";
import { getEmitter, peekRuntime, resetForTests } from "./get_emitter.ts";

Deno.test("peekRuntime() makes nothing", async () => {
  assertEquals(peekRuntime(), undefined);
  await resetForTests();
  assertEquals(peekRuntime(), undefined);
});

Deno.test("getEmitter() that fails publishes nothing, and the next call tries", () => {
  // These tests may only read below the checkout, so it cannot even begin.
  for (let call = 0; call < 2; call++) {
    assertThrows(() => getEmitter(), Deno.errors.NotCapable);
    assertEquals(peekRuntime(), undefined);
  }
});
