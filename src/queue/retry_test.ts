import { assertEquals } from "@std/assert";
import {
  AMBIGUOUS_WAIT_MS,
  LONGEST_WAIT_MS,
  nextAttemptAt,
  PARKED_WAIT_MS,
  PENDING_WAIT_MS,
  RETRY_WAITS_MS,
} from "./retry.ts";

const NOW = 1_000_000;

Deno.test.each([
  { attempts: 1, waits: "30 seconds", is: NOW + 30_000 },
  { attempts: 2, waits: "2 minutes", is: NOW + 120_000 },
  { attempts: 3, waits: "10 minutes", is: NOW + 600_000 },
  { attempts: 4, waits: "an hour", is: NOW + 3_600_000 },
  { attempts: 5, waits: "for ever", is: "dead" as const },
  { attempts: 6, waits: "for ever", is: "dead" as const },
])(
  "nextAttemptAt() waits $waits after $attempts refusals",
  ({ attempts, is }) => {
    assertEquals<number | "dead">(nextAttemptAt(attempts, NOW), is);
  },
);

Deno.test("the waits are those that people are told", () => {
  assertEquals(RETRY_WAITS_MS, [
    30_000,
    120_000,
    600_000,
    3_600_000,
    21_600_000,
  ]);
  assertEquals(LONGEST_WAIT_MS, 21_600_000);
  assertEquals(
    [AMBIGUOUS_WAIT_MS, PENDING_WAIT_MS, PARKED_WAIT_MS],
    [30_000, 60_000, 600_000],
  );
});
