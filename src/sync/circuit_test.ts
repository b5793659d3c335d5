import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type CircuitFacts,
  circuitWaitMs,
  decideCircuit,
  parseRetryAfter,
  RETRY_AFTER_CAP_MS,
} from "./circuit.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const IN_BACKGROUND = false;
const ASKED = true;
const MAX_WAIT_MS = 300_000;

Deno.test.each([
  { value: undefined, ms: undefined },
  { value: "", ms: undefined },
  { value: "0", ms: 0 },
  { value: "120", ms: 120_000 },
  { value: "  7 ", ms: 7000 },
  { value: "999999999", ms: 999_999_999_000 },
  { value: "9999999999", ms: undefined },
  { value: "-5", ms: undefined },
  { value: "1.5", ms: undefined },
  { value: "1e3", ms: undefined },
  { value: "soon", ms: undefined },
  { value: "Fri, 02 Jan 2026 03:04:35 GMT", ms: 30_000 },
  { value: "Fri, 02 Jan 2026 03:04:05 GMT", ms: 0 },
  { value: "Fri, 02 Jan 2026 03:00:00 GMT", ms: 0 },
  { value: "Fri, 99 Jan 2026 03:00:00 GMT", ms: undefined },
  { value: "2026-01-02T03:04:35Z", ms: undefined },
  { value: "2026", ms: 2_026_000 },
])("parseRetryAfter() reads $value as $ms ms", ({ value, ms }) => {
  assertEquals(parseRetryAfter(value, NOW), ms);
});

Deno.test("parseRetryAfter() reads a date as it is, however far off", () => {
  const year = "Sat, 02 Jan 2027 03:04:05 GMT";
  assertEquals(parseRetryAfter(year, NOW), 365 * 24 * 3_600_000);
});

Deno.test.each([
  { failures: 1, spanMs: 1000 },
  { failures: 2, spanMs: 2000 },
  { failures: 5, spanMs: 16_000 },
  { failures: 9, spanMs: 256_000 },
  { failures: 10, spanMs: MAX_WAIT_MS },
  { failures: 5000, spanMs: MAX_WAIT_MS },
])("circuitWaitMs() spans $spanMs ms after $failures failures", (row) => {
  const { failures, spanMs } = row;
  assertEquals(circuitWaitMs(failures, 0), 0);
  assertEquals(circuitWaitMs(failures, 0.5), spanMs / 2);
  assertEquals(circuitWaitMs(failures, 1), spanMs);
});

Deno.test.each([
  { asked: 0, waitMs: 500 },
  { asked: 400, waitMs: 500 },
  { asked: 60_000, waitMs: 60_000 },
  { asked: RETRY_AFTER_CAP_MS, waitMs: RETRY_AFTER_CAP_MS },
  { asked: 10 * RETRY_AFTER_CAP_MS, waitMs: RETRY_AFTER_CAP_MS },
  { asked: -1, waitMs: 500 },
])(
  "circuitWaitMs() waits $waitMs ms for a server that asks for $asked",
  (row) => {
    assertEquals(circuitWaitMs(1, 0.5, row.asked), row.waitMs);
  },
);

Deno.test("circuitWaitMs() never leaves its bounds", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: -1, max: 10 * RETRY_AFTER_CAP_MS }),
    (failures, fraction, asked) => {
      const waitMs = circuitWaitMs(failures, fraction, asked);
      assert(Number.isSafeInteger(waitMs));
      assert(waitMs >= Math.min(Math.max(0, asked), RETRY_AFTER_CAP_MS));
      assert(waitMs <= Math.max(MAX_WAIT_MS, Math.min(asked, 3_600_000)));
    },
  ));
});

const CLOSED: CircuitFacts = {
  circuit: "closed",
  "next_attempt_at": 0,
  "last_error_code": null,
};
const OPEN: CircuitFacts = {
  circuit: "open",
  "next_attempt_at": NOW + 1000,
  "last_error_code": "transport",
};
const THROTTLED = { ...OPEN, "last_error_code": "throttled" };
const SET_BACK = NOW + RETRY_AFTER_CAP_MS + 1;

Deno.test.each([
  { name: "closed", facts: CLOSED, background: "closed", asked: "closed" },
  {
    name: "closed, whatever time it names",
    facts: { ...CLOSED, "next_attempt_at": NOW + 1000 },
    background: "closed",
    asked: "closed",
  },
  { name: "open", facts: OPEN, background: "open", asked: "probe" },
  { name: "throttled", facts: THROTTLED, background: "open", asked: "open" },
  {
    name: "due",
    facts: { ...OPEN, "next_attempt_at": NOW },
    background: "probe",
    asked: "probe",
  },
  {
    name: "throttled and due",
    facts: { ...THROTTLED, "next_attempt_at": NOW },
    background: "probe",
    asked: "probe",
  },
  {
    name: "throttled for the longest time",
    facts: { ...THROTTLED, "next_attempt_at": SET_BACK - 1 },
    background: "open",
    asked: "open",
  },
  {
    name: "open from before the clock was set back",
    facts: { ...THROTTLED, "next_attempt_at": SET_BACK },
    background: "probe",
    asked: "probe",
  },
])(
  "decideCircuit() of one that is $name: $background, asked: $asked",
  (row) => {
    const { facts, background, asked } = row;
    assertEquals<string>(decideCircuit(facts, NOW, IN_BACKGROUND), background);
    assertEquals<string>(decideCircuit(facts, NOW, ASKED), asked);
  },
);
