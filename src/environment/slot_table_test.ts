import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { assignSlots, freeSlots, lastSlot, slotOf } from "./slot_table.ts";

const A = "repo-aaaaaaaaaaaa";
const B = "repo-bbbbbbbbbbbb";

Deno.test("projects get the first free slots, Main has none but 0", () => {
  const table = assignSlots([], A, ["web", "Main", "api"]);
  assertEquals(slotOf(table, A, "Main"), 0);
  assertEquals(slotOf(table, A, "api"), 1);
  assertEquals(slotOf(table, A, "web"), 2);
  assertEquals(slotOf(table, A, "other"), undefined);
  assertEquals(table.length, 2);
  assertEquals([lastSlot(table, A), lastSlot(table, B)], [2, 0]);
});

Deno.test("a slot that became free is given again", () => {
  const table = freeSlots(assignSlots([], A, ["a", "b", "c"]), A, ["b"]);
  const next = assignSlots(table, A, ["d", "e"]);
  assertEquals(
    ["a", "c", "d", "e"].map((name) => slotOf(next, A, name)),
    [1, 3, 2, 4],
  );
});

Deno.test("repositories do not share slots", () => {
  const table = assignSlots(assignSlots([], A, ["x"]), B, ["x"]);
  assertEquals([slotOf(table, A, "x"), slotOf(table, B, "x")], [1, 1]);
  const left = freeSlots(table, A, ["x"]);
  assertEquals([slotOf(left, A, "x"), slotOf(left, B, "x")], [undefined, 1]);
});

Deno.test("a slot stays, is unique, and does not depend on who asks first", () => {
  const names = fc.array(fc.constantFrom("a", "b", "c", "d", "e", "Main"));
  fc.assert(fc.property(names, names, (first, second) => {
    const before = assignSlots([], A, first);
    assertEquals(assignSlots([], A, first.toReversed()), before);
    const after = assignSlots(before, A, [...first, ...second]);
    for (const name of first) {
      assertEquals(slotOf(after, A, name), slotOf(before, A, name));
    }
    const slots = after.map(({ slot }) => slot);
    assertEquals(new Set(slots).size, slots.length);
    assert(slots.every((slot) => slot >= 1 && slot <= slots.length));
    assertEquals(assignSlots(after, A, second), after);
  }));
});

Deno.test("a table that needs no new slot is the same one", () => {
  const table = assignSlots([], "repo", ["a"]);
  assert(assignSlots(table, "repo", ["a", "Main"]) === table);
});
