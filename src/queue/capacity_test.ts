import { assertEquals } from "@std/assert";
import { type Admission, admit, fillOf, type QueueLimits } from "./capacity.ts";

const LIMITS: QueueLimits = { maxRows: 100, maxBytes: 1000, minFreeBytes: 0 };

Deno.test.each([
  { name: "rows when they are more", fill: { rows: 50, bytes: 100 }, is: 0.5 },
  { name: "bytes when they are more", fill: { rows: 50, bytes: 900 }, is: 0.9 },
  { name: "more than there is", fill: { rows: 101, bytes: 0 }, is: 1.01 },
  { name: "nothing", fill: { rows: 0, bytes: 0 }, is: 0 },
])("fillOf() measures $name", ({ fill, is }) => {
  assertEquals(fillOf(fill, LIMITS), is);
});

const row = (
  rows: number,
  fact: Admission,
  snapshot: Admission,
  telemetry: Admission,
) => ({ rows, expected: { fact, snapshot, telemetry } });

const ROWS = [
  row(1, "capture", "capture", "capture"),
  row(89, "capture", "capture", "capture"),
  row(90, "reclaim_first", "reclaim_first", "reclaim_first"),
  row(94, "reclaim_first", "reclaim_first", "reclaim_first"),
  row(95, "reclaim_first", "reclaim_first", "drop"),
  row(100, "reclaim_first", "reclaim_first", "drop"),
  row(101, "overflow", "overflow", "drop"),
];

Deno.test.each(ROWS)(
  "admit() decides by class when $rows of 100 rows would be used",
  ({ rows, expected }) => {
    const after = { rows, bytes: 0 };
    const bytes = { rows: 0, bytes: rows * 10 };
    for (const kind of ["fact", "snapshot", "telemetry"] as const) {
      assertEquals(admit(kind, after, LIMITS), expected[kind]);
      assertEquals(admit(kind, bytes, LIMITS), expected[kind]);
    }
  },
);
