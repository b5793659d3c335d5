import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { splitAt, type SplitFacts } from "./split.ts";

/** `a+` creates in lane a, `a` changes it. */
function lane(text: string): readonly SplitFacts[] {
  return text.split(" ").map((word) => ({
    lane: word.slice(0, 1),
    orderRole: word.endsWith("+") ? "create" : "update",
  }));
}

Deno.test.each([
  { events: "a a", left: "a" },
  { events: "a a a", left: "a a" },
  { events: "a a a a", left: "a a" },
  { events: "a b+ b c", left: "a b+ b" },
  { events: "a b+ c b", left: "a b+" },
  { events: "a b+ a+ a", left: "a b+" },
  { events: "a+ a", left: "a+" },
  { events: "a+ a b", left: "a+ a" },
  { events: "c a+ a", left: "c" },
  { events: "a+ a+ a", left: "a+" },
  { events: "b a+ a+ a", left: "b" },
  { events: "a+ a+ a+ a", left: "a+" },
])("splitAt() cuts $events behind $left", ({ events, left }) => {
  const facts = lane(events);
  assertEquals(facts.slice(0, splitAt(facts)), lane(left));
});

Deno.test("splitAt() of fewer than two events cuts nothing off", () => {
  assertEquals(splitAt([]), 0);
  assertEquals(splitAt(lane("a+")), 1);
});

const event: fc.Arbitrary<SplitFacts> = fc.record({
  lane: fc.constantFrom("a", "b", "c"),
  orderRole: fc.constantFrom("create", "update", "none"),
});

function isTorn(events: readonly SplitFacts[], at: number): boolean {
  const [left, right] = [events[at - 1], events[at]];
  return left?.orderRole === "create" && left.lane === right?.lane;
}

Deno.test("splitAt() leaves both sides something, and nearly half", () => {
  fc.assert(fc.property(
    fc.array(event, { minLength: 2, maxLength: 40 }),
    (events) => {
      const at = splitAt(events);
      assert(at >= 1 && at <= events.length - 1);
      assert(Math.abs(at - events.length / 2) <= 1.5);
    },
  ));
});

Deno.test("splitAt() tears no creation from its change where it need not", () => {
  // Nothing is created twice, so one of two neighbours is always a way out.
  fc.assert(fc.property(
    fc.array(event, { minLength: 3, maxLength: 40 }),
    (events) => {
      const created = new Set<string>();
      const once = events.map((one) => {
        if (one.orderRole !== "create" || !created.has(one.lane)) {
          if (one.orderRole === "create") created.add(one.lane);
          return one;
        }
        return { ...one, orderRole: "update" };
      });
      assert(!isTorn(once, splitAt(once)));
    },
  ));
});
