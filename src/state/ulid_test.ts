import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createUlids, isUlid } from "./ulid.ts";

Deno.test.each([
  {
    name: "the example of its specification",
    text: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    is: true,
  },
  { name: "the smallest one", text: "00000000000000000000000000", is: true },
  { name: "the largest one", text: "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", is: true },
  { name: "more than 128 bits", text: "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", is: false },
  { name: "lowercase letters", text: "01arz3ndektsv4rrffq69g5fav", is: false },
  { name: "a letter I", text: "01ARZ3NDEKTSV4RRFFQ69G5FAI", is: false },
  { name: "a letter L", text: "01ARZ3NDEKTSV4RRFFQ69G5FAL", is: false },
  { name: "a letter O", text: "01ARZ3NDEKTSV4RRFFQ69G5FAO", is: false },
  { name: "a letter U", text: "01ARZ3NDEKTSV4RRFFQ69G5FAU", is: false },
  { name: "25 letters", text: "01ARZ3NDEKTSV4RRFFQ69G5FA", is: false },
  { name: "27 letters", text: "01ARZ3NDEKTSV4RRFFQ69G5FAVV", is: false },
  {
    name: "a line break behind it",
    text: "01ARZ3NDEKTSV4RRFFQ69G5FAV\n",
    is: false,
  },
  { name: "nothing", text: "", is: false },
])("isUlid() is $is for $name", ({ text, is }) => {
  assertEquals(isUlid(text), is);
});

const zeros = (bytes: number) => "00".repeat(bytes);
const ones = (bytes: number) => "ff".repeat(bytes);

Deno.test("createUlids() spells the time of the specification's example", () => {
  assertEquals(
    createUlids(zeros)(1_469_918_176_385),
    "01ARYZ6S410000000000000000",
  );
});

Deno.test("createUlids() spells random bytes without losing a bit", () => {
  assertEquals(createUlids(ones)(0), "0000000000ZZZZZZZZZZZZZZZZ");
});

/** 80 bits as the random part of a ULID spells them. */
function spell(hex: string): string {
  const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  return Array.from(
    { length: 16 },
    (_, at) =>
      letters.charAt(Number(BigInt(`0x${hex}`) >> BigInt(75 - 5 * at) & 31n)),
  ).join("");
}

Deno.test("createUlids() gives each id 80 random bits of its own", () => {
  const asked: number[] = [];
  let drawn = "";
  const next = createUlids((bytes) => {
    asked.push(bytes);
    const given = Uint8Array.from(
      { length: bytes },
      (_, at) => 17 * (drawn.length / 2 + at) + 5,
    ).toHex();
    drawn += given;
    return given;
  });
  const parts = Array.from({ length: 33 }, (_, ms) => next(ms).slice(10));
  assertEquals(
    parts,
    parts.map((_, at) => spell(drawn.slice(at * 20, at * 20 + 20))),
  );
  assertEquals(asked, [160, 160, 160]);
});

Deno.test("createUlids() counts on within one millisecond", () => {
  const next = createUlids(zeros);
  assertEquals([next(5), next(5), next(5)], [
    "00000000050000000000000000",
    "00000000050000000000000001",
    "00000000050000000000000002",
  ]);
});

Deno.test("createUlids() takes the next millisecond when the random part is used up", () => {
  const next = createUlids(ones);
  const [first, second] = [next(5), next(5)];
  assertEquals(first, "0000000005ZZZZZZZZZZZZZZZZ");
  assertEquals(second.slice(0, 10), "0000000006");
});

Deno.test("createUlids() always grows, whatever the clock does", () => {
  const times = fc.array(fc.integer({ min: 0, max: 2 ** 47 }), {
    minLength: 2,
    maxLength: 60,
  });
  const hex = fc.constantFrom(zeros, ones, (n: number) => "5a".repeat(n));
  fc.assert(fc.property(times, hex, (clock, random) => {
    const next = createUlids(random);
    const ids = clock.map((nowMs) => next(nowMs));
    assert(ids.every(isUlid));
    assertEquals(ids.toSorted(), ids);
    assertEquals(new Set(ids).size, ids.length);
  }));
});
