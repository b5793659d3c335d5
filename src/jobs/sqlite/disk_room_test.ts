import { assertEquals } from "@std/assert";
import { DiskRoom } from "./disk_room.ts";

/** A disk that counts how often it is looked at. */
function disk(free: number | undefined) {
  const state = { free, looks: 0 };
  const files = {
    freeBytes: () => {
      state.looks++;
      return state.free;
    },
  };
  return { state, room: new DiskRoom(files, "/jobs", 1000) };
}

const small = [{ body: "1" }];
const large = [{ body: "x".repeat(1_000_000) }];

Deno.test("few small jobs do not look at the disk", () => {
  const { state, room } = disk(0);
  for (let n = 0; n < 32; n++) assertEquals(room.shortOf(small), undefined);
  assertEquals(state.looks, 0);
  assertEquals(room.shortOf(small), 0);
});

Deno.test.each([
  { free: 999, shortOf: 999 },
  { free: 1000, shortOf: undefined },
  { free: undefined, shortOf: undefined },
])("a disk with $free free bytes is short of $shortOf", ({ free, shortOf }) => {
  assertEquals(disk(free).room.shortOf(large), shortOf);
});

Deno.test("a disk with room is looked at now and then, a low one each time", () => {
  const { state, room } = disk(5000);
  for (let n = 0; n < 33 + 255; n++) room.shortOf(small);
  assertEquals(state.looks, 1);
  room.shortOf(small);
  assertEquals(state.looks, 2);
  state.free = 1;
  for (let n = 0; n < 256; n++) room.shortOf(small);
  assertEquals(state.looks, 3);
  for (let n = 0; n < 5; n++) assertEquals(room.shortOf(small), 1);
  assertEquals(state.looks, 8);
  state.free = 5000;
  assertEquals(room.shortOf(small), undefined);
});
