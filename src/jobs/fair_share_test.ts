import { assertEquals } from "@std/assert";
import { afterTurn, nextWish, type Wish } from "./fair_share.ts";

interface Given {
  readonly held?: number;
  readonly weight?: number;
  readonly max?: number;
  readonly turns?: number;
  readonly since: number;
}

function wish(
  { since, held = 0, weight = 1, max = Infinity, turns = 0 }: Given,
): Wish {
  return { since, standing: { held, weight, max, turns } };
}

Deno.test.each([
  {
    text: "the one with fewer slots",
    wishes: [{ since: 1, held: 2 }, { since: 2, held: 1 }],
    since: 2,
  },
  {
    text: "fewer slots before fewer turns and before the longer wait",
    wishes: [{ since: 1, held: 2 }, { since: 2, held: 1, turns: 9 }],
    since: 2,
  },
  {
    text: "fewer slots for its weight",
    wishes: [{ since: 1, held: 1 }, { since: 2, held: 3, weight: 4 }],
    since: 2,
  },
  {
    text: "fewer turns where slots are equal",
    wishes: [{ since: 1, turns: 9 }, { since: 2, turns: 8 }],
    since: 2,
  },
  {
    text: "the longer wait where turns are equal",
    wishes: [{ since: 2 }, { since: 1 }, { since: 3 }],
    since: 1,
  },
  {
    text: "the longer wait where turns are missed only",
    wishes: [{ since: 1, turns: 5 }, { since: 2, turns: 1 }],
    since: 1,
  },
  {
    text: "not the one that has all it may",
    wishes: [{ since: 1, held: 1, max: 1 }, { since: 2, held: 5 }],
    since: 2,
  },
  {
    text: "nobody when all have what they may",
    wishes: [{ since: 1, held: 1, max: 1 }],
    since: undefined,
  },
  { text: "nobody when nobody wants it", wishes: [], since: undefined },
])("nextWish() gives $text", ({ wishes, since }) => {
  assertEquals(nextWish(wishes.map(wish), 7)?.since, since);
});

Deno.test("afterTurn() counts turns by weight", () => {
  const standing = { held: 0, weight: 4, max: 9, turns: 3 };
  assertEquals(afterTurn(standing, 0), { now: 3, turns: 3.25 });
});

Deno.test("afterTurn() forgets turns that were missed", () => {
  const standing = { held: 0, weight: 1, max: 9, turns: 3 };
  assertEquals(afterTurn(standing, 10), { now: 10, turns: 11 });
});
