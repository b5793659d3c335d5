import { assertEquals, assertMatch } from "@std/assert";
import {
  CONSENT_SECONDS,
  createShelf,
  makeUserCode,
  tidyUserCode,
} from "./grants.ts";

function open() {
  const time = { now: 1000 };
  let last = 0;
  const never = () => Promise.reject(new Error("nobody sleeps here"));
  const shelf = createShelf<string>({
    clock: {
      now: () => time.now,
      elapsed: () => time.now,
      sleep: never,
      later: () => ({ [Symbol.dispose]() {} }),
    },
    random: { hex: () => String(++last) },
  });
  return { time, shelf };
}

Deno.test("take() finds once what find() finds always", () => {
  const { shelf } = open();
  const secret = shelf.put("a", 10);
  assertEquals([shelf.find(secret), shelf.find(secret)], ["a", "a"]);
  assertEquals([shelf.take(secret), shelf.take(secret)], ["a", undefined]);
  assertEquals(shelf.find("other"), undefined);
});

Deno.test("find() tells what has ended from what never was, for a while", () => {
  const { shelf, time } = open();
  const secret = shelf.put("a", 10);
  time.now += 9999;
  assertEquals([shelf.find(secret), shelf.all()], ["a", ["a"]]);
  time.now += 1;
  assertEquals([shelf.find(secret), shelf.all()], ["expired", []]);
  time.now += CONSENT_SECONDS * 1000;
  shelf.put("b", 10);
  assertEquals(shelf.find(secret), undefined);
});

Deno.test("makeUserCode() uses letters that form no words, evenly", () => {
  let last = 0;
  const random = { hex: () => (last++ % 256).toString(16).padStart(2, "0") };
  const counts = new Map<string, number>();
  for (let n = 0; n < 30; n++) {
    const code = makeUserCode(random);
    assertMatch(code, /^[BCDFGHJ-NP-TV-XZ]{4}-[BCDFGHJ-NP-TV-XZ]{4}$/);
    for (const letter of code.replace("-", "")) {
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
  }
  assertEquals([...counts.values()], Array.from({ length: 20 }, () => 12));
});

Deno.test.each([
  { typed: "BCDF-GHJK" },
  { typed: "bcdfghjk" },
  { typed: " bcdf ghjk " },
  { typed: "BCDF\u2013GHJK" },
])("tidyUserCode() knows $typed", ({ typed }) => {
  assertEquals(tidyUserCode(typed), "BCDF-GHJK");
});
