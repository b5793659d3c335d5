import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { KeySequence } from "./key_sequence.ts";

function keysOf(pieces: readonly string[]): readonly (string | undefined)[] {
  const sequence = new KeySequence();
  const keys: (string | undefined)[] = [];
  const take = (more?: "none") => {
    for (;;) {
      const key = sequence.next(more);
      if (key === undefined) return;
      keys.push(key);
    }
  };
  for (const piece of pieces) {
    sequence.push(piece);
    take();
  }
  take("none");
  return keys;
}

Deno.test.each([
  { text: "letters", pieces: ["ab"], keys: ["a", "b"] },
  { text: "wide characters", pieces: ["😀é"], keys: ["😀", "é"] },
  { text: "an arrow", pieces: ["\u001b[A"], keys: ["\u001b[A"] },
  { text: "an application arrow", pieces: ["\u001bOB"], keys: ["\u001b[B"] },
  {
    text: "an arrow in three pieces",
    pieces: ["\u001b", "[", "Aq"],
    keys: ["\u001b[A", "q"],
  },
  { text: "page down", pieces: ["\u001b[6~x"], keys: ["\u001b[6~", "x"] },
  { text: "escape alone", pieces: ["\u001b"], keys: ["\u001b"] },
  {
    text: "escape before a letter",
    pieces: ["\u001bq"],
    keys: ["\u001b", "q"],
  },
  {
    text: "escape twice",
    pieces: ["\u001b\u001b"],
    keys: ["\u001b", "\u001b"],
  },
  {
    text: "a paste",
    pieces: ["a\u001b[200~Sy\r\u001b[2", "01", "~b"],
    keys: ["a", "b"],
  },
  {
    text: "a mouse",
    pieces: ["\u001b[<0;1;2Mq"],
    keys: ["\u001b[<0;1;2M", "q"],
  },
])("keys of $text", ({ keys, pieces }) => {
  assertEquals(keysOf(pieces), keys);
});

Deno.test("a lone escape waits for what may follow", () => {
  const sequence = new KeySequence();
  sequence.push("\u001b");
  assertEquals([sequence.next(), sequence.isBegun], [undefined, true]);
  assertEquals([sequence.next("none"), sequence.isBegun], ["\u001b", false]);
});

Deno.test("keys are the same however they are cut", () => {
  const keys = ["a", "\r", "\u001b[A", "\u001b[6~", "😀", "\u001b[1;5C"];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...keys)),
      fc.array(fc.nat(5)),
      (pressed, cuts) => {
        const units = [...pressed.join("")];
        const pieces: string[] = [];
        for (const size of cuts) pieces.push(units.splice(0, size).join(""));
        pieces.push(units.join(""));
        assertEquals(keysOf(pieces), pressed);
      },
    ),
  );
});
