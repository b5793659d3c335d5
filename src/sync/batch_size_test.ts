import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  allowedSize,
  type BatchSize,
  chooseSize,
  grow,
  GROW_AFTER,
  shrink,
  type SizeFacts,
  type SizeHints,
} from "./batch_size.ts";

const OWN: BatchSize = { maxEvents: 1000, maxBytes: 200_000 };
const NOTHING: SizeFacts = {
  "server_max_events": null,
  "server_max_bytes": null,
  "hint_events": null,
  "hint_bytes": null,
};

Deno.test.each([
  { name: "nothing", facts: {}, events: 1000, bytes: 200_000 },
  {
    name: "larger limits",
    facts: { "server_max_events": 5000, "server_max_bytes": 900_000 },
    events: 1000,
    bytes: 200_000,
  },
  {
    name: "fewer events",
    facts: { "server_max_events": 10 },
    events: 10,
    bytes: 200_000,
  },
  {
    name: "fewer bytes, of which a tenth is left free",
    facts: { "server_max_bytes": 100_001 },
    events: 1000,
    bytes: 90_000,
  },
  {
    name: "no event at all",
    facts: { "server_max_events": 0 },
    events: 1,
    bytes: 200_000,
  },
])("allowedSize() with a server that says $name", (row) => {
  const { facts, events: maxEvents, bytes: maxBytes } = row;
  const size = allowedSize({ ...NOTHING, ...facts }, OWN);
  assertEquals(size, { maxEvents, maxBytes });
});

Deno.test.each([
  { name: "no limit", hints: {}, events: 10, bytes: 200_000 },
  {
    name: "a smaller limit",
    hints: { "hint_events": 3, "hint_bytes": 500 },
    events: 3,
    bytes: 500,
  },
  {
    name: "a larger limit than is allowed",
    hints: { "hint_events": 300, "hint_bytes": 500_000 },
    events: 10,
    bytes: 200_000,
  },
])("chooseSize() after $name was learned", (row) => {
  const { hints, events: maxEvents, bytes: maxBytes } = row;
  const facts = { ...NOTHING, "server_max_events": 10, ...hints };
  assertEquals(chooseSize(facts, OWN), { maxEvents, maxBytes });
});

Deno.test.each([
  { events: 1000, bytes: 9001, to: [500, 4500] },
  { events: 3, bytes: 3, to: [1, 1] },
  { events: 1, bytes: 1, to: [1, 1] },
])("shrink() halves $events events and $bytes bytes", (row) => {
  const { events, bytes, to } = row;
  const hints = shrink(events, bytes);
  assertEquals<unknown>([hints.hint_events, hints.hint_bytes], to);
  assertEquals(hints.clean_batches, 0);
});

function learned(hints: SizeHints): SizeFacts & SizeHints {
  return { ...NOTHING, "server_max_events": 100, ...hints };
}

Deno.test("grow() keeps a limit until three clean batches in a row", () => {
  let hints = shrink(20, 2000);
  for (let clean = 1; clean < GROW_AFTER; clean++) {
    hints = grow(learned(hints), OWN);
    assertEquals(hints, {
      "hint_events": 10,
      "hint_bytes": 1000,
      "clean_batches": clean,
    });
  }
  hints = grow(learned(hints), OWN);
  assertEquals(hints, {
    "hint_events": 20,
    "hint_bytes": 2000,
    "clean_batches": 0,
  });
});

Deno.test("grow() forgets a limit that allows all that is allowed", () => {
  const hints = {
    "hint_events": 50,
    "hint_bytes": 100_000,
    "clean_batches": 2,
  };
  const forgotten = {
    "hint_events": null,
    "hint_bytes": null,
    "clean_batches": 0,
  };
  assertEquals(grow(learned(hints), OWN), forgotten);
  assertEquals(grow(learned(forgotten), OWN), forgotten);
  // One of the two is not back yet.
  const narrow = grow(learned({ ...hints, "hint_bytes": 99_999 }), OWN);
  assertEquals([narrow.hint_events, narrow.hint_bytes], [100, 199_998]);
});

Deno.test("chooseSize() always allows an event, and never more than asked", () => {
  const amount = fc.option(fc.integer({ min: 0, max: 10_000 }));
  fc.assert(fc.property(
    amount,
    amount,
    fc.integer({ min: 1, max: 5000 }),
    fc.integer({ min: 1, max: 500_000 }),
    fc.nat({ max: 30 }),
    (serverEvents, serverBytes, events, bytes, clean) => {
      const facts = {
        ...NOTHING,
        "server_max_events": serverEvents,
        "server_max_bytes": serverBytes,
      };
      let hints = shrink(events, bytes);
      for (let count = 0; count < clean; count++) {
        hints = grow({ ...facts, ...hints }, OWN);
      }
      const size = chooseSize({ ...facts, ...hints }, OWN);
      const allowed = allowedSize(facts, OWN);
      assert(size.maxEvents >= 1 && size.maxEvents <= allowed.maxEvents);
      assert(size.maxBytes <= allowed.maxBytes);
    },
  ));
});

Deno.test.each([
  { name: "only bytes", hints: { "hint_events": null, "hint_bytes": 50 } },
  { name: "only events", hints: { "hint_events": 5, "hint_bytes": null } },
])("grow() forgets half a limit: $name", ({ hints }) => {
  const before = { ...hints, "clean_batches": 0 };
  assertEquals(grow(learned(before), OWN), {
    "hint_events": null,
    "hint_bytes": null,
    "clean_batches": 0,
  });
});

Deno.test("grow() keeps a limit whose events are not back yet", () => {
  const hints = { "hint_events": 49, "hint_bytes": 100_000 };
  const next = grow(learned({ ...hints, "clean_batches": 2 }), OWN);
  assertEquals([next.hint_events, next.hint_bytes], [98, 200_000]);
});
