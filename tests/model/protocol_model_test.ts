import { assert, assertEquals } from "@std/assert";
import { CASTS, NO_MISHAPS } from "./bounds.ts";
import { explore, tell } from "./explore.ts";
import type { Rules } from "./protocol_state.ts";

const NONE: Rules["faults"] = new Set();

Deno.test.each(
  CASTS.flatMap(({ name, releases, short }) =>
    short.map((mishaps) => ({
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
