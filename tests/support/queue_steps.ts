/**
 * Random steps of stories about a queue.
 *
 * @module
 */

import fc from "fast-check";
import type { Verdict } from "../../src/queue/settle.ts";

/** What a program says. */
export interface Said {
  readonly type: "TaskCreated" | "TaskChanged" | "TaskSeen" | "TaskTimed";
  readonly task: string;
  readonly n: number;
  readonly size: number;
  readonly isWrong: boolean;
  /** Says again what was said under an id before, changed or not. */
  readonly again: number | undefined;
}

/** What is in the way of an emission. */
export type Trouble = "busy" | "disk_full" | "busy_and_disk_full";

/** Something that happens to a queue. */
export type Step =
  | {
    readonly kind: "emit";
    readonly said: readonly Said[];
    readonly trouble: Trouble | undefined;
  }
  | {
    readonly kind: "claim";
    readonly maxEvents: number;
    readonly maxBytes: number;
  }
  | { readonly kind: "settle"; readonly verdicts: readonly Verdict[] }
  | {
    readonly kind: "pass";
    readonly maxEvents: number;
    readonly verdicts: readonly Verdict[];
  }
  | { readonly kind: "requeue"; readonly isAsked: boolean }
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "consent"; readonly what: "in" | "out" }
  | { readonly kind: "release" | "reclaim"; readonly limit: number }
  | { readonly kind: "import"; readonly crashes: boolean }
  | { readonly kind: "lose_lease" }
  | { readonly kind: "reopen" };

/** Five times out of six nothing. */
function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, arbitrary);
}

const said: fc.Arbitrary<Said> = fc.record({
  type: fc.constantFrom("TaskCreated", "TaskChanged", "TaskSeen", "TaskTimed"),
  task: fc.constantFrom("a", "b", "c"),
  n: fc.nat({ max: 1 }),
  size: fc.nat({ max: 600 }),
  isWrong: fc.nat({ max: 19 }).map((n) => n === 0),
  again: rarely(fc.nat({ max: 30 })),
});

const verdict: fc.Arbitrary<Verdict> = fc.constantFrom<Verdict>(
  { kind: "delivered" },
  { kind: "delivered" },
  { kind: "duplicate" },
  { kind: "pending" },
  { kind: "ambiguous" },
  { kind: "retry", reason: "schema_mismatch" },
  { kind: "parked", reason: "not_admitted" },
  { kind: "dead", reason: "refused" },
  { kind: "unsent" },
);

const claim = fc.record({
  kind: fc.constant("claim" as const),
  maxEvents: fc.integer({ min: 1, max: 6 }),
  maxBytes: fc.integer({ min: 700, max: 5000 }),
});

const settle = fc.record({
  kind: fc.constant("settle" as const),
  verdicts: fc.array(verdict, { minLength: 1, maxLength: 4 }),
});

const pass = fc.record({
  kind: fc.constant("pass" as const),
  maxEvents: fc.integer({ min: 1, max: 6 }),
  verdicts: fc.array(verdict, { minLength: 1, maxLength: 4 }),
});

const emit = fc.record({
  kind: fc.constant("emit" as const),
  said: fc.array(said, { minLength: 1, maxLength: 3 }),
  trouble: rarely(
    fc.constantFrom<Trouble>("busy", "busy", "disk_full", "busy_and_disk_full"),
  ),
});

/** Any step, the usual ones more often. */
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: emit },
  { weight: 6, arbitrary: pass },
  { weight: 3, arbitrary: claim },
  { weight: 2, arbitrary: settle },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("consent" as const),
      what: fc.constantFrom<"in" | "out">("in", "in", "in", "out"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("release" as const, "reclaim" as const),
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  },
  fc.record({ kind: fc.constant("requeue" as const), isAsked: fc.boolean() }),
  fc.record({
    kind: fc.constant("wait" as const),
    seconds: fc.constantFrom(1, 30, 60, 600, 3600),
  }),
  fc.record({ kind: fc.constant("import" as const), crashes: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom("lose_lease" as const, "reopen" as const),
  }),
);

const some = { minLength: 1, maxLength: 60, size: "max" } as const;

/** Any story; most begin with a person's consent. */
export const stories: fc.Arbitrary<readonly Step[]> = fc.oneof(
  fc.array(steps, some),
  {
    weight: 3,
    arbitrary: fc.array(steps, some).map((rest): readonly Step[] => [
      { kind: "consent", what: "in" },
      ...rest,
    ]),
  },
);
