import { assert, assertEquals } from "@std/assert";
import { DiskRoom } from "./disk_room.ts";

/** A disk that counts how often it is looked at. */
function disk(free: number | undefined) {
  const seen = { free, looks: 0 };
  const freeBytes = () => {
    seen.looks++;
    return seen.free;
  };
  const room = new DiskRoom({ freeBytes }, "/d");
  const ask = (times: number) =>
    Array.from({ length: times }, () => room.isShort(1, 100)).at(-1);
  return { seen, room, ask };
}

Deno.test.each([
  { name: "more than enough", free: 101, is: false },
  { name: "just enough", free: 100, is: false },
  { name: "too little", free: 99, is: true },
  { name: "nobody knows how much", free: undefined, is: false },
])("isShort() is $is when there is $name", ({ free, is }) => {
  assertEquals(disk(free).ask(33), is);
});

Deno.test("isShort() does not look for a few events", () => {
  const { seen, ask } = disk(0);
  ask(32);
  assertEquals(seen.looks, 0);
  ask(1);
  assertEquals(seen.looks, 1);
});

Deno.test.each([{ count: 1 }, { count: 3 }, { count: 100 }, { count: 255 }])(
  "isShort() looks about once in 256 events that come $count at a time",
  ({ count }) => {
    const { seen, room } = disk(1000);
    for (let n = 0; n < 51_200; n += count) room.isShort(count, 100);
    const every = 51_200 / seen.looks;
    assert(every > 256 - count && every < 258, `once in ${every}`);
  },
);

Deno.test("isShort() looks before each batch that is larger than that", () => {
  const { seen, room } = disk(1000);
  for (let n = 0; n < 5; n++) room.isShort(300, 100);
  assertEquals(seen.looks, 5);
});

Deno.test("isShort() looks at each event while there is little, and not after", () => {
  const { seen, ask } = disk(1);
  ask(32);
  ask(5);
  assertEquals(seen.looks, 5);
  seen.free = 1000;
  const isShort = ask(5);
  assertEquals([isShort, seen.looks], [false, 6]);
});
