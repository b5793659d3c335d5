import { assertEquals } from "@std/assert";
import { DedupeKeys } from "./memory_dedupe.ts";

Deno.test("DedupeKeys frees a key at its time and not before", () => {
  const keys = new DedupeKeys();
  keys.take("later", "a", 20);
  keys.take("sooner", "b", 10);
  keys.take("never", "c", undefined);
  keys.pass(9);
  assertEquals(keys.holderOf("sooner"), "b");
  keys.pass(10);
  assertEquals(keys.holderOf("sooner"), undefined);
  assertEquals(keys.holderOf("later"), "a");
  keys.pass(1e15);
  assertEquals(keys.holderOf("later"), undefined);
  assertEquals(keys.holderOf("never"), "c");
});

Deno.test("DedupeKeys frees no key of another job", () => {
  const keys = new DedupeKeys();
  keys.take("k", "a", undefined);
  keys.onEnd("k", "b");
  keys.onRemove("k", "b");
  keys.onEnd(undefined, "a");
  assertEquals(keys.holderOf("k"), "a");
  assertEquals(keys.holdOf("k", "b"), undefined);
  assertEquals(keys.holdOf("k", "a"), { key: "k", until: undefined });
  keys.onEnd("k", "a");
  assertEquals(keys.holderOf("k"), undefined);
});

Deno.test("DedupeKeys frees a key with a time when its job is removed", () => {
  const keys = new DedupeKeys();
  keys.take("k", "a", 10);
  keys.onEnd("k", "a");
  assertEquals(keys.holdOf("k", "a"), { key: "k", until: 10 });
  keys.onRemove("k", "a");
  assertEquals(keys.holderOf("k"), undefined);
  keys.take("k", "b", 20);
  keys.pass(10);
  assertEquals(keys.holderOf("k"), "b");
});
