import { assertEquals } from "@std/assert";
import { waitsBetween } from "./thread_waits.ts";

Deno.test.each([
  { of: "a thread that waits", before: { a: 3 }, after: { a: 8 }, is: 5 },
  { of: "one that sleeps on", before: { a: 3 }, after: { a: 3 }, is: 0 },
  { of: "a new one", before: {}, after: { a: 4 }, is: 4 },
  {
    of: "one that has ended",
    before: { a: 900, b: 1 },
    after: { b: 2 },
    is: 2,
  },
])("waitsBetween() counts $of", ({ before, after, is }) => {
  const [then, now] = [before, after].map((counts) =>
    new Map(Object.entries(counts))
  );
  assertEquals(waitsBetween(then ?? new Map(), now ?? new Map()), is);
});
