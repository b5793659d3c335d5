import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { SortedList } from "./memory_sorted.ts";

interface Item {
  rank: number;
  readonly place: number;
}

function newList(): SortedList<Item> {
  return new SortedList((a, b) => a.rank - b.rank || a.place - b.place);
}

Deno.test("SortedList holds items in order, whatever comes and goes", () => {
  const ranks = fc.array(fc.record({ rank: fc.nat(9), leaves: fc.boolean() }));
  fc.assert(fc.property(ranks, (all) => {
    const list = newList();
    const items = all.map(({ rank }, place) => ({ rank, place }));
    for (const item of items) list.add(item);
    const left = items.filter((_, place) => all[place]?.leaves === false);
    for (const item of items) if (!left.includes(item)) list.remove(item);
    const expected = left.toSorted((a, b) =>
      a.rank - b.rank || a.place - b.place
    );
    assertEquals([...list], expected);
    assertEquals([list.size, list.first], [left.length, expected[0]]);
  }));
});

Deno.test("SortedList does not remove what is not in its place", () => {
  const list = newList();
  const item = { rank: 1, place: 1 };
  list.add(item);
  assertThrows(() => list.remove({ rank: 1, place: 1 }), TypeError);
  list.add({ rank: 2, place: 2 });
  item.rank = 3;
  assertThrows(() => list.remove(item), TypeError);
  assertEquals(list.size, 2);
});
