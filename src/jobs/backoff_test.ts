import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { backoffMs } from "./backoff.ts";
import type { Backoff } from "./job.ts";

const PLAIN: Backoff = {
  type: "exponential",
  baseMs: 1000,
  capMs: 300_000,
  jitter: "none",
};
const FIXED: Backoff = { ...PLAIN, type: "fixed" };
const FULL: Backoff = { ...PLAIN, jitter: "full" };

Deno.test.each([
  { of: "exponential", backoff: PLAIN, attempt: 1, random: 0.5, is: 1000 },
  { of: "exponential", backoff: PLAIN, attempt: 2, random: 0.5, is: 2000 },
  { of: "exponential", backoff: PLAIN, attempt: 9, random: 0.5, is: 256_000 },
  { of: "exponential", backoff: PLAIN, attempt: 10, random: 0.5, is: 300_000 },
  { of: "exponential", backoff: PLAIN, attempt: 99, random: 0, is: 300_000 },
  { of: "fixed", backoff: FIXED, attempt: 1, random: 0, is: 1000 },
  { of: "fixed", backoff: FIXED, attempt: 50, random: 0.9, is: 1000 },
  { of: "full jitter", backoff: FULL, attempt: 2, random: 0, is: 0 },
  { of: "full jitter", backoff: FULL, attempt: 2, random: 0.25, is: 500 },
  { of: "full jitter", backoff: FULL, attempt: 2, random: 0.9999, is: 1999 },
  { of: "full jitter", backoff: FULL, attempt: 40, random: 0.5, is: 150_000 },
])(
  "backoffMs() of $of after attempt $attempt with $random is $is",
  ({ backoff, attempt, random, is }) => {
    assertEquals(backoffMs(backoff, attempt, random), is);
  },
);

Deno.test("backoffMs() is a whole number from 0 to the cap, and grows", () => {
  const backoffs = fc.record({
    type: fc.constantFrom("exponential" as const, "fixed" as const),
    baseMs: fc.nat({ max: 1_000_000 }),
    more: fc.nat({ max: 10_000_000 }),
    jitter: fc.constantFrom("full" as const, "none" as const),
  }).map(({ more, ...rest }) => ({ ...rest, capMs: rest.baseMs + more }));
  const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(
      backoffs,
      fc.integer({ min: 1, max: 99 }),
      randoms,
      (backoff, attempt, random) => {
        const wait = backoffMs(backoff, attempt, random);
        assert(Number.isInteger(wait) && wait >= 0 && wait <= backoff.capMs);
        assert(backoffMs(backoff, attempt + 1, random) >= wait);
        const longest = backoffMs({ ...backoff, jitter: "none" }, attempt, 0);
        assert(wait <= longest);
      },
    ),
  );
});
