import { assert, assertEquals } from "@std/assert";
import { NO_MISHAPS, RELEASES, SEEDED, SHORT } from "./bounds.ts";
import { explore, tell } from "./explore.ts";
import type { Rules } from "./protocol_state.ts";

const NONE: Rules["faults"] = new Set();
const { "two versions": versions = [] } = RELEASES;

Deno.test.each(
  Object.entries(RELEASES).flatMap(([name, releases]) =>
    SHORT.map((mishaps) => ({
      text: `${name}, ${Object.entries(mishaps).join(" ") || "no mishap"}`,
      releases,
      budget: { ...NO_MISHAPS, ...mishaps },
    }))
  ),
)("one daemon, and no signal to a stranger: $text", ({ releases, budget }) => {
  const found = explore({ releases, faults: NONE }, budget);
  assertEquals(tell(found), `no fault in ${found.states} states`);
  assert(found.rests > 0);
});

Deno.test.each(SEEDED)("the checker notices that $text", (row) => {
  const budget = { ...NO_MISHAPS, ...row.budget };
  const rules = { releases: versions, faults: new Set([row.fault]) };
  const found = explore(rules, budget);
  assertEquals(found.fault?.what, row.notices);
  assert((found.fault?.story.length ?? 0) > 5);
});
