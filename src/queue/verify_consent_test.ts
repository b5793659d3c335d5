import { assertEquals } from "@std/assert";
import { type ConsentRow, epochAt, judgeConsents } from "./verify_consent.ts";

function row(
  epoch: number,
  from: number,
  to: number | null,
  changes: Partial<ConsentRow> = {},
): ConsentRow {
  return {
    epoch,
    state: to === null ? "eligible" : "sealed",
    "from_seq": from,
    "to_seq": to,
    actor: "ada",
    at: 1,
    "sealed_at": to === null ? null : 2,
    ...changes,
  };
}

// The second one was sealed before anything was captured under it.
const ROWS = [row(1, 3, 5), row(2, 8, 7), row(3, 8, null)];

Deno.test.each([
  { seq: 1, is: 0 },
  { seq: 3, is: 1 },
  { seq: 5, is: 1 },
  { seq: 6, is: 0 },
  { seq: 8, is: 3 },
  { seq: 99, is: 3 },
])("epochAt() of place $seq is $is", ({ seq, is }) => {
  assertEquals(epochAt(ROWS, seq), is);
});

Deno.test.each<{
  name: string;
  rows: readonly ConsentRow[];
  open?: number;
  faults: number;
}>([
  { name: "none", rows: [], open: 0, faults: 0 },
  { name: "three", rows: ROWS, faults: 0 },
  { name: "another open one in the books", rows: ROWS, open: 1, faults: 1 },
  { name: "a missing one", rows: [row(2, 1, null)], open: 2, faults: 1 },
  {
    name: "two that overlap",
    rows: [row(1, 1, 5), row(2, 5, null)],
    open: 2,
    faults: 1,
  },
  {
    name: "one that ends later than the queue",
    rows: [row(1, 1, 99)],
    open: 0,
    faults: 1,
  },
  {
    name: "an open one before another",
    rows: [row(1, 1, null), row(2, 11, null)],
    open: 2,
    faults: 1,
  },
  {
    name: "a state that is none",
    rows: [row(1, 1, 5, { state: "seated" })],
    open: 0,
    faults: 1,
  },
  {
    name: "one both open and sealed",
    rows: [row(1, 1, null, { "sealed_at": 2 })],
    open: 1,
    faults: 1,
  },
])("judgeConsents() of $name finds $faults", ({ rows, open = 3, faults }) => {
  const found = judgeConsents(rows, { seq: 10, "open_epoch": open });
  assertEquals(found.length, faults, found.join());
});
