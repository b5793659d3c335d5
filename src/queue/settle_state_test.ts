import { assertEquals } from "@std/assert";
import type { ClaimedEvent } from "./claim.ts";
import { stateAfter, type Verdict } from "./settle.ts";

const NOW = 1_000_000;

function event(changes: Partial<ClaimedEvent> = {}): ClaimedEvent {
  return {
    seq: 1,
    eventId: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    lane: "Task:t1",
    orderRole: "update",
    body: "{}",
    attempts: 0,
    ...changes,
  };
}

const open = { isOpen: 1, holds: 1, attempts: 0, error: null } as const;
const closed = {
  ...open,
  isOpen: 0,
  holds: 0,
  nextAt: null,
  reason: null,
} as const;

interface Row {
  readonly name: string;
  readonly verdict: Verdict;
  readonly of?: Partial<ClaimedEvent>;
  readonly is: ReturnType<typeof stateAfter>;
}

const ROWS: readonly Row[] = [
  {
    name: "delivered",
    verdict: { kind: "delivered" },
    is: { ...closed, state: "delivered" },
  },
  {
    name: "duplicate",
    verdict: { kind: "duplicate" },
    is: { ...closed, state: "duplicate" },
  },
  {
    name: "unsent",
    verdict: { kind: "unsent" },
    is: { ...open, holds: 0, state: "ready", nextAt: null, reason: null },
  },
  {
    name: "pending",
    verdict: { kind: "pending" },
    is: {
      ...open,
      state: "pending_remote",
      nextAt: NOW + 60_000,
      reason: "pending",
    },
  },
  {
    name: "ambiguous",
    verdict: { kind: "ambiguous", error: "e" },
    is: {
      ...open,
      state: "retry",
      nextAt: NOW + 30_000,
      reason: "ambiguous",
      error: "e",
    },
  },
  {
    name: "parked",
    verdict: { kind: "parked", reason: "forbidden" },
    is: {
      ...open,
      state: "parked",
      nextAt: NOW + 600_000,
      reason: "forbidden",
    },
  },
  {
    name: "a first refusal",
    verdict: { kind: "retry", reason: "unknown", error: "e" },
    is: {
      ...open,
      state: "retry",
      attempts: 1,
      nextAt: NOW + 30_000,
      reason: "unknown",
      error: "e",
    },
  },
  {
    name: "a fourth refusal",
    verdict: { kind: "retry", reason: "unknown" },
    of: { attempts: 3 },
    is: {
      ...open,
      state: "retry",
      attempts: 4,
      nextAt: NOW + 3_600_000,
      reason: "unknown",
    },
  },
  {
    name: "a fifth refusal",
    verdict: { kind: "retry", reason: "unknown" },
    of: { attempts: 4 },
    is: {
      ...open,
      holds: 0,
      state: "dead",
      attempts: 5,
      nextAt: null,
      reason: "unknown",
    },
  },
  {
    name: "a fifth refusal of a creation",
    verdict: { kind: "retry", reason: "unknown" },
    of: { attempts: 4, orderRole: "create" },
    is: {
      ...open,
      state: "dead",
      attempts: 5,
      nextAt: null,
      reason: "unknown",
    },
  },
  {
    name: "a permanent refusal",
    verdict: { kind: "dead", reason: "refused" },
    is: {
      ...open,
      holds: 0,
      state: "dead",
      attempts: 1,
      nextAt: null,
      reason: "refused",
    },
  },
  {
    name: "a permanent refusal of a creation",
    verdict: { kind: "dead", reason: "refused" },
    of: { orderRole: "create" },
    is: {
      ...open,
      state: "dead",
      attempts: 1,
      nextAt: null,
      reason: "refused",
    },
  },
  {
    name: "a permanent refusal of what has no order",
    verdict: { kind: "dead", reason: "refused" },
    of: { orderRole: "none" },
    is: {
      ...open,
      holds: 0,
      state: "dead",
      attempts: 1,
      nextAt: null,
      reason: "refused",
    },
  },
];

Deno.test.each(ROWS)(
  "stateAfter() knows the state after $name",
  ({ verdict, of, is }) => {
    assertEquals(stateAfter({ event: event(of), verdict }, NOW), is);
  },
);

Deno.test.each<{ verdict: Verdict }>([
  { verdict: { kind: "unsent" } },
  { verdict: { kind: "pending" } },
  { verdict: { kind: "ambiguous" } },
  { verdict: { kind: "parked", reason: "forbidden" } },
  { verdict: { kind: "delivered" } },
])("stateAfter() counts no attempt for $verdict.kind", ({ verdict }) => {
  const after = stateAfter({ event: event({ attempts: 4 }), verdict }, NOW);
  assertEquals(after.attempts, 4);
});

Deno.test("stateAfter() keeps 2048 characters of what a server said", () => {
  const verdict = { kind: "ambiguous", error: "x".repeat(5000) } as const;
  assertEquals(
    stateAfter({ event: event(), verdict }, NOW).error?.length,
    2048,
  );
});
